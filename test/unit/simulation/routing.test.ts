import { beforeAll, describe, expect, it } from 'vitest';
import { simulate, type Figures } from './simulate.ts';

const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'];
const run = { requests: 10_000, seed: 7 };

describe('three tiers with drifting latency, outages and limits', () => {
  let byLatency: Figures;
  let withoutAffinity: Figures;

  beforeAll(async () => {
    byLatency = await simulate({ ...run, withAffinity: true });
    withoutAffinity = await simulate({ ...run, withAffinity: false });
  }, 180_000);

  it('lose no request while one tier is healthy', () => {
    expect(byLatency.lost).toBe(0);
    expect(withoutAffinity.lost).toBe(0);
    expect(Object.values(byLatency.asked).reduce((total, count) => total + count, 0)).toBe(run.requests);
    expect(Object.keys(byLatency.asked)).toHaveLength(3);
  });

  it('answer within 10 % of the wait of the best order in hindsight', async () => {
    const waits: number[] = [];
    for (const order of orders) waits.push((await simulate({ ...run, order: [...order], withAffinity: true })).waitMs);
    expect(byLatency.waitMs).toBeLessThan(Math.min(...waits) * 1.1);
  }, 180_000);

  it('keep a conversation in over 95 % of the turns in which its target can answer', () => {
    expect(byLatency.keptWhileHealthy).toBeGreaterThan(0.95);
    expect(byLatency.keptWhileHealthy).toBeGreaterThan(withoutAffinity.keptWhileHealthy);
  });

  it('cost less with affinity, and wait less', () => {
    expect(byLatency.costUsd).toBeLessThan(withoutAffinity.costUsd * 0.95);
    expect(byLatency.waitMs).toBeLessThan(withoutAffinity.waitMs);
  });
});
