import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';

const rounds = Number(process.env['CCR_KILLS'] ?? 8);

/** Counts in a process of its own, and kills it after `lifeMs`. */
async function countAndKill(home: string, lifeMs: number) {
  const script = path.join(import.meta.dirname, 'countUntilKilled.ts');
  const child = spawn(process.execPath, ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', script, home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: { atMs: number; count: number }[] = [];
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  child.stdout.on('data', (data: Buffer) => {
    for (const line of data.toString().trim().split('\n'))
      if (line !== '') said.push({ atMs: performance.now(), count: Number(line) });
  });
  await once(child.stdout, 'data');
  await delay(lifeMs);
  const killedAtMs = performance.now();
  child.kill('SIGKILL');
  await once(child, 'close');
  const old = said.filter(({ atMs }) => atMs < killedAtMs - 1000).at(-1)?.count ?? 0;
  return { first: said[0]?.count ?? 0, old, last: said.at(-1)?.count ?? 0, complaints };
}

it(
  `what was counted over a second before survives ${rounds} kills, and the files can always be read`,
  { timeout: rounds * 5000 },
  async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'ccr-killed-'));
    let atLeast = 0;
    let atMost = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        // Some live long enough for a snapshot to replace the log.
        const { first, old, last, complaints } = await countAndKill(
          home,
          (round % 4 === 0 ? 1200 : 0) + Math.random() * 600,
        );
        expect(complaints).toBe('');
        expect(first, `round ${round}`).toBeGreaterThanOrEqual(atLeast);
        // Nothing is counted twice.
        expect(first - 500, `round ${round}`).toBeLessThanOrEqual(atMost);
        atLeast = Math.max(old, first - 500);
        atMost = last + 5000;
      }
      expect(atMost).toBeGreaterThan(rounds * 500);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);
