const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** Give up after this many crashes within a minute. */
const crashLimit = 5;
const minuteMs = 60_000;
/** After this long without a crash, the next one counts as the first. */
const forgetAfterMs = 5 * minuteMs;

/** When to restart a gateway that crashed. */
export type RestartPolicy = {
  /** Records a crash. Returns the delay before the restart, in ms; undefined to give up. */
  next(): number | undefined;
  /** The user asked for a start: forget earlier crashes. */
  reset(): void;
};

/** @param now Unix time in ms. */
export function createRestartPolicy(now: () => number): RestartPolicy {
  let crashes: number[] = [];
  return {
    next() {
      const time = now();
      const last = crashes.at(-1);
      if (last !== undefined && time - last > forgetAfterMs) crashes = [];
      crashes.push(time);
      if (crashes.filter((crash) => time - crash <= minuteMs).length >= crashLimit) return undefined;
      return Math.min(firstDelayMs * 2 ** (crashes.length - 1), longestDelayMs);
    },
    reset() {
      crashes = [];
    },
  };
}
