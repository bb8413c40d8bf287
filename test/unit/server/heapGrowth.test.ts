import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { expect, it } from 'vitest';

const file = path.join(import.meta.dirname, '../../../src/server/heapGrowth.ts');

/** A process of its own, since the limits are those of all its threads. Prints how much two generations held at most. */
const program = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const { limitHeapGrowth, youngBytes } = await import(${JSON.stringify(pathToFileURL(file).href)});
  if (process.argv[1] === 'limited') limitHeapGrowth();
  const oldBytes = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;
  const most = { young: 0, old: 0 };
  const kept = [];
  for (let count = 0; count < 120_000; count++) {
    kept[count % 10_000] = Array.from({ length: 60 }, () => ({ count }));
    if (count % 200 > 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    most.young = Math.max(most.young, youngBytes());
    most.old = Math.max(most.old, oldBytes());
  }
  console.log(JSON.stringify(most));
`;

type Sizes = { young: number; old: number };

/** In MB. All that it makes lives through several collections of the young generation; some 30 MB are in use. */
function mostHeld(mode: 'free' | 'limited'): Sizes {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, mode], {
    encoding: 'utf8',
  });
  expect(stdout, stderr).toMatch(/^\{/);
  const { young, old } = JSON.parse(stdout) as Sizes;
  return { young: young / 1024 / 1024, old: old / 1024 / 1024 };
}

it('keeps both generations small where V8 would let them grow', () => {
  const free = mostHeld('free');
  expect(free.young).toBeGreaterThan(32);
  const limited = mostHeld('limited');
  expect(limited.young).toBeLessThanOrEqual(32);
  expect(limited.old).toBeLessThan(0.75 * free.old);
});
