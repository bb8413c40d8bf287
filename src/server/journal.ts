import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../canonical/json.ts';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import type { Clock } from '../gateway/clock.ts';
import { appendWhole } from './appendWhole.ts';
import { lockFolder, type FolderLock } from './folderLock.ts';
import { openRollingLog, type RollingLimits, type RollingLog } from './rollingLog.ts';

/** What an earlier process left: the newest snapshot, the entries after it, and the lists. */
export type JournalContent = {
  snapshot: unknown;
  /** There is a snapshot, but it can't be read. */
  isDamaged: boolean;
  entries: unknown[];
  lists: Record<string, unknown[]>;
};

/**
 * A snapshot and a log of what happened since, in a folder that one process writes to. Entries are written together, a moment after
 * they came, and never in the way of a request. Whenever the process ends, the files can be read: at most the entries of the last
 * moment are missing.
 */
export type Journal = {
  content: JournalContent;
  append(entry: unknown): void;
  /** Adds what came at `atMs` (Unix time) to one of the lists, which no snapshot replaces. */
  list(name: string, entry: unknown, atMs: number): void;
  /** Bytes of the log. */
  size(): number;
  /** Replaces the snapshot, and begins a new log. */
  compact(snapshot: unknown): void;
  flush(): void;
  close(): void;
  /** Frees the folder without writing. */
  abandon(): void;
};

/** `lists`: entries that are kept as they are, by name. @throws FolderInUse, or what node:fs throws. */
export function openJournal(folder: string, clock: Clock, lists: Record<string, RollingLimits> = {}): Journal {
  makePrivateFolder(path.dirname(folder));
  mkdirSync(folder, { recursive: true });
  makePrivateFolder(folder);
  const lock = lockFolder(folder, clock);
  try {
    const logs = Object.entries(lists).map(
      ([name, limits]) => [name, openRollingLog(folder, name, limits, clock)] as const,
    );
    return openLocked(folder, lock, new Map(logs));
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openLocked(folder: string, lock: FolderLock, lists: ReadonlyMap<string, RollingLog>): Journal {
  const found = readFolder(folder);
  let { generation } = found;
  let log = openLog(folder, generation, found.logBytes);
  let size = found.logBytes;
  let waiting = '';

  function abandon(): void {
    closeSync(log);
    for (const list of lists.values()) list.close();
    lock.release();
  }

  function requireLock(): void {
    if (!lock.isHeld()) throw new Error(`Another gateway writes to ${folder} now.`);
  }

  function flush(): void {
    requireLock();
    for (const list of lists.values()) list.flush();
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    size += appendWhole(log, text, size);
  }

  const listed = [...lists].map(([name, { entries }]) => [name, entries]);
  return {
    content: { ...found.content, lists: Object.fromEntries(listed) as JournalContent['lists'] },
    list: (name, entry, atMs) => lists.get(name)?.append(entry, atMs),
    append: (entry) => void (waiting += `${JSON.stringify(entry)}\n`),
    size: () => size + waiting.length,
    compact(snapshot) {
      requireLock();
      for (const list of lists.values()) list.flush();
      // First the whole snapshot, then the new log: a process that ends in between leaves a snapshot without a log.
      const next = generation + 1;
      writeFileAtomically(fileOf(folder, next, 'json'), JSON.stringify(snapshot), { mode: 0o600 });
      const opened = openLog(folder, next, 0);
      closeSync(log);
      log = opened;
      waiting = '';
      size = 0;
      removeOlder(folder, next);
      generation = next;
    },
    flush,
    close() {
      flush();
      abandon();
    },
    abandon,
  };
}

type Kind = 'json' | 'log';

function fileOf(folder: string, generation: number, kind: Kind): string {
  return path.join(folder, `figures-${generation}.${kind}`);
}

/** Opened where its last whole line ends. */
function openLog(folder: string, generation: number, length: number): number {
  const file = fileOf(folder, generation, 'log');
  if (length === 0) rmSync(file, { force: true });
  else {
    const whole = readFileSync(file).subarray(0, length);
    writeFileSync(file, whole, { mode: 0o600 });
  }
  return openSync(file, 'a', 0o600);
}

function generationsIn(folder: string, kind: Kind): number[] {
  const found = readdirSync(folder).map((name) => new RegExp(`^figures-(\\d{1,15})\\.${kind}$`).exec(name)?.[1]);
  return found.flatMap((number) => (number === undefined ? [] : [Number(number)])).toSorted((a, b) => b - a);
}

function removeOlder(folder: string, generation: number): void {
  for (const kind of ['json', 'log'] as const)
    for (const old of generationsIn(folder, kind))
      if (old < generation) rmSync(fileOf(folder, old, kind), { force: true });
}

function readFolder(folder: string): { generation: number; content: Omit<JournalContent, 'lists'>; logBytes: number } {
  const [newest = 0] = generationsIn(folder, 'json');
  const snapshot = newest === 0 ? undefined : readSnapshot(fileOf(folder, newest, 'json'));
  const isDamaged = newest !== 0 && snapshot === undefined;
  const { entries, bytes } = readLog(fileOf(folder, newest, 'log'));
  removeOlder(folder, newest);
  return { generation: newest, content: { snapshot, isDamaged, entries }, logBytes: bytes };
}

function readSnapshot(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The entries of whole lines: the process may have ended while it wrote the last one. A line that is damaged is left out. */
function readLog(file: string): { entries: unknown[]; bytes: number } {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return { entries: [], bytes: 0 };
  }
  // Not from the text: decoding makes an invalid byte three.
  const bytes = content.lastIndexOf('\n') + 1;
  const entries = content.toString('utf8', 0, bytes).split('\n').map(parseJson);
  return { entries: entries.filter((entry) => entry !== undefined), bytes };
}
