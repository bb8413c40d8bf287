import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isFull } from '../unit/matrix/sampling.ts';

const rounds = Number(process.env['CCR_KILLS'] ?? (isFull ? 8 : 4));

/** Turns that count as a second of work, so that a machine too busy for more is not blamed. */
const turnsOfASecond = 100;

/** `known`: the last request that was known at the start; `lost`: those of the latest without a response. */
type Said = { atMs: number; count: number; known: number; requests: number; isWhole: boolean; lost: number[] };

/** Counts in a process of its own, and kills it after `lifeMs`. */
async function countAndKill(home: string, lifeMs: number) {
  const script = path.join(import.meta.dirname, 'countUntilKilled.ts');
  const child = spawn(process.execPath, ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', script, home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Said[] = [];
  let complaints = '';
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  child.stdout.on('data', (data: Buffer) => {
    for (const line of data.toString().trim().split('\n'))
      if (line !== '') said.push({ atMs: performance.now(), ...(JSON.parse(line) as Omit<Said, 'atMs'>) });
  });
  await once(child.stdout, 'data');
  await delay(lifeMs);
  const killedAtMs = performance.now();
  child.kill('SIGKILL');
  await once(child, 'close');
  const [first] = said;
  const last = said.at(-1);
  if (!first || !last) throw new Error(`It said nothing. ${complaints}`);
  const old = said.slice(0, -turnsOfASecond).filter(({ atMs }) => atMs < killedAtMs - 1000);
  return { first, old: old.at(-1), last, complaints };
}

it(
  `what was counted, recorded and stored over a second before survives ${rounds} kills, and the files can always be read`,
  { timeout: rounds * 15_000 },
  async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'ccr-killed-'));
    let atLeast = { count: 0, requests: 0 };
    let atMost = { count: 0, requests: 0 };
    /** Responses that were stored within a second before a kill, and are gone for good. */
    const gone = new Set<number>();
    try {
      for (let round = 0; round < rounds; round++) {
        // Some live long enough for a snapshot to replace the log.
        const lifeMs = (round % (isFull ? 4 : 2) === 0 ? 1200 : 0) + Math.random() * 600;
        const { first, old, last, complaints } = await countAndKill(home, lifeMs);
        expect(complaints).toBe('');
        const before = { count: first.count - 500, requests: first.known };
        for (const name of ['count', 'requests'] as const) {
          expect(before[name], `${name}, round ${round}`).toBeGreaterThanOrEqual(atLeast[name]);
          // Nothing is counted twice.
          expect(before[name], `${name}, round ${round}`).toBeLessThanOrEqual(atMost[name]);
        }
        expect(first.isWhole, `round ${round}`).toBe(true);
        for (const number of first.lost.filter((each) => !gone.has(each))) {
          expect(number, `round ${round}`).toBeGreaterThan(atLeast.requests);
          gone.add(number);
        }
        atLeast = { count: old?.count ?? before.count, requests: old?.requests ?? before.requests };
        atMost = { count: last.count + 5000, requests: last.requests + 10 };
      }
      expect(atLeast.count, 'no round took long enough').toBeGreaterThan(0);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);
