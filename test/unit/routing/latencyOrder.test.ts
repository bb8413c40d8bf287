import { describe, expect, it } from 'vitest';
import { byLatency, type MeasuredCandidate } from '../../../src/routing/latencyOrder.ts';

const candidate = (model: string, latencyMs?: number, samples = 3): MeasuredCandidate => ({
  target: { provider: 'p', model, tier: 'p' },
  position: 'fallback',
  latencyMs,
  samples: latencyMs === undefined ? 0 : samples,
});

type Options = Parameters<typeof byLatency>[1];
const order = (candidates: MeasuredCandidate[], options: Options = {}, random?: () => number): string =>
  byLatency(candidates, options, random)
    .map(({ target }) => target.model)
    .join('');

/** A linear congruential generator, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

describe('the order by latency', () => {
  it('trusts a latency from the third measurement on', () => {
    expect(order([candidate('a', 900), candidate('b', 100, 2), candidate('c', 500)])).toBe('cab');
    expect(order([candidate('a', 900, 2), candidate('b', 100, 2)])).toBe('ab');
  });

  const three = [candidate('a', 3000), candidate('b', 1000), candidate('c', 2000)];

  it('is random by temperature, with faster targets first more often', () => {
    const random = seeded(1);
    const firsts = { a: 0, b: 0, c: 0 };
    for (let round = 0; round < 3000; round++) firsts[order(three, { routingTemperature: 1 }, random)[0] as 'a']++;
    // Softmax of -1, -2 and -3.
    expect(firsts.b / 3000).toBeCloseTo(0.665, 1);
    expect(firsts.c / 3000).toBeCloseTo(0.245, 1);
    expect(firsts.a).toBeGreaterThan(150);
  });

  it('draws among the topK fastest only, and keeps the others behind them', () => {
    const random = seeded(2);
    const orders = new Set(Array.from({ length: 200 }, () => order(three, { routingTemperature: 5, topK: 2 }, random)));
    expect([...orders].toSorted()).toEqual(['bca', 'cba']);
  });

  it('is fixed at temperature 0, or where nothing is random', () => {
    expect(order(three, { routingTemperature: 0, topK: 2 }, seeded(3))).toBe('bca');
    expect(order(three, { routingTemperature: 9 })).toBe('bca');
  });

  it('draws one that was never measured as often as the fastest', () => {
    const random = seeded(4);
    const pair = [candidate('a', 100), candidate('n')];
    const firsts = Array.from({ length: 1000 }, () => order(pair, { routingTemperature: 0.01 }, random)[0]);
    expect(firsts.filter((name) => name === 'n').length).toBeGreaterThan(400);
  });

  it('survives a random source at its ends and latencies far apart', () => {
    const far = [candidate('a', 1), candidate('b', 1e9)];
    for (const value of [0, 0.999_999, 1])
      expect(order(far, { routingTemperature: 0.001 }, () => value)).toHaveLength(2);
  });
});
