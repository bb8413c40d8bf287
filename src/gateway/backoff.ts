import type { TierRetries } from '../config/schema.ts';

/** A target with this latency gets the configured delays. Milliseconds. */
const usualLatencyMs = 1000;
const scales = { least: 0.5, most: 3 };

export type BackoffFacts = {
  /** How many retries there were, with this one. */
  retry: number;
  /** From 0 to 1. */
  random: number;
  /** The target's usual time to the first content; undefined before its first answer. */
  latencyMs?: number | undefined;
  /** What the provider asked for. */
  retryAfterMs?: number | undefined;
};

/**
 * Exponential backoff with jitter, between half and all of the delay, so that clients do not retry in step. A slow target has more
 * to recover from, so its delays are longer, and a fast one's shorter. Not sooner than the provider asked for, and never longer
 * than `max_backoff_ms`.
 */
export function backoffMs(retries: TierRetries, { retry, random, latencyMs, retryAfterMs = 0 }: BackoffFacts): number {
  const { base_backoff_ms: base, backoff_multiplier: multiplier, max_backoff_ms: most } = retries;
  const scale = Math.min(Math.max((latencyMs ?? usualLatencyMs) / usualLatencyMs, scales.least), scales.most);
  const delayMs = Math.min(base * scale * multiplier ** (retry - 1), most) * (0.5 + random / 2);
  return Math.max(delayMs, Math.min(retryAfterMs, most));
}
