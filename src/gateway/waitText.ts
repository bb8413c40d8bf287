import { spoken, wording, type Wording } from '../canonical/wording.ts';

/** Longer waits are shown as the time at which they end. Milliseconds. */
const longestInSeconds = 3_600_000;

/**
 * How long something lasts, for messages; seconds are rounded up.
 * @example 'for 12 s', 'until 2027-01-01 00:00 UTC'
 */
export function waitText(untilMs: number, nowMs: number): string {
  return spoken(waitWording(untilMs, nowMs));
}

export function waitWording(untilMs: number, nowMs: number): Wording {
  const leftMs = untilMs - nowMs;
  if (leftMs <= longestInSeconds) return wording('for {0} s', Math.ceil(leftMs / 1000));
  return wording('until {0} UTC', new Date(untilMs).toISOString().slice(0, 16).replace('T', ' '));
}
