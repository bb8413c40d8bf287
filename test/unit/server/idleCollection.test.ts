import { describe, expect, it } from 'vitest';
import { collectGarbage, createIdleCollection, readHeapSize } from '../../../src/server/idleCollection.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const mb = 1024 * 1024;

function createBench() {
  const clock = createFakeClock();
  const gateway = { active: 0, held: 35 * mb, used: 20 * mb };
  const collections: number[] = [];
  const afterRequest = createIdleCollection({
    clock,
    active: () => gateway.active,
    heapSize: () => ({ held: gateway.held, used: gateway.used }),
    collect() {
      collections.push(clock.now());
      Object.assign(gateway, { held: 30 * mb, used: 24 * mb });
    },
  });
  return { clock, gateway, collections, afterRequest };
}

/** One that has collected what the start has left. */
async function createStarted() {
  const bench = createBench();
  await bench.clock.advance(10_000);
  Object.assign(bench.gateway, { held: 35 * mb, used: 20 * mb });
  bench.collections.length = 0;
  return bench;
}

describe('collecting garbage when idle', () => {
  it('happens once after the start, however little there is', async () => {
    const { clock, collections } = createBench();
    const startedAt = clock.now();
    await clock.advance(60_000);
    expect(collections).toEqual([startedAt + 1500]);
    expect(await clock.next()).toBe(false);
  });

  it('comes after the requests if there are any soon after the start', async () => {
    const { clock, collections, afterRequest } = createBench();
    await clock.advance(1000);
    afterRequest();
    const lastEnd = clock.now();
    await clock.advance(60_000);
    expect(collections).toEqual([lastEnd + 5000]);
  });

  it('happens once, 5 s after the last request', async () => {
    const { clock, gateway, collections, afterRequest } = await createStarted();
    afterRequest();
    gateway.held = 200 * mb;
    await clock.advance(3000);
    afterRequest();
    const lastEnd = clock.now();
    await clock.advance(60_000);
    expect(collections).toEqual([lastEnd + 5000]);
    expect(await clock.next()).toBe(false);
  });

  it('does not happen while a request is answered, but after its end', async () => {
    const { clock, gateway, collections, afterRequest } = await createStarted();
    gateway.active = 1;
    gateway.held = 200 * mb;
    afterRequest();
    await clock.advance(60_000);
    expect(collections).toEqual([]);
    gateway.active = 0;
    afterRequest();
    await clock.advance(5000);
    expect(collections).toHaveLength(1);
  });

  it('does not happen for a heap that has little to spare beyond what was in use', async () => {
    const { clock, gateway, collections, afterRequest } = await createStarted();
    // 24 MB were left in use.
    gateway.held = 55 * mb;
    afterRequest();
    await clock.advance(10_000);
    expect(collections).toEqual([]);
    gateway.held = 56 * mb;
    afterRequest();
    await clock.advance(10_000);
    expect(collections).toHaveLength(1);
    gateway.held = 55 * mb;
    afterRequest();
    await clock.advance(10_000);
    expect(collections).toHaveLength(1);
  });

  it('frees what is no longer referenced, and does not leave gc behind', () => {
    let ballast: number[][] | undefined = Array.from({ length: 200 }, () =>
      Array.from({ length: 10_000 }, Math.random),
    );
    const before = readHeapSize();
    expect(ballast).toHaveLength(200);
    ballast = undefined;
    collectGarbage();
    expect(readHeapSize().used).toBeLessThan(before.used - 10 * mb);
    expect(before.held).toBeGreaterThan(before.used);
    expect(globalThis).not.toHaveProperty('gc');
  });
});
