import path from 'node:path';
import * as z from 'zod';
import { messageOf } from '../canonical/errors.ts';
import { configFolder } from '../config/files.ts';
import type { Clock } from '../gateway/clock.ts';
import { createFigures, type Figures, type FiguresSnapshot } from '../observe/figures.ts';
import type { Log } from '../observe/log.ts';
import { countLater, createCountedFigures, type Entry } from './countedFigures.ts';
import { FolderInUse } from './folderLock.ts';
import { openJournal, type Journal, type JournalContent } from './journal.ts';
import type { RollingLimits } from './rollingLog.ts';
import { createUnwritten, type Unwritten } from './unwritten.ts';

/**
 * Another part whose state is kept with the figures. `restore` gets what `snapshot` gave, from a file, and `repeat` what was noted after
 * that, with its Unix time in ms.
 */
export type Kept = {
  snapshot(): unknown;
  restore(snapshot: unknown): void;
  repeat?(values: unknown[], atMs: number): void;
};

/** The latest entries of a kind, which are kept as they are. `restore` gets those of earlier processes, oldest first. */
export type KeptList = RollingLimits & { restore(entries: unknown[]): void };

export type KeptFigures = {
  figures: Figures;
  /** Keeps a change of one of the other parts until its next snapshot. */
  note(part: string, ...values: unknown[]): void;
  /** Adds to one of the lists. */
  list(name: string, entry: unknown): void;
  /** Writes all there is and frees the folder. */
  close(): void;
};

type KeptFiguresParts = {
  mode: 'none' | 'file' | 'redis';
  homeDirectory: string;
  clock: Clock;
  log: Log;
  others: Record<string, Kept>;
  lists?: Record<string, KeptList>;
};

/** How long an entry may wait before it is written. Milliseconds. */
const writeAfterMs = 250;

/** The log is replaced by a snapshot when it is longer. Bytes. */
const maxLogBytes = 4 * 1024 * 1024;

/** How often to try for the folder while another gateway has it. Milliseconds. */
const retryMs = 1_000;

/** A gateway that was replaced has ended by then; another one that goes on is worth a warning. */
const patientTries = 15;

/** What is counted while another gateway has the folder is kept up to this many entries, some minutes of heavy use. */
const maxUnsaved = 100_000;

const entrySchema = z.tuple([z.number(), z.string()], z.unknown());
const snapshotSchema = z.looseObject({
  version: z.literal(1),
  figures: z.custom<FiguresSnapshot>(),
  others: z.record(z.string(), z.unknown()),
});

/** What `Persistence.mode` `file` keeps. */
export function stateFolder(homeDirectory: string): string {
  return path.join(configFolder(homeDirectory), 'state');
}

/**
 * Figures that outlive the process if `Persistence.mode` is `file`. While another gateway has the files, which is usual when one
 * takes over from another, figures are counted in memory and join those of the files later. If the files can't be used at all,
 * figures stay in memory. The log says both.
 */
export function openKeptFigures(parts: KeptFiguresParts): KeptFigures {
  const { mode, homeDirectory, clock, log, others } = parts;
  if (mode !== 'file') return inMemory(createFigures(clock.now));
  const { figures, count } = createCountedFigures(clock);
  const folder = stateFolder(homeDirectory);
  const unwritten = createUnwritten(count);
  const store = createStore(parts, { folder, figures, unwritten, replay });

  function replay(entries: readonly Entry[]): void {
    try {
      for (const entry of entries) {
        const [atMs, name, ...values] = entry;
        if (!count(entry) && Object.hasOwn(others, name)) others[name]?.repeat?.(values, atMs);
      }
    } catch (thrown) {
      log.warn(`A part of the kept statistics can't be read and is left out: ${messageOf(thrown)}`);
    }
  }

  const noteAll = (name: string, values: unknown[]): void => store.append([clock.now(), name, ...values]);
  return {
    figures: countLater(figures, noteAll, unwritten.count),
    note: (part, ...values) => noteAll(part, values),
    list: store.list,
    close: store.close,
  };
}

function inMemory(figures: Figures): KeptFigures {
  return { figures, note: () => undefined, list: () => undefined, close: () => undefined };
}

type StoreParts = {
  folder: string;
  figures: Figures;
  unwritten: Unwritten;
  replay(entries: readonly Entry[]): void;
};

/** Writes entries to the journal, once this gateway has it. */
function createStore({ clock, log, others, lists = {} }: KeptFiguresParts, parts: StoreParts) {
  const { folder, figures, unwritten, replay } = parts;
  let journal: Journal | undefined;
  /** There will be no journal: the files can't be used, or another gateway has had them for too long. */
  let isAlone = false;
  let tries = 0;
  let cancel: (() => void) | undefined;

  function open(): void {
    cancel = undefined;
    try {
      journal = openJournal(folder, clock, lists);
    } catch (thrown) {
      const mayEnd = thrown instanceof FolderInUse;
      tries++;
      if (!mayEnd || tries === patientTries) log.warn(`Statistics are not kept over a restart: ${messageOf(thrown)}`);
      if (mayEnd) cancel = clock.after(retryMs, open);
      else isAlone = true;
      return;
    }
    join(journal.content, unwritten.entries(), { figures, others, lists, replay, log });
    scheduleWrite();
  }

  function scheduleWrite(): void {
    cancel ??= clock.after(writeAfterMs, write);
  }

  function write(): void {
    cancel = undefined;
    if (!journal) return;
    try {
      unwritten.giveTo(journal);
      if (journal.size() > maxLogBytes) journal.compact(snapshotOf(figures, others));
      else journal.flush();
    } catch (thrown) {
      giveUp(journal, `Statistics are no longer kept over a restart: ${messageOf(thrown)}`);
    }
  }

  function giveUp(broken: Journal, message: string): void {
    [journal, isAlone] = [undefined, true];
    log.warn(message);
    broken.abandon();
  }

  open();
  return {
    append(entry: Entry): void {
      unwritten.add(entry);
      if (journal) return scheduleWrite();
      unwritten.count();
      if (isAlone) return unwritten.drop();
      if (unwritten.entries().length <= maxUnsaved) return;
      unwritten.drop();
      isAlone = true;
      cancel?.();
      log.warn('Statistics are not kept over a restart: another gateway has had their files for too long.');
    },
    list(name: string, entry: unknown): void {
      unwritten.list([name, entry, clock.now()], journal !== undefined);
      if (journal) scheduleWrite();
    },
    close(): void {
      cancel?.();
      if (!journal && unwritten.entries().length > 0) open(); // the gateway before this one may have ended by now
      cancel?.();
      const closing = journal;
      if (!closing) return;
      try {
        unwritten.giveTo(closing);
        closing.compact(snapshotOf(figures, others));
        closing.close();
        [journal, isAlone] = [undefined, true]; // what comes from now on is not kept
      } catch (thrown) {
        giveUp(closing, `The last statistics are not kept: ${messageOf(thrown)}`);
      }
    },
  };
}

/** Nothing if the line is another value than an entry: it is left out, as one that is not JSON. */
function readEntry(line: unknown): Entry[] {
  const { data } = entrySchema.safeParse(line);
  return data ? [data] : [];
}

type Joined = Pick<StoreParts, 'figures' | 'replay'> & Required<Pick<KeptFiguresParts, 'others' | 'lists' | 'log'>>;

/** Takes over what the files have, and then what was counted before they could be read. */
function join(
  content: JournalContent,
  counted: readonly Entry[],
  { figures, others, lists, replay, log }: Joined,
): void {
  for (const [name, list] of Object.entries(lists)) list.restore(content.lists[name] ?? []);
  const current = Object.values(others).map((kept) => [kept, kept.snapshot()] as const);
  if (counted.length > 0) figures.clear();
  if (content.isDamaged)
    log.warn('The kept statistics are damaged: what was counted before their last snapshot is lost.');
  try {
    restore(content.snapshot, figures, others);
    replay(content.entries.flatMap(readEntry));
  } catch (thrown) {
    log.warn(`A part of the kept statistics can't be read and is left out: ${messageOf(thrown)}`);
  }
  if (counted.length === 0) return;
  // What was noted of the other parts is among the entries.
  for (const [kept, value] of current) if (!kept.repeat) kept.restore(value);
  replay(counted);
}

function snapshotOf(figures: Figures, others: Record<string, Kept>): unknown {
  const kept = Object.entries(others).map(([name, each]) => [name, each.snapshot()]);
  return { version: 1, figures: figures.snapshot(), others: Object.fromEntries(kept) };
}

function restore(snapshot: unknown, figures: Figures, others: Record<string, Kept>): void {
  if (snapshot === undefined) return;
  const { figures: known, others: rest } = snapshotSchema.parse(snapshot);
  figures.restore(known);
  for (const [name, kept] of Object.entries(others)) if (Object.hasOwn(rest, name)) kept.restore(rest[name]);
}
