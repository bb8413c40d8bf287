import type { Clock } from '../gateway/clock.ts';

/** A clock that moves as a capture says, so that time limits and keep-alives happen as they did. */
export type ReplayClock = Clock & {
  /** Runs the timers up to a Unix time in ms, in their order. */
  advanceTo(ms: number): Promise<void>;
  /** Runs timers until `isOver` or none is left. */
  runOut(isOver: () => boolean): Promise<void>;
};

type Timer = { at: number; callback: () => void };

export function createReplayClock(startMs: number): ReplayClock {
  let now = startMs;
  const timers = new Set<Timer>();

  function next(limit: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.at <= limit && (!first || timer.at < first.at)) first = timer;
    return first;
  }

  async function run(limit: number, isOver: () => boolean): Promise<void> {
    // What was started goes first: the reader of a piece sets its timers after it has asked for the next one.
    await settled();
    for (let timer = next(limit); timer && !isOver(); timer = next(limit)) {
      timers.delete(timer);
      now = Math.max(now, timer.at);
      timer.callback();
      await settled();
    }
  }

  return {
    now: () => now,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advanceTo(ms) {
      await run(ms, () => false);
      now = Math.max(now, ms);
    },
    runOut: (isOver) => run(Number.POSITIVE_INFINITY, isOver),
  };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
