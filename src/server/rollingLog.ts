import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../gateway/clock.ts';
import { appendWhole } from './appendWhole.ts';

export type RollingLimits = {
  /** Of all its files. */
  maxBytes: number;
  /** Milliseconds. */
  maxAgeMs: number;
};

/**
 * The latest entries of a kind, in files of one process: each is written to until it is large or old, and removed as a whole. Nothing is
 * ever written again, so that the newest entry costs as much as the first. A process that is killed leaves at most one line that is not
 * whole, at the end.
 */
export type RollingLog = {
  /** What earlier processes left, oldest first. */
  entries: unknown[];
  /** `atMs`: when it came, if that was not now. Unix time. */
  append(entry: unknown, atMs?: number): void;
  flush(): void;
  /** Without writing. */
  close(): void;
};

/** A limit is kept to this part of it. */
const parts = 8;

/** The files are `NAME-NUMBER.log`. The caller has locked the folder. @throws what node:fs throws */
export function openRollingLog(folder: string, name: string, limits: RollingLimits, clock: Clock): RollingLog {
  /** When the last entry of each file came. Unix time in ms. */
  const newest = new Map<number, number>();
  const found = numbers().map((of) => [of, readEntries(fileOf(of))] as const);
  for (const [of, entries] of found) newest.set(of, entries.at(-1)?.[0] ?? 0);
  removeOld();
  const isYoung = ([atMs]: Entry): boolean => atMs > clock.now() - limits.maxAgeMs;
  const last = found.findLast(([of]) => newest.has(of));
  let number = last?.[0] ?? 0;
  let file = openSync(fileOf(number), 'a', 0o600);
  let size = statSync(fileOf(number)).size;
  let sinceMs = last?.[1][0]?.[0] ?? clock.now();
  let waiting = '';
  let cancel = scheduleRemoval();

  function fileOf(of: number): string {
    return path.join(folder, `${name}-${of}.log`);
  }

  /** In their order. */
  function numbers(): number[] {
    const pattern = new RegExp(`^${name}-(\\d{1,15})\\.log$`);
    const found = readdirSync(folder).flatMap((each) => pattern.exec(each)?.[1] ?? []);
    return found.map(Number).toSorted((a, b) => a - b);
  }

  function removeOld(): void {
    let bytes = 0;
    for (const of of numbers().toReversed()) {
      bytes += statSync(fileOf(of)).size;
      const isOld = (newest.get(of) ?? 0) <= clock.now() - limits.maxAgeMs;
      if (!isOld && bytes <= limits.maxBytes) continue;
      rmSync(fileOf(of), { force: true });
      newest.delete(of);
    }
  }

  function scheduleRemoval(): () => void {
    return clock.after(limits.maxAgeMs / parts, () => {
      cancel = scheduleRemoval();
      if (size > 0) beginNext();
    });
  }

  function beginNext(): void {
    // First the next one: if there can't be any, this one is still ours, and is closed once.
    const next = openSync(fileOf(number + 1), 'a', 0o600);
    closeSync(file);
    file = next;
    number++;
    size = 0;
    sinceMs = clock.now();
    newest.set(number, sinceMs);
    removeOld();
  }

  return {
    entries: found.flatMap(([, entries]) => entries.filter(isYoung).map(([, entry]) => entry)),
    append: (entry, atMs = clock.now()) => void (waiting += `${JSON.stringify([atMs, entry])}\n`),
    flush() {
      if (waiting === '') return;
      if (size > limits.maxBytes / parts || clock.now() - sinceMs > limits.maxAgeMs / parts) beginNext();
      const text = waiting;
      waiting = '';
      size += appendWhole(file, text, size);
      newest.set(number, clock.now());
    },
    close() {
      cancel();
      closeSync(file);
    },
  };
}

type Entry = [atMs: number, entry: unknown];

/** The whole lines of a file, from which the rest is cut off. A line that is damaged is left out. */
function readEntries(file: string): Entry[] {
  const bytes = readFileSync(file);
  const length = bytes.lastIndexOf('\n') + 1;
  if (length < bytes.length) truncateSync(file, length);
  const lines = bytes.subarray(0, length).toString().split('\n');
  return lines.flatMap((line): Entry[] => {
    try {
      const [atMs, entry] = JSON.parse(line) as unknown[];
      return typeof atMs === 'number' ? [[atMs, entry]] : [];
    } catch {
      return [];
    }
  });
}
