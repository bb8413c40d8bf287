/** Longer waits are shown as the time at which they end. Milliseconds. */
const longestInSeconds = 3_600_000;

/**
 * How long something lasts, for messages; seconds are rounded up.
 * @example 'for 12 s', 'until 2027-01-01 00:00 UTC'
 */
export function waitText(untilMs: number, nowMs: number): string {
  const leftMs = untilMs - nowMs;
  if (leftMs <= longestInSeconds) return `for ${Math.ceil(leftMs / 1000)} s`;
  return `until ${new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
