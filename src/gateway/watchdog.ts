import { GatewayError, type ErrorDetails } from '../canonical/errors.ts';
import type { Clock } from './clock.ts';

export type Limits = {
  /** Milliseconds for one attempt, whole. */
  totalMs: number;
  /** Milliseconds until the first content. */
  firstEventMs: number;
  /** Milliseconds of silence once content has come. */
  idleMs: number;
};

export type Watchdog = {
  /** Aborts when the client goes away or a limit passes; its reason is then what to throw. */
  signal: AbortSignal;
  /** Content came, or any byte after it, or the provider is waited for again: the silence starts anew. */
  alive(): void;
  /** The client is waited for: until the next `alive` the provider's silence does not count. */
  pause(): void;
  /** Stops all clocks. */
  stop(): void;
  /** Stops all clocks and ends what still runs at the provider, so that no connection waits for a reader. */
  release(): void;
};

type Limit = NonNullable<ErrorDetails['stage']>;

const limitTexts: Record<Limit, string> = {
  'first-event': 'sent no content',
  idle: 'fell silent in mid-answer',
  total: 'did not finish its answer',
};

/** The clocks of one attempt. */
export function startWatchdog(clock: Clock, limits: Limits, target: string, parent: AbortSignal): Watchdog {
  const controller = new AbortController();
  let started = false;

  const expire = (stage: Limit, limitMs: number) => (): void => {
    const message = `${target} ${limitTexts[stage]} within ${Math.round(limitMs / 100) / 10} s.`;
    controller.abort(new GatewayError('timeout', message, { stage }));
  };

  const cancelTotal = clock.after(limits.totalMs, expire('total', limits.totalMs));
  let cancelSilence = clock.after(limits.firstEventMs, expire('first-event', limits.firstEventMs));
  let aliveAt = 0;
  let paused = false;

  /** One timer for all of a stream's silence: it looks again when it fires, instead of being set anew for each chunk. */
  function watchSilence(delayMs: number): void {
    cancelSilence = clock.after(delayMs, () => {
      const leftMs = aliveAt + limits.idleMs - clock.now();
      if (paused) watchSilence(limits.idleMs);
      else if (leftMs > 0) watchSilence(leftMs);
      else expire('idle', limits.idleMs)();
    });
  }

  function stop(): void {
    cancelTotal();
    cancelSilence();
  }

  const signal = AbortSignal.any([parent, controller.signal]);
  return {
    signal,
    alive() {
      aliveAt = clock.now();
      paused = false;
      if (started) return;
      started = true;
      cancelSilence();
      watchSilence(limits.idleMs);
    },
    pause: () => void (paused = true),
    stop,
    release() {
      stop();
      controller.abort(new GatewayError('cancelled', `${target} is no longer waited for.`));
    },
  };
}
