import { isMark, type Labels } from './leaveOut.ts';

/** Matches kept per file. */
const firstMatches = 20;
/** Longer lines come from files that were not written by hand. Characters. */
const longestLine = 2000;
const longestName = 300;

/** Keeps the first matches of every file. Output without file names, as for a single file, is kept whole. */
export function labelMatches(lines: readonly string[]): Labels {
  const counts = new Map<string, number>();
  return lines.map((line) => {
    if (isMark(line)) return undefined;
    const file = fileOf(line.slice(0, longestName));
    if (file === undefined) return undefined;
    const count = (counts.get(file) ?? 0) + 1;
    counts.set(file, count);
    if (count > firstMatches) return `further matches in ${file}`;
    return line.length > longestLine ? `very long matches in ${file}` : undefined;
  });
}

/** Reads `src/a.ts:12: text`, or `src/a.ts:text` if the part before the colon looks like a file name. */
function fileOf(line: string): string | undefined {
  const [, numbered] = /^([^\s:][^:]*):\d+:/.exec(line) ?? [];
  if (numbered !== undefined) return numbered;
  const [, word] = /^([^\s:]+):/.exec(line) ?? [];
  return word !== undefined && /[./]/.test(word) ? word : undefined;
}
