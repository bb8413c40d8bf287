import { isMark, type Labels } from './leaveOut.ts';

/** Generated files, which are not edited by hand. */
const generated =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|Gemfile\.lock|composer\.lock|packages\.lock\.json|flake\.lock|go\.sum)$|\.min\.(?:js|css)$|\.(?:js|css)\.map$/;

/** A longer line is generated. Characters. */
const longestLine = 2000;

/** Labels changed lines in generated files, and minified lines. The rest of the diff is kept. */
export function labelDiff(lines: readonly string[]): Labels {
  let file = '';
  let inChanges = false;
  return lines.map((line) => {
    const [, name] = (line.length <= longestLine && /^diff --git .* "?b\/(.*?)"?$/.exec(line)) || [];
    if (name !== undefined) {
      file = name;
      inChanges = false;
    }
    // In a log, the header of the next commit follows.
    if (/^commit [\da-f]{7,}/.test(line)) inChanges = false;
    if (line.startsWith('@@')) inChanges = true;
    if (!inChanges || isMark(line)) return undefined;
    if (generated.test(file)) return `changed lines of ${file}`;
    return line.length > longestLine ? 'minified lines' : undefined;
  });
}

const newestLogLines = 150;

/** Keeps the newest lines of a log. A log with diffs is kept whole here; labelDiff handles it. */
export function labelLog(lines: readonly string[]): Labels {
  if (lines.some((line) => line.startsWith('diff --git '))) return lines.map(() => undefined);
  return lines.map((line, index) => (index < newestLogLines || isMark(line) ? undefined : 'lines of the older log'));
}

const firstUntracked = 40;

export function labelStatus(lines: readonly string[]): Labels {
  let section = '';
  let count = 0;
  return lines.map((line) => {
    if (/^\w.*:$/.test(line)) section = line;
    const isUntracked = line.startsWith('?? ') || (section === 'Untracked files:' && line.startsWith('\t'));
    if (!isUntracked) return undefined;
    count++;
    return count > firstUntracked ? 'further untracked files' : undefined;
  });
}
