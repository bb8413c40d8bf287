import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { expect, it } from 'vitest';

const file = path.join(import.meta.dirname, '../../../src/server/youngGeneration.ts');

/** A process of its own, since the limit is one of all its threads. Half of what it makes lives through several collections. */
const program = `
  const { limitYoungGeneration, youngBytes } = await import(${JSON.stringify(pathToFileURL(file).href)});
  if (process.argv[1] === 'limited') limitYoungGeneration();
  let most = 0;
  const kept = [];
  for (let round = 0; round < 60; round++) {
    for (let count = 0; count < 2000; count++) kept.push(Array.from({ length: 50 }, () => ({ round })));
    if (kept.length > 20_000) kept.splice(0, 10_000);
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, youngBytes());
  }
  console.log(most / 1024 / 1024);
`;

function mostYoungMb(mode: string): number {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, mode], {
    encoding: 'utf8',
  });
  expect(Number(stdout), stderr).toBeGreaterThan(0);
  return Number(stdout);
}

it('keeps the young generation small where V8 would let it grow', () => {
  expect(mostYoungMb('free')).toBeGreaterThan(32);
  expect(mostYoungMb('limited')).toBeLessThanOrEqual(32);
});
