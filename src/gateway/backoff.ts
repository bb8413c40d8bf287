import type { TierRetries } from '../config/schema.ts';

/** Exponential backoff with jitter, between half and all of the delay, so that clients do not retry in step. */
export function backoffMs(retries: TierRetries, retry: number, random: number): number {
  const delayMs = Math.min(retries.base_backoff_ms * retries.backoff_multiplier ** (retry - 1), retries.max_backoff_ms);
  return delayMs * (0.5 + random / 2);
}
