import type { Clock } from '../../gateway/clock.ts';

/** Whether a batch came back; whether it was waited for in vain; or whether the connection was lost meanwhile. */
type Outcome = 'settled' | 'late' | 'lost';

/** Requests that wait until a batch comes back from Redis. */
export type Waiters = {
  /** For a batch, or for the next one. `settled` is called before any later message is heard. */
  wait(batch: string | undefined, settled: () => void): Promise<Outcome>;
  sent(batch: string): void;
  heard(batch: string): void;
  giveUp(): void;
  /** Whether the answer comes before a request has waited too long. */
  within(answer: Promise<unknown>): Promise<boolean>;
};

/** `longestMs`: how long a request may wait for Redis. */
export function createWaiters(clock: Clock, longestMs: number): Waiters {
  const waiters = new Set<{ batch: string | undefined; end(outcome: Outcome): void }>();
  return {
    wait(batch, settled) {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const waiter = {
        batch,
        end(outcome: Outcome) {
          cancel();
          waiters.delete(waiter);
          if (outcome === 'settled') settled();
          resolve(outcome);
        },
      };
      // In a busy process the timer is due before what has arrived is read, so that gets a turn.
      let cancel = clock.after(Math.max(0, longestMs - 1), () => (cancel = clock.after(1, () => waiter.end('late'))));
      waiters.add(waiter);
      return promise;
    },
    sent: (batch) => waiters.forEach((waiter) => (waiter.batch ??= batch)),
    heard: (batch) => waiters.forEach((waiter) => waiter.batch === batch && waiter.end('settled')),
    within(answer) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const cancel = clock.after(longestMs, () => resolve(false));
      answer.then(
        () => resolve(true),
        () => resolve(false),
      );
      return promise.finally(cancel);
    },
    giveUp: () => waiters.forEach((waiter) => waiter.end('lost')),
  };
}
