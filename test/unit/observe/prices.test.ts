import { describe, expect, it, test } from 'vitest';
import { answerCost, costOf } from '../../../src/observe/prices.ts';
import { dearerAbove } from '../../../src/providers/prices.ts';

const prices = { input: 1, cacheRead: 0.1, cacheWrite: 1.25, output: 10 };
const sunday = Date.UTC(2026, 10, 22, 7);

describe('the cost of an answer', () => {
  it('is that of its tokens, each kind at its own price per million', () => {
    const usage = { inputTokens: 1_000_000, cacheReadTokens: 600_000, cacheWriteTokens: 100_000, outputTokens: 50_000 };
    expect(costOf(usage, prices, 0)).toBeCloseTo(0.3 + 0.06 + 0.125 + 0.5, 12);
  });

  it('does not count reasoning twice: it is part of the output', () => {
    expect(costOf({ inputTokens: 0, outputTokens: 100_000, reasoningTokens: 90_000 }, prices, 0)).toBe(1);
  });

  test.each([
    ['no price is known', undefined, {}],
    ['what was read from the cache has no price', { input: 1, output: 1 }, { cacheReadTokens: 1 }],
    ['what was written to the cache has no price', { input: 1, output: 1, cacheRead: 0.1 }, { cacheWriteTokens: 1 }],
  ])('is unknown, not 0, when %s', (_, known, cached) => {
    expect(costOf({ inputTokens: 10, outputTokens: 1, ...cached }, known, 0)).toBeUndefined();
  });

  it('has a price of its own for what the cache keeps for an hour', () => {
    const usage = { inputTokens: 200_000, cacheWriteTokens: 200_000, cacheWriteHourTokens: 50_000, outputTokens: 0 };
    expect(costOf(usage, { ...prices, cacheWriteHour: 2 }, 0)).toBeCloseTo(0.1875 + 0.1, 12);
    const known = answerCost(usage, { ...prices, cacheWriteHour: 2 }, { atMs: 0, isEstimated: false });
    expect(known).toMatchObject({ isEstimated: false });
    expect(answerCost(usage, prices, { atMs: 0, isEstimated: false })).toEqual({ usd: 0.25, isEstimated: true });
  });

  it('needs no price for tokens that were not used', () => {
    expect(costOf({ inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 0 }, { input: 1, output: 1 }, 0)).toBe(1);
  });

  it('is never negative, whatever a provider counts', () => {
    expect(costOf({ inputTokens: 1, cacheReadTokens: 10, outputTokens: 0 }, prices, 0)).toBeGreaterThan(0);
  });

  it('uses the tier that the whole input exceeds', () => {
    const tiered = dearerAbove(200_000, prices);
    const at = (inputTokens: number) => costOf({ inputTokens, outputTokens: 100_000 }, tiered, 0);
    expect(at(200_000)).toBeCloseTo(0.2 + 1, 12);
    expect(at(200_001)).toBeCloseTo(2 * (0.200_001 + 1), 12);
  });

  it.each([
    ['in a peak hour', sunday + 24 * 3_600_000, 2],
    ['at the end of one', Date.UTC(2026, 10, 23, 10), 1],
    ['between two', Date.UTC(2026, 10, 23, 5), 1],
    ['on a Sunday', sunday, 1],
  ])('is right %s', (_, atMs, expected) => {
    const peak = { factor: 2, utcHours: [[1, 4], [6, 10]] } as const; // prettier-ignore
    expect(costOf({ inputTokens: 1_000_000, outputTokens: 0 }, { ...prices, peak }, atMs)).toBe(expected);
  });
});
