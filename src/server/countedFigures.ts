import type { Clock } from '../gateway/clock.ts';
import { createFigures, type Figures } from '../observe/figures.ts';

/** A call that changed the figures or another part, and when it was made. Unix time in ms. */
export type Entry = [atMs: number, name: string, ...values: unknown[]];

/** The calls that change figures, which the journal repeats. */
const changes = ['requested', 'finished', 'attempted', 'interrupted', 'estimated', 'answered', 'clear'] as const;

type Call = (...values: unknown[]) => unknown;

/** Figures, and `count`, which makes the call that an entry stands for at the entry's time. False if the entry is not theirs. */
export function createCountedFigures({ now }: Pick<Clock, 'now'>): { figures: Figures; count(entry: Entry): boolean } {
  let countedAt: number | undefined;
  const figures = createFigures(() => countedAt ?? now());
  const calls = new Map(changes.map((name) => [name as string, figures[name] as Call]));
  return {
    figures,
    count([atMs, name, ...values]) {
      const call = calls.get(name);
      if (!call) return false;
      countedAt = atMs;
      try {
        // JSON has no undefined: in a list it becomes null.
        call(...values.map((value) => value ?? undefined));
      } finally {
        countedAt = undefined;
      }
      return true;
    },
  };
}

/**
 * The same figures, but a change is only noted. `count` has to count what was noted; it is called before the figures are read, so that
 * a request waits for no statistics and many changes are counted in a row, with the code and data still in the caches.
 */
export function countLater(
  figures: Figures,
  note: (name: string, values: unknown[]) => void,
  count: () => void,
): Figures {
  const calls = Object.entries(figures as Record<string, Call>).map(([name, call]): [string, Call] => [
    name,
    (changes as readonly string[]).includes(name)
      ? (...values) => note(name, values)
      : (...values) => {
          count();
          return call(...values);
        },
  ]);
  return Object.fromEntries(calls) as Figures;
}
