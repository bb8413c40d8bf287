// CPU per request, as ratios: in each round every subject answers a few requests in turn, so that whatever disturbs the
// machine disturbs all of them.
import { askMany } from './client.mjs';
import { cpuMs } from './process.mjs';

/** How long one subject works in one round, at least. Milliseconds of CPU. */
const blockMs = 300;
const mostRequests = 400;
/** Some gateways wait more than they work. Milliseconds. */
const longestWarmUpMs = 30_000;

/**
 * Each cell: { name, floor (the name of the cell it is compared with), pid, request, atOnce }. Returns a map from name
 * to { ms: per round, ratios: per round }.
 */
export async function measureCpu(cells, { rounds, warmUpMs }) {
  const counts = new Map();
  for (const cell of cells) counts.set(cell.name, await warmUp(cell, warmUpMs));
  const spent = new Map(cells.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Every other round backwards, so that none always follows the same one.
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) {
      spent.get(cell.name).push(await measureBlock(cell, counts.get(cell.name)));
    }
  }
  return new Map(
    cells.map(({ name, floor }) => {
      const ms = spent.get(name);
      return [name, { ms, ratios: ms.map((value, round) => value / spent.get(floor)[round]) }];
    }),
  );
}

async function measureBlock({ pid, request, atOnce }, count) {
  const before = cpuMs(pid);
  await askMany(request, count, atOnce);
  return (cpuMs(pid) - before) / count;
}

/** Runs until the code is compiled; returns the number of requests for a block. */
async function warmUp(cell, warmUpMs) {
  const least = 2 * cell.atOnce;
  const deadline = performance.now() + longestWarmUpMs;
  let spent = 0;
  let last = 0;
  while (spent < warmUpMs && (last === 0 || performance.now() < deadline)) {
    const count = Math.max(least, 10);
    last = await measureBlock(cell, count);
    spent += last * count;
  }
  const wanted = Math.min(mostRequests, Math.max(least, Math.ceil(blockMs / last)));
  return Math.ceil(wanted / cell.atOnce) * cell.atOnce;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
