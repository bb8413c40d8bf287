import { beforeAll, describe, expect, it } from 'vitest';
import { isFull } from '../matrix/sampling.ts';
import { simulate, type Figures } from './simulate.ts';

const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'];
const requests = 10_000;

/** Each is another course of latencies, and one answer that comes sooner changes all that follows. */
const seeds = isFull ? [7, 2, 11, 42] : [7];

describe('three tiers with drifting latency, outages and limits', () => {
  const byLatency: Figures[] = [];
  const withoutAffinity: Figures[] = [];

  beforeAll(async () => {
    for (const seed of seeds) {
      byLatency.push(await simulate({ requests, seed, withAffinity: true }));
      withoutAffinity.push(await simulate({ requests, seed, withAffinity: false }));
    }
  }, 180_000);

  it('lose no request while one tier is healthy', () => {
    for (const { lost, asked } of [...byLatency, ...withoutAffinity]) {
      expect(lost).toBe(0);
      expect(Object.values(asked).reduce((total, count) => total + count, 0)).toBe(requests);
      expect(Object.keys(asked)).toHaveLength(3);
    }
  });

  it('answer within 10 % of the wait of the best order in hindsight', async () => {
    const [seed = 0] = seeds;
    const waits: number[] = [];
    for (const order of orders)
      waits.push((await simulate({ requests, seed, order: [...order], withAffinity: true })).waitMs);
    expect(byLatency[0]?.waitMs).toBeLessThan(Math.min(...waits) * 1.1);
  }, 180_000);

  it('keep a conversation in over 95 % of all turns, and in over 97 % of those in which its target can answer', () => {
    for (const [index, { kept, keptWhileHealthy }] of byLatency.entries()) {
      expect(kept).toBeGreaterThan(0.95);
      expect(keptWhileHealthy).toBeGreaterThan(0.97);
      expect(keptWhileHealthy).toBeGreaterThan(withoutAffinity[index]?.keptWhileHealthy ?? 1);
    }
  });

  it('cost less with affinity, and wait less', () => {
    const total = (figures: readonly Figures[], of: 'costUsd' | 'waitMs'): number =>
      figures.reduce((sum, each) => sum + each[of], 0);
    expect(total(byLatency, 'costUsd')).toBeLessThan(total(withoutAffinity, 'costUsd') * 0.98);
    expect(total(byLatency, 'waitMs')).toBeLessThan(total(withoutAffinity, 'waitMs') * 0.95);
  });
});
