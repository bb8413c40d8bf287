/** The gateway's source of time, which tests replace by a fake one. Milliseconds. */
export type Clock = {
  /** Unix time. */
  now(): number;
  /** Runs `callback` once after `delayMs`; the result cancels it. */
  after(delayMs: number, callback: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits `delayMs`; rejects with the signal's reason if it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    function abort(): void {
      cancel();
      reject(signal.reason);
    }
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** Waits for `work`, but not longer than `longestMs`. Rejects if it does. */
export function atMost(clock: Clock, longestMs: number, work: Promise<unknown>): Promise<unknown> {
  const late = Promise.withResolvers<void>();
  const cancel = clock.after(longestMs, late.resolve);
  return Promise.race([work, late.promise]).finally(cancel);
}
