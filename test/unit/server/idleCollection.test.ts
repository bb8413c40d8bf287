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

describe('collecting garbage when idle', () => {
  it('happens once, 5 s after the last request', async () => {
    const { clock, gateway, collections, afterRequest } = createBench();
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
    const { clock, gateway, collections, afterRequest } = createBench();
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
    const { clock, gateway, collections, afterRequest } = createBench();
    gateway.held = 51 * mb;
    afterRequest();
    await clock.advance(10_000);
    expect(collections).toEqual([]);
    gateway.held = 52 * mb;
    afterRequest();
    await clock.advance(10_000);
    expect(collections).toHaveLength(1);
    // 24 MB were left in use.
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
