import { describe, expect, it } from 'vitest';
import { table } from '../../support/markdown.ts';
import { waysFor } from '../../unit/matrix/sampling.ts';
import { runCell, type Cell } from './cell.ts';
import { faults } from './allFaults.ts';
import type { Fault } from './faults.ts';
import { expectStated, usePeers } from './peers.ts';
import { describe as describeMeaning } from './rules.ts';
import { dialects } from './wires.ts';

// Each fault of a provider × its wire format × client × streamed or whole × one target or two: a sample, or with --full all of
// it. What has to come out follows from rules.ts. UPDATE=1 rewrites docs/reference/faults.md.

const concurrency = 16;

const peers = usePeers();

function cellsOf(fault: Fault, row: number): Cell[] {
  const streams = fault.on === 'both' ? [true, false] : [fault.on === 'stream'];
  const ways = dialects.flatMap((client) =>
    streams.flatMap((stream) => [1, 2].map((tiers) => ({ client, stream, tiers }))),
  );
  return dialects.flatMap((wire, column) => {
    // A step that is prime to the number of ways, so that neighbours differ in all respects.
    return waysFor(ways, row * 5, column * 5).map((way) => ({ fault, wire, ...way }));
  });
}

async function runAll(cells: Cell[]): Promise<string[]> {
  const doubtful: Cell[] = [];
  const queue = cells.values();
  const work = async (): Promise<void> => {
    for (const cell of queue) if ((await runCell(cell, peers.server, peers.upstream)).length > 0) doubtful.push(cell);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  // On a busy machine an answer may come later than the short limits: each of these runs again, alone.
  const wrong: string[] = [];
  for (const cell of doubtful) {
    const faults = await runCell(cell, peers.server, peers.upstream);
    wrong.push(...(faults.length > 0 ? await runCell(cell, peers.server, peers.upstream) : []));
  }
  return wrong;
}

describe('faults of providers', () => {
  it.each(Object.entries(faults))(
    '%s',
    async (_, group) => {
      expect(await runAll(group.flatMap(cellsOf))).toEqual([]);
    },
    120_000,
  );

  it('are at least 350, with a name each', () => {
    const names = Object.values(faults).flatMap((group) => group.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(350);
  });
});

it('docs/reference/faults.md is what the table says (UPDATE=1 rewrites it)', () => {
  const rows = Object.entries(faults).flatMap(([group, each]) =>
    each.map(({ name, means }) => [group, name, ...describeMeaning(means)]),
  );
  expectStated({ faults: table(['', 'The provider sends', 'The client gets', 'CCR'], rows) });
});
