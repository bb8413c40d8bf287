import { GatewayError } from '../canonical/errors.ts';
import type { Clock } from '../gateway/clock.ts';

/** The memory of one request's body. */
export type Hold = {
  /** What is known of its size. */
  bytes(): number;
  /** Sets the size when more of the body is known. @throws GatewayError `overloaded` */
  resize(bytes: number): void;
  release(): void;
};

/** Bounds the memory of all bodies that are being answered: each needs several times its size. */
export type BodyBudget = {
  /**
   * Waits until a body of `bytes` fits; one that is larger than the budget is admitted when no other is held.
   * @throws GatewayError `overloaded` after a while; the signal's reason when aborted
   */
  reserve(bytes: number, signal: AbortSignal): Promise<Hold>;
};

/** Milliseconds. */
const patienceMs = 15_000;
const retryAfterMs = 5_000;

type Waiting = { bytes: number; admit(): void };

export function createBodyBudget(limitBytes: number, clock: Clock): BodyBudget {
  /** In order of arrival: later bodies don't overtake a large one. */
  const queue: Waiting[] = [];
  let used = 0;

  const fits = (bytes: number): boolean => used === 0 || used + bytes <= limitBytes;

  function admitWaiting(): void {
    for (let first = queue[0]; first && fits(first.bytes); first = queue[0]) {
      queue.shift();
      first.admit();
    }
  }

  function hold(bytes: number): Hold {
    let size = bytes;
    used += size;
    return {
      bytes: () => size,
      resize(changed) {
        const others = used - size;
        if (changed > size && others > 0 && others + changed > limitBytes) throw overloaded(limitBytes);
        used = others + changed;
        size = changed;
        admitWaiting();
      },
      release() {
        used -= size;
        size = 0;
        admitWaiting();
      },
    };
  }

  return {
    async reserve(bytes, signal) {
      signal.throwIfAborted();
      if (queue.length === 0 && fits(bytes)) return hold(bytes);
      return new Promise((resolve, reject) => {
        const waiting: Waiting = { bytes, admit: () => settle(() => resolve(hold(bytes))) };
        const cancel = clock.after(patienceMs, () => giveUp(overloaded(limitBytes)));
        const abort = (): void => giveUp(signal.reason as Error);
        function settle(act: () => void): void {
          cancel();
          signal.removeEventListener('abort', abort);
          act();
        }
        function giveUp(reason: Error): void {
          queue.splice(queue.indexOf(waiting), 1);
          settle(() => reject(reason));
          admitWaiting();
        }
        signal.addEventListener('abort', abort, { once: true });
        queue.push(waiting);
      });
    },
  };
}

function overloaded(limitBytes: number): GatewayError {
  const size = `${limitBytes / 1024 / 1024} MiB`;
  const message = `CCR is answering requests whose bodies have ${size} together, and has no memory for more now. Try again in a few seconds.`;
  return new GatewayError('overloaded', message, { retryAfterMs });
}
