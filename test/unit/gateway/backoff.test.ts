import { describe, expect, it } from 'vitest';
import { tierRetriesSchema } from '../../../src/config/schema.ts';
import { backoffMs } from '../../../src/gateway/backoff.ts';

const retries = tierRetriesSchema.parse({ base_backoff_ms: 100, backoff_multiplier: 2, max_backoff_ms: 1000 });

describe('the delay before a retry', () => {
  it('doubles up to the longest, between half and all of it', () => {
    const delays = (random: number): number[] => [1, 2, 3, 5].map((retry) => backoffMs(retries, { retry, random }));
    expect(delays(1)).toEqual([100, 200, 400, 1000]);
    expect(delays(0)).toEqual([50, 100, 200, 500]);
  });

  it.each([
    [undefined, 100],
    [1000, 100],
    [100, 50],
    [2500, 250],
    [60_000, 300],
  ])('for a target with a latency of %s ms begins with %i ms', (latencyMs, expected) => {
    expect(backoffMs(retries, { retry: 1, random: 1, latencyMs })).toBe(expected);
  });

  it('is none if the config says so, and the provider asks for none', () => {
    const atOnce = tierRetriesSchema.parse({ base_backoff_ms: 0 });
    expect(backoffMs(atOnce, { retry: 1, random: 1 })).toBe(0);
  });

  it.each([
    [20, 100],
    [700, 700],
    [3_600_000, 1000],
  ])(
    'is not shorter than the %i ms that the provider asks for, and never longer than configured',
    (retryAfterMs, expected) => {
      expect(backoffMs(retries, { retry: 1, random: 1, retryAfterMs })).toBe(expected);
    },
  );
});
