import { describe, expect, it } from 'vitest';
import { createCircuits } from '../../../src/routing/circuits.ts';

const target = { provider: 'one', model: 'm', tier: 'first' };
const sibling = { ...target, model: 'n' };

/** A circuit that `times` failures at once have brought into its state. */
function failing(times: number, nowMs = 0) {
  const circuits = createCircuits();
  for (let time = 0; time < times; time++) circuits.failed(target, nowMs);
  return circuits;
}

describe('a circuit', () => {
  it('opens after five failures in a row, for its target alone', () => {
    expect(failing(4).state(target, 0)).toBe('closed');
    const circuits = failing(5);
    expect([circuits.state(target, 0), circuits.state(sibling, 0)]).toEqual(['open', 'closed']);
    expect(circuits.retryAtMs(target, 0)).toBe(10_000);
    expect(circuits.enter(target, 9_999)).toBeUndefined();
    expect(circuits.enter(sibling, 0)).toMatchObject({ isProbe: false });
  });

  it('starts to count again after an answer', () => {
    const circuits = failing(4);
    circuits.answered(target);
    circuits.failed(target, 0);
    expect(circuits.state(target, 0)).toBe('closed');
  });

  it('lets exactly one request probe it after its wait, and the next one if that ends without a result', () => {
    const circuits = failing(5);
    expect(circuits.state(target, 10_000)).toBe('half-open');
    const probe = circuits.enter(target, 10_000);
    expect([probe?.isProbe, circuits.state(target, 10_000)]).toEqual([true, 'probing']);
    expect(circuits.enter(target, 20_000)).toBeUndefined();
    probe?.leave();
    expect(circuits.enter(target, 20_000)?.isProbe).toBe(true);
    // The first probe is over, so it can't end the second one.
    probe?.leave();
    expect(circuits.state(target, 20_000)).toBe('probing');
  });

  it('closes when the probe is answered', () => {
    const circuits = failing(5);
    const probe = circuits.enter(target, 10_000);
    circuits.answered(target);
    probe?.leave();
    expect(circuits.state(target, 10_000)).toBe('closed');
    expect(circuits.enter(target, 10_000)?.isProbe).toBe(false);
  });

  it('opens for twice as long after each probe that fails, up to five minutes', () => {
    const circuits = failing(5);
    let now = 0;
    const waits: number[] = [];
    for (let probe = 0; probe < 7; probe++) {
      const until = circuits.retryAtMs(target, now) ?? now;
      waits.push((until - now) / 1000);
      now = until;
      const pass = circuits.enter(target, now);
      circuits.failed(target, now);
      pass?.leave();
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it('does not open for longer because of requests that were sent all the same', () => {
    const circuits = failing(20);
    expect(circuits.retryAtMs(target, 0)).toBe(10_000);
  });

  it('is closed by a changed config', () => {
    const circuits = failing(5);
    circuits.clear();
    expect(circuits.state(target, 0)).toBe('closed');
  });
});
