import type { Part } from '../canonical/request.ts';

/** Longer texts are compared as they are. Characters. */
const longestNormalized = 200_000;

/**
 * What differs between two runs of a program that did the same, each with what is compared instead. Clients add some of it
 * (Codex: `Chunk ID: b4d109`, `Wall time: 0.0512 seconds`, `Original token count: 19`), programs and test runners the rest.
 * What counts something, such as `3 of 9` or `waited 3 s`, stays: its change is progress.
 */
const volatile: readonly (readonly [RegExp, string])[] = [
  // 2026-11-26T17:35:47.122Z, 2026/11/26 17:35:47 +0100
  [/\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?/g, '<time>'],
  // Thu Nov 26 17:35:47 UTC 2026
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [\w ]{4,12} \d\d:\d\d:\d\d(?: [A-Z]{2,5})?(?: \d{4})?\b/g, '<time>'],
  // 17:35:47.122
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, '<time>'],
  // Seconds since 1970, also in milliseconds and smaller
  [/\b1[5-9]\d{8}(?:\d{3}){0,3}(?:\.\d+)?\b/g, '<time>'],
  // "duration_seconds": 0.1, Wall time: 12.3 seconds, elapsed=4
  [/((?:duration|elapsed|wall[ _]?time)\w{0,20}["']?\s{0,3}[:=]?\s{0,3})\d+(?:\.\d+)?/gi, '$1<duration>'],
  // 1m 2.3s, 0m0.012s, 12 ms, 0.51 seconds
  [/\b(?:\d+ ?m ?)?\d+\.\d+ ?(?:s|secs?|seconds?|m|mins?|minutes?)\b/g, '<duration>'],
  [/\b\d+(?:\.\d+)? ?(?:ms|msecs?|milliseconds?|[uµn]s)\b/g, '<duration>'],
  // Time: 2 s, passed in 2 seconds, (2s)
  [/((?:\btime:|\bin|\btook|\bafter)\s{1,10}|\()\d+ ?(?:s|secs?|seconds?|m|mins?|minutes?)\b/gi, '$1<duration>'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/\b((?:chunk|session|cell|process|request|trace)[ _-]?id["']?[:=]?\s{0,3}["']?)[\w-]+/gi, '$1<id>'],
  [/\b(pid["']?[:= ]\s{0,3})\d+/gi, '$1<id>'],
  [/\b0x[\da-f]{6,16}\b/gi, '<address>'],
  [/(original token count: )\d+/gi, '$1<count>'],
  // Below the folder for temporary files: the name that was made for this run
  [/((?:\/(?:private\/)?(?:var\/)?tmp|\/var\/folders\/\w+\/\w+\/T|\\Temp)[\\/])[^\s\\/'"`:,;)\]}]+/g, '$1<name>'],
];

/** A process that goes on, as Codex names it. */
const running = /running with (?:session|cell) ID (\S+)/i;
/** A task that goes on, as Claude Code names it. */
const isUnfinished = /<status>\s*(?:running|pending)\s*<\/status>/;

/**
 * Compares results of tools. Two results are the same if they differ only in what is new in each run: ids, times, durations, names of
 * temporary files. Waiting for the same process is no repetition. Only texts are compared: a result with a picture counts as
 * new. One for each request: it remembers the texts.
 */
export function createResultComparison(): (a: readonly Part[], b: readonly Part[]) => boolean {
  const known = new Map<string, string>();

  function normalized(text: string): string {
    if (text.length > longestNormalized) return text;
    const found = known.get(text);
    if (found !== undefined) return found;
    const fixed = volatile.reduce((each, [pattern, instead]) => each.replaceAll(pattern, instead), text);
    // A program's output and errors arrive in no certain order.
    const made = fixed.split('\n').toSorted().join('\n');
    known.set(text, made);
    return made;
  }

  return (a, b) =>
    a.length === b.length &&
    a.every((part, index) => {
      const other = b[index];
      if (part.type !== 'text' || other?.type !== 'text' || isWaiting(part.text, other.text)) return false;
      return part.text === other.text || normalized(part.text) === normalized(other.text);
    });
}

/** Whether both results say that the same process still runs. */
function isWaiting(a: string, b: string): boolean {
  const process = running.exec(a)?.[1];
  return (process !== undefined && process === running.exec(b)?.[1]) || (isUnfinished.test(a) && isUnfinished.test(b));
}
