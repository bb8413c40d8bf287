import type { Entry } from './countedFigures.ts';
import type { Journal } from './journal.ts';

export type Unwritten = ReturnType<typeof createUnwritten>;

type Listed = [name: string, entry: unknown, atMs: number];

/** How many entries of the lists wait for a journal that another gateway has. The oldest give way. */
const maxListed = 1000;

/**
 * What came since the last write to the journal. `countEntry` counts an entry of the figures, which is done before they are read or
 * written.
 */
export function createUnwritten(countEntry: (entry: Entry) => void) {
  let entries: Entry[] = [];
  let counted = 0;
  let listed: Listed[] = [];

  function count(): void {
    while (counted < entries.length) countEntry(entries[counted++] as Entry);
  }

  function drop(): void {
    entries = [];
    counted = 0;
  }

  return {
    entries: (): readonly Entry[] => entries,
    add: (entry: Entry): void => void entries.push(entry),
    /** `isSoonWritten`: the journal is there. */
    list(entry: Listed, isSoonWritten: boolean): void {
      listed.push(entry);
      if (!isSoonWritten && listed.length > maxListed) listed.shift();
    },
    count,
    drop,
    giveTo(journal: Journal): void {
      count();
      entries.forEach(journal.append);
      for (const [name, entry, atMs] of listed) journal.list(name, entry, atMs);
      drop();
      listed = [];
    },
  };
}
