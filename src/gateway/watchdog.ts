import { GatewayError } from '../canonical/errors.ts';
import type { Clock } from './clock.ts';

export type Limits = {
  /** Milliseconds for a whole attempt. */
  totalMs: number;
  /** Milliseconds until the first content. */
  firstEventMs: number;
  /** Milliseconds of silence after the first content. */
  idleMs: number;
  /** Milliseconds for a connection to the provider. */
  connectMs?: number;
};

export type Watchdog = {
  /** Aborts when the client disconnects or a limit is exceeded; its reason is the error to throw. */
  signal: AbortSignal;
  /** Restarts the idle timer: content or anything after it arrived. */
  reset(): void;
  /** The first content has arrived. From now on the idle timer runs only while the gateway reads from the provider. */
  open(): void;
  /** Restarts the idle timer of an open reply: reading from the provider begins. */
  resume(): void;
  /** Suspends the idle timer of an open reply until `resume`, while the gateway waits for the client. */
  pause(): void;
  /** Stops all timers. */
  stop(): void;
  /** Stops all timers and aborts the request to the provider, so that its connection is not left open unread. */
  release(): void;
};

type Limit = 'first-event' | 'idle' | 'total';

const limitTexts: Record<Limit, string> = {
  'first-event': 'sent no content',
  idle: 'sent no more of its answer',
  total: 'did not finish its answer',
};

/** Enforces the time limits of one attempt. */
export function startWatchdog(clock: Clock, limits: Limits, target: string, parent: AbortSignal): Watchdog {
  const controller = new AbortController();
  let started = false;

  function expire(stage: Limit, limitMs: number): void {
    const message = `${target} ${limitTexts[stage]} within ${Math.round(limitMs / 100) / 10} s.`;
    controller.abort(new GatewayError('timeout', message, { stage }));
  }

  const cancelTotal = clock.after(limits.totalMs, () => expire('total', limits.totalMs));
  const firstEventUntil = clock.now() + limits.firstEventMs;
  let cancelSilence = clock.after(limits.firstEventMs, checkSilence);
  let lastResetAt = 0;
  let isOpen = false;
  let paused = false;

  /** Reschedules itself when it fires early, which is cheaper than restarting a timer for each chunk. */
  function checkSilence(): void {
    const leftMs = lastResetAt + limits.idleMs - clock.now();
    if (!started) expire('first-event', limits.firstEventMs);
    else if (paused) watchSilence(limits.idleMs);
    else if (leftMs > 0) watchSilence(leftMs);
    else expire('idle', limits.idleMs);
  }

  function watchSilence(delayMs: number): void {
    cancelSilence = clock.after(delayMs, checkSilence);
  }

  function stop(): void {
    cancelTotal();
    cancelSilence();
  }

  function reset(): void {
    lastResetAt = clock.now();
    paused = false;
    if (started) return;
    started = true;
    // The timer of the first event is early enough, unless little silence is allowed or the clock was set.
    if (firstEventUntil <= lastResetAt + limits.idleMs) return;
    cancelSilence();
    watchSilence(limits.idleMs);
  }

  // Much cheaper than AbortSignal.any. The parent lives no longer than the request, so nothing has to stop listening.
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    reset,
    open() {
      reset();
      isOpen = true;
      paused = true;
    },
    resume() {
      if (isOpen) reset();
    },
    pause() {
      paused = isOpen;
    },
    stop,
    release() {
      stop();
      controller.abort(new GatewayError('cancelled', `The request to ${target} was released.`));
    },
  };
}
