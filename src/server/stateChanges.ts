import type { TargetView } from '../control/protocol.ts';
import type { Clock } from '../gateway/clock.ts';

export type StateChangesParts = {
  clock: Clock;
  targets(): readonly TargetView[];
  /** For each budget, whether it is warned of or used up. */
  budgetLevels(): readonly number[];
  /** What is being answered now. */
  active(): { requests: number; streams: number };
  /** Sends the state to the windows. */
  publish(): void;
};

export type StateChanges = {
  /** To be called after each attempt, and when a request starts and ends. */
  noticed(): void;
  stop(): void;
};

/** A burst of attempts is looked at once. Milliseconds. */
const quietMs = 200;

/** A timer can't wait for a month, as long as some providers ask for. Milliseconds. */
const longestWaitMs = 3_600_000;

/**
 * Publishes the state when that of a target or a budget, or what is being answered, has changed: after attempts and requests, and
 * when a cooldown or an open circuit ends.
 */
export function createStateChanges({ clock, targets, budgetLevels, active, publish }: StateChangesParts): StateChanges {
  let published: string | undefined;
  let cancel: (() => void) | undefined;
  let dueAt = Number.POSITIVE_INFINITY;

  function look(): void {
    cancel = undefined;
    dueAt = Number.POSITIVE_INFINITY;
    const views = targets();
    const shown = JSON.stringify([views.map(essence), budgetLevels(), active()]);
    if (shown !== published) publish();
    published = shown;
    const ends = views.flatMap(({ retryAt, keys = [] }) => [retryAt ?? [], keys.map((key) => key.retryAt)].flat());
    if (ends.length > 0) schedule(Math.min(Math.min(...ends), clock.now() + longestWaitMs));
  }

  function schedule(at: number): void {
    if (at >= dueAt) return;
    cancel?.();
    dueAt = at;
    cancel = clock.after(Math.max(0, at - clock.now()), look);
  }

  return {
    noticed: () => schedule(clock.now() + quietMs),
    stop() {
      cancel?.();
      // Nothing is due before it, so nothing is scheduled any more.
      dueAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** What a window shows of a target, apart from what changes with every answer. */
function essence({ target, state, lastFailure, retryAt, keys }: TargetView): unknown {
  return [target, state, lastFailure?.at, retryAt, keys];
}
