import { describe, expect, it } from 'vitest';
import { createHealth, type Health } from '../../../src/routing/health.ts';
import { latenciesSnapshotSchema } from '../../../src/routing/latencies.ts';

const target = { provider: 'one', model: 'm', tier: 'first' };
const sibling = { provider: 'one', model: 'n', tier: 'first' };

describe('latency', () => {
  it('is unknown before the first answer, and then the first value', () => {
    const health = createHealth();
    expect(health.latencyMs(target)).toBeUndefined();
    health.succeeded(target, 1000);
    expect(health.latencyMs(target)).toBe(1000);
    expect(health.latencyMs(sibling)).toBeUndefined();
  });

  it('is a moving average in which the newest value weighs three tenths', () => {
    const health = createHealth();
    health.succeeded(target, 1000);
    health.succeeded(target, 2000);
    expect(health.latencyMs(target)).toBeCloseTo(1300);
    health.succeeded(target, 200);
    expect(health.latencyMs(target)).toBeCloseTo(970);
  });

  it('counts an answer that was slow since it read a cold prompt for little, but one that was fast nevertheless as usual', () => {
    const health = createHealth();
    health.succeeded(target, 1000, undefined, true);
    health.succeeded(target, 3000, undefined, true);
    expect([health.latencyMs(target), health.firstContentMs(target)]).toEqual([1100, 1100]);
    health.succeeded(target, 100, undefined, true);
    expect(health.latencyMs(target)).toBeCloseTo(800);
    // What users see of a tier is what they waited.
    expect(health.latencies()[0]?.ewma_seconds).toBeCloseTo(1.15);
  });

  it('has a usual one while the target has answered lately', () => {
    const health = createHealth();
    health.succeeded(target, 1000);
    health.note(target, { result: 'answered', atMs: 5000 });
    health.failed(target, 9000);
    expect([health.standing(target, 605_000).usualMs, health.standing(target, 605_001).usualMs]).toEqual([
      1000,
      undefined,
    ]);
    expect(health.standing(sibling, 0).usualMs).toBeUndefined();
  });

  it('counts a failure as twice as slow, and one at once as no fast answer', () => {
    const health = createHealth();
    health.failed(sibling, 5);
    expect([health.latencyMs(sibling), health.samples(sibling)]).toEqual([2000, 1]);
    health.succeeded(target, 3000);
    health.failed(target, 10);
    expect(health.latencyMs(target)).toBeCloseTo(3900);
    expect(health.samples(target)).toBe(2);
    expect(health.latencies()).toEqual([{ tier: 'first', ewma_seconds: 3, sample_count: 1 }]);
  });

  it('does not grow without end while a target fails', () => {
    const health = createHealth();
    health.succeeded(target, 1000);
    for (let count = 0; count < 100; count++) health.failed(target, 5);
    expect(health.latencyMs(target)).toBeCloseTo(4000);
  });

  it('is reported by tier in seconds, with the number of answers', () => {
    const health = createHealth();
    expect(health.latencies()).toEqual([]);
    health.succeeded(target, 1000);
    health.succeeded(sibling, 2000);
    health.succeeded({ ...target, tier: 'second' }, 500);
    const [first, second] = health.latencies();
    expect(first).toEqual({ tier: 'first', ewma_seconds: expect.closeTo(1.3) as number, sample_count: 2 });
    expect(second).toEqual({ tier: 'second', ewma_seconds: 0.5, sample_count: 1 });
  });
});

describe('latencies that were kept', () => {
  const measured = () => {
    const health = createHealth();
    health.succeeded(target, 1000);
    health.succeeded(target, 2000);
    health.failed(sibling, 3000);
    const kept: unknown = JSON.parse(JSON.stringify(health.latenciesSnapshot()));
    return latenciesSnapshotSchema.parse(kept);
  };

  it('are those of before, failures and tiers too', () => {
    const health = createHealth();
    health.restoreLatencies(measured());
    expect([health.latencyMs(target), health.firstContentMs(target), health.samples(target)]).toEqual([1300, 1300, 2]);
    expect([health.latencyMs(sibling), health.firstContentMs(sibling)]).toEqual([6000, undefined]);
    expect(health.latencies()).toEqual([{ tier: 'first', ewma_seconds: 1.3, sample_count: 2 }]);
  });

  it('do not replace what was measured more often since', () => {
    const health = createHealth();
    for (let count = 0; count < 3; count++) health.succeeded(target, 50);
    health.restoreLatencies(measured());
    expect(health.latencyMs(target)).toBe(50);
  });
});

describe("a target's cooldown", () => {
  it('lasts until its time and is of that target alone', () => {
    const health = createHealth();
    expect([health.isOnCooldown(target, 0), health.cooldownUntilMs(target)]).toEqual([false, 0]);
    health.coolDown(target, 100);
    expect([health.isOnCooldown(target, 99), health.isOnCooldown(target, 100)]).toEqual([true, false]);
    expect(health.cooldownUntilMs(target)).toBe(100);
    expect(health.isOnCooldown(sibling, 99)).toBe(false);
  });

  it('ends when the target answers', () => {
    const health = createHealth();
    health.coolDown(target, 100);
    health.coolDown(sibling, 100);
    health.succeeded(target, 10);
    expect([health.isOnCooldown(target, 1), health.isOnCooldown(sibling, 1)]).toEqual([false, true]);
  });

  it('ends with a changed config', () => {
    const health = createHealth();
    health.coolDown(target, 100);
    health.clearCooldowns();
    expect(health.isOnCooldown(target, 1)).toBe(false);
  });
});

describe('the outcome of an attempt', () => {
  const failed = { result: 'failed', kind: 'overloaded', message: 'Busy.' } as const;
  const failOften = (health: Health, times: number): void => {
    for (let count = 0; count < times; count++) health.note(target, { ...failed, atMs: 0 });
  };

  it.each(['answered', 'refused'] as const)('%s closes the circuit: failures are counted in a row', (result) => {
    const health = createHealth();
    failOften(health, 4);
    health.note(target, { result, atMs: 0 });
    failOften(health, 4);
    expect(health.circuitUntilMs(target)).toBe(0);
    failOften(health, 1);
    expect(health.circuitUntilMs(target)).toBe(30_000);
  });

  it('unknown lets another request be the probe, unless it was sent before that one', () => {
    const health = createHealth();
    failOften(health, 5);
    expect(health.admit(target, 40_000)).toBe(true);
    health.note(target, { result: 'unknown', atMs: 50_000, sinceMs: 39_999 });
    expect(health.admit(target, 50_000)).toBe(false);
    health.note(target, { result: 'unknown', atMs: 50_000, sinceMs: 40_000 });
    expect(health.admit(target, 50_000)).toBe(true);
    health.note(target, { result: 'unknown', atMs: 50_000 });
    expect(health.admit(target, 50_000)).toBe(true);
  });

  it('is kept: only an answer counts as one', () => {
    const health = createHealth();
    health.note(target, { ...failed, atMs: 5 });
    health.note(target, { result: 'refused', atMs: 6 });
    expect(health.history(target)).toMatchObject({ isFailing: true, lastFailure: { atMs: 5 } });
    expect(health.history(target).lastSuccessAtMs).toBeUndefined();
    health.note(target, { result: 'answered', atMs: 7 });
    expect(health.history(target)).toMatchObject({ isFailing: false, lastSuccessAtMs: 7 });
  });

  it('does not count after a change of the config', () => {
    const health = createHealth();
    failOften(health, 5);
    health.noteQuota(target, undefined, 60_000);
    expect([health.circuitUntilMs(target), health.standing(target, 0).quotaUntilMs]).toEqual([30_000, 60_000]);
    health.clearCooldowns();
    expect([health.circuitUntilMs(target), health.standing(target, 0).quotaUntilMs]).toEqual([0, undefined]);
    expect(health.history(target).isFailing).toBe(false);
  });
});

describe('what another gateway knows of a target', () => {
  it('is taken over: its latency and its circuit', () => {
    const other = createHealth();
    for (let count = 0; count < 5; count++)
      other.note(target, { result: 'failed', atMs: 0, kind: 'overloaded', message: 'Busy.' });
    other.succeeded(target, 700);
    const health = createHealth();
    health.adopt(target, other.snapshotOf(target));
    expect([health.circuitUntilMs(target), health.latencyMs(target)]).toEqual([30_000, 700]);
    health.adopt(target, {});
    expect(health.circuitUntilMs(target)).toBe(30_000);
    health.restoreCircuit(target, undefined);
    expect(health.circuitUntilMs(target)).toBe(0);
  });
});

describe("a key's cooldown", () => {
  it('is for one target or for the whole provider', () => {
    const health = createHealth();
    health.coolDownKey(target, 'limited', { scope: 'target', untilMs: 10, isLimit: true });
    health.coolDownKey(target, 'revoked', { scope: 'provider', untilMs: 20, isLimit: false });
    expect(health.keyCooldownUntilMs(target, 'limited')).toBe(10);
    expect(health.keyCooldownUntilMs(sibling, 'limited')).toBe(0);
    expect(health.keyCooldownUntilMs(sibling, 'revoked')).toBe(20);
    expect(health.keyCooldownUntilMs({ ...target, provider: 'two' }, 'revoked')).toBe(0);
  });

  it('is the longer one of both scopes', () => {
    const health = createHealth();
    health.coolDownKey(target, 'k', { scope: 'target', untilMs: 30, isLimit: true });
    health.coolDownKey(target, 'k', { scope: 'provider', untilMs: 20, isLimit: false });
    expect(health.keyCooldownUntilMs(target, 'k')).toBe(30);
  });

  it('is known as a rate limit only if it is one', () => {
    const health = createHealth();
    health.coolDownKey(target, 'limited', { scope: 'target', untilMs: 10, isLimit: true });
    health.coolDownKey(target, 'forbidden', { scope: 'target', untilMs: 20, isLimit: false });
    expect([health.keyLimitUntilMs(target, 'limited'), health.keyLimitUntilMs(target, 'forbidden')]).toEqual([10, 0]);
  });

  it('ends when the target answers with that key', () => {
    const health = createHealth();
    for (const key of ['a', 'b']) {
      health.coolDownKey(target, key, { scope: 'target', untilMs: 10, isLimit: true });
      health.coolDownKey(target, key, { scope: 'provider', untilMs: 10, isLimit: false });
    }
    health.succeeded(target, 1, 'a');
    expect([health.keyCooldownUntilMs(target, 'a'), health.keyCooldownUntilMs(target, 'b')]).toEqual([0, 10]);
    health.succeeded(target, 1);
    expect(health.keyCooldownUntilMs(target, 'b')).toBe(10);
  });

  it('forgets what failures added to a latency, since the target may work again', () => {
    const health = createHealth();
    const target = { provider: 'p', model: 'm', tier: 'p' };
    health.succeeded(target, 1000);
    health.failed(target, 1000);
    health.note(target, { result: 'failed', atMs: 0, kind: 'upstream', message: 'Down.' });
    expect(health.latencyMs(target, 0)).toBe(1300);
    expect(health.latencyMs(target, 60_000)).toBe(1150);
    expect(health.latencyMs(target, 3_600_000)).toBeCloseTo(1000);
  });
});

it('has no samples of a target that was never asked', () => {
  expect(createHealth().samples(target)).toBe(0);
});

it('ends the cooldowns of a key that works, for its model and for its provider', () => {
  const health = createHealth();
  for (const scope of ['target', 'provider'] as const)
    health.coolDownKey(target, 'k', { scope, untilMs: 5, isLimit: false });
  expect([health.keyCooldownUntilMs(target, 'k'), health.keyCooldownUntilMs(sibling, 'k')]).toEqual([5, 5]);
  health.succeeded(target, 1, 'k');
  expect([health.keyCooldownUntilMs(target, 'k'), health.keyCooldownUntilMs(sibling, 'k')]).toEqual([0, 0]);
});

it('forgets all cooldowns for a changed config', () => {
  const health = createHealth();
  health.coolDown(target, 5);
  health.coolDownKey(target, 'k', { scope: 'target', untilMs: 5, isLimit: true });
  health.clearCooldowns();
  expect([health.cooldownUntilMs(target), health.keyCooldownUntilMs(target, 'k')]).toEqual([0, 0]);
});
