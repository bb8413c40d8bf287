const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** So many crashes within a minute are no accident. */
const crashLimit = 5;
const minuteMs = 60_000;
/** After so long without a crash the next one counts as the first. */
const forgetAfterMs = 5 * minuteMs;

/** When a gateway that crashed is started again. */
export type RestartPolicy = {
  /** To be called at each crash. How long to wait, in ms; undefined when it is time to give up. */
  next(): number | undefined;
  /** Somebody asked for a start: what was before does not count any more. */
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
