import { describe, expect, it } from 'vitest';
import { createUsageLedger, dimensions, type Labels } from '../../../src/observe/usageLedger.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const hourMs = 3_600_000;
const noLabels = Object.fromEntries(dimensions.map((name) => [name, ''])) as Labels;
const labels = (some: Partial<Labels>): Labels => ({ ...noLabels, tier: 'one', ...some });

function openLedger() {
  const clock = createFakeClock();
  return { clock, ledger: createUsageLedger(clock.now) };
}

describe('the ledger of usage', () => {
  it('groups by every dimension', () => {
    const { ledger } = openLedger();
    ledger.add(labels({ model: 'one,a', client: 'codex', conversation: 'x' }), { requests: 1, inputTokens: 10 });
    ledger.add(labels({ model: 'one,b', client: 'codex', conversation: 'x' }), { requests: 1, inputTokens: 5 });
    const tokens = (by: Parameters<typeof ledger.groups>[0]) =>
      ledger.groups(by).map(({ name, counts }) => [name, counts.inputTokens]);
    expect(tokens('model')).toEqual([['one,a', 10], ['one,b', 5]]); // prettier-ignore
    expect(tokens('client')).toEqual([['codex', 15]]);
    expect(tokens('conversation')).toEqual([['x', 15]]);
    expect(tokens('tier')).toEqual([['one', 15]]);
  });

  it('counts from a time on, to the minute in the last day and to the hour before', async () => {
    const { clock, ledger } = openLedger();
    const startMs = clock.now();
    const at = (ms: number) => ledger.groups('tier', ms)[0]?.counts.requests ?? 0;
    ledger.add(labels({}), { requests: 1 });
    await clock.advance(2 * 60_000);
    ledger.add(labels({}), { requests: 1 });
    expect([at(startMs), at(clock.now())]).toEqual([2, 1]);
    await clock.advance(30 * hourMs);
    ledger.add(labels({}), { requests: 1 });
    expect([at(startMs), at(clock.now())]).toEqual([3, 1]);
    expect(ledger.snapshot().buckets[0]).toMatchObject({ lengthMs: hourMs });
  });

  it('keeps the sum of all time, also of what its windows no longer reach', async () => {
    const { clock, ledger } = openLedger();
    ledger.add(labels({}), { requests: 7 });
    await clock.advance(100 * 24 * hourMs);
    ledger.add(labels({}), { requests: 1 });
    expect(ledger.groups('tier')[0]?.counts.requests).toBe(8);
    expect(ledger.groups('tier', 0)[0]?.counts.requests).toBe(1);
  });

  it('is bounded, whatever comes as a label', () => {
    const { ledger } = openLedger();
    for (let index = 0; index < 25_000; index++)
      ledger.add(labels({ model: `m${index}`, conversation: `c${index}` }), { requests: 1 });
    expect(ledger.groups('model').length).toBeLessThanOrEqual(501);
    expect(ledger.groups('conversation').length).toBe(1000);
    expect(ledger.groups('model').find(({ name }) => name === 'other')?.counts.requests).toBe(24_500);
  });

  it('is the same after a snapshot was restored', () => {
    const { clock, ledger } = openLedger();
    ledger.add(labels({ conversation: 'x' }), { requests: 2, nanoUsd: 3 });
    const restored = createUsageLedger(clock.now);
    restored.restore(JSON.parse(JSON.stringify(ledger.snapshot())));
    expect(restored.snapshot()).toEqual(ledger.snapshot());
    for (const by of dimensions) {
      expect(restored.groups(by)).toEqual(ledger.groups(by));
      expect(restored.groups(by, 0)).toEqual(ledger.groups(by, 0));
    }
  });
});
