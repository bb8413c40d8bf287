import path from 'node:path';
import * as z from 'zod';
import { messageOf } from '../canonical/errors.ts';
import { configFolder } from '../config/files.ts';
import type { Clock } from '../gateway/clock.ts';
import { createFigures, type Figures, type FiguresSnapshot } from '../observe/figures.ts';
import type { Log } from '../observe/log.ts';
import { openJournal, type Journal } from './journal.ts';

/**
 * Another part whose state is kept with the figures. `restore` gets what `snapshot` gave, from a file, and `repeat` what was noted after
 * that, with its Unix time in ms.
 */
export type Kept = {
  snapshot(): unknown;
  restore(snapshot: unknown): void;
  repeat?(values: unknown[], atMs: number): void;
};

export type KeptFigures = {
  figures: Figures;
  /** Keeps a change of one of the other parts until its next snapshot. */
  note(part: string, ...values: unknown[]): void;
  /** Writes all there is and frees the folder. */
  close(): void;
};

type KeptFiguresParts = {
  mode: 'none' | 'file' | 'redis';
  homeDirectory: string;
  clock: Clock;
  log: Log;
  others: Record<string, Kept>;
};

/** How long an entry may wait before it is written. Milliseconds. */
const writeAfterMs = 250;

/** The log is replaced by a snapshot when it is longer. Bytes. */
const maxLogBytes = 4 * 1024 * 1024;

const entrySchema = z.tuple([z.number(), z.string()], z.unknown());
const snapshotSchema = z.looseObject({
  version: z.literal(1),
  figures: z.custom<FiguresSnapshot>(),
  others: z.record(z.string(), z.unknown()),
});

/** The calls that change figures, which the journal repeats. */
const changes = ['requested', 'finished', 'attempted', 'interrupted', 'estimated', 'answered', 'clear'] as const;

/** Figures that outlive the process if `Persistence.mode` is `file`. If the files can't be used, they are kept in memory and the log says why. */
export function openKeptFigures(parts: KeptFiguresParts): KeptFigures {
  const { mode, homeDirectory, clock, log } = parts;
  const inMemory = (): KeptFigures => ({
    figures: createFigures(clock.now),
    note: () => undefined,
    close: () => undefined,
  });
  if (mode !== 'file') return inMemory();
  try {
    return keepIn(openJournal(path.join(configFolder(homeDirectory), 'state')), parts);
  } catch (thrown) {
    log.warn(`Statistics are not kept over a restart: ${messageOf(thrown)}`);
    return inMemory();
  }
}

function keepIn(journal: Journal, { clock, log, others }: KeptFiguresParts): KeptFigures {
  let replayedAt: number | undefined;
  const figures = createFigures(() => replayedAt ?? clock.now());
  replay();
  let cancel: (() => void) | undefined;
  let isBroken = false;

  function replay(): void {
    try {
      restore(journal.content.snapshot, figures, others);
      for (const entry of journal.content.entries) {
        const [atMs, name, ...values] = entrySchema.parse(entry);
        const change = changes.find((each) => each === name);
        replayedAt = atMs;
        if (change) (figures[change] as (...values: unknown[]) => unknown)(...values);
        else if (Object.hasOwn(others, name)) others[name]?.repeat?.(values, atMs);
      }
    } catch (thrown) {
      log.warn(`A part of the kept statistics can't be read and is left out: ${messageOf(thrown)}`);
    }
    replayedAt = undefined;
  }

  const snapshot = (): unknown => ({
    version: 1,
    figures: figures.snapshot(),
    others: Object.fromEntries(Object.entries(others).map(([name, kept]) => [name, kept.snapshot()])),
  });

  function write(): void {
    cancel = undefined;
    if (isBroken) return;
    try {
      if (journal.size() > maxLogBytes) journal.compact(snapshot());
      else journal.flush();
    } catch (thrown) {
      isBroken = true;
      log.warn(`Statistics are no longer kept over a restart: ${messageOf(thrown)}`);
    }
  }

  function append(entry: unknown): void {
    if (isBroken) return;
    journal.append(entry);
    cancel ??= clock.after(writeAfterMs, write);
  }

  return {
    figures: recorded(figures, (...call) => append([clock.now(), ...call])),
    note: (part, ...values) => append([clock.now(), part, ...values]),
    close() {
      cancel?.();
      try {
        if (!isBroken) journal.compact(snapshot());
        journal.close();
      } catch (thrown) {
        log.warn(`The last statistics are not kept: ${messageOf(thrown)}`);
      }
    },
  };
}

/** The same figures; `record` gets each call that changes them. */
function recorded(figures: Figures, record: (name: (typeof changes)[number], ...values: unknown[]) => void): Figures {
  const entries = changes.map((name) => {
    const call = figures[name] as (...values: unknown[]) => unknown;
    return [
      name,
      (...values: unknown[]) => {
        record(name, ...values);
        return call(...values);
      },
    ];
  });
  return { ...figures, ...(Object.fromEntries(entries) as Pick<Figures, (typeof changes)[number]>) };
}

function restore(snapshot: unknown, figures: Figures, others: Record<string, Kept>): void {
  if (snapshot === undefined) return;
  const { figures: known, others: rest } = snapshotSchema.parse(snapshot);
  figures.restore(known);
  for (const [name, kept] of Object.entries(others)) if (Object.hasOwn(rest, name)) kept.restore(rest[name]);
}
