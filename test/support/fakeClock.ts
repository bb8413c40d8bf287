import type { Clock } from '../../src/gateway/clock.ts';

/** A clock that only a test advances. */
export type FakeClock = Clock & {
  /** Advances by `ms`: runs due timers in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Advances to the next timer, if there is one. */
  next(): Promise<boolean>;
};

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let now = startMs;
  let nextId = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
  };

  function due(limit: number): [number, { at: number; callback: () => void }] | undefined {
    return [...timers].filter(([, { at }]) => at <= limit).sort(([, a], [, b]) => a.at - b.at)[0];
  }

  async function runUntil(limit: number): Promise<void> {
    await settle();
    for (let timer = due(limit); timer; timer = due(limit)) {
      timers.delete(timer[0]);
      now = Math.max(now, timer[1].at);
      timer[1].callback();
      await settle();
    }
    now = Math.max(now, limit);
  }

  return {
    now: () => now,
    after(delayMs, callback) {
      const id = nextId++;
      timers.set(id, { at: now + delayMs, callback });
      return () => timers.delete(id);
    },
    advance: (ms) => runUntil(now + ms),
    async next() {
      await settle();
      const first = due(Infinity);
      if (first) await runUntil(first[1].at);
      return first !== undefined;
    },
  };
}
