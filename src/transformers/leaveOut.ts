import { own } from '../canonical/json.ts';
/** For each line, a plural description to use if it is left out; undefined for a line that is kept. */
export type Labels = (string | undefined)[];

/** Runs of fewer lines are left out only if they have at least `manyCharacters`. */
const fewLines = 3;
const manyCharacters = 500;

const singular: Record<string, string> = { lines: 'line', matches: 'match', files: 'file' };

/** Whether this module wrote the line. Such lines are kept, so that compressing twice changes nothing. */
export function isMark(line: string): boolean {
  return /^\[ccr: \d+ .* left out\]$/.test(line);
}

/** Replaces each run of labelled lines by one line that says how many were left out, and what. Never longer than the input. */
export function leaveOut(lines: readonly string[], labels: Labels): string[] {
  const kept: string[] = [];
  let start = 0;
  while (start < lines.length) {
    const label = labels[start];
    let end = start + 1;
    while (end < lines.length && labels[end] === label) end++;
    const run = lines.slice(start, end);
    kept.push(...(label === undefined ? run : marked(run, label)));
    start = end;
  }
  return kept;
}

function marked(run: string[], label: string): string[] {
  const length = run.reduce((sum, line) => sum + line.length + 1, 0);
  const what = run.length === 1 ? label.replace(/lines|matches|files/, (noun) => own(singular, noun) ?? noun) : label;
  const mark = `[ccr: ${run.length} ${what} left out]`;
  const isWorthIt = mark.length < length && (run.length >= fewLines || length >= manyCharacters);
  return isWorthIt ? [mark] : run;
}
