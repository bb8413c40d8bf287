import { describe, expect, it } from 'vitest';
import { createCircuits } from '../../../src/routing/circuits.ts';

const s = 1000;

/** A circuit that five failures at 0 have opened. */
function opened() {
  const circuits = createCircuits();
  for (let count = 0; count < 5; count++) circuits.failed('a', 0);
  return circuits;
}

describe('a circuit', () => {
  it('opens after five failures in a row for 30 s, and after four does not', () => {
    const circuits = createCircuits();
    for (let count = 0; count < 4; count++) circuits.failed('a', 0);
    expect([circuits.admit('a', 1), circuits.openUntilMs('a')]).toEqual([true, 0]);
    circuits.succeeded('a');
    for (let count = 0; count < 4; count++) circuits.failed('a', 0);
    expect(circuits.openUntilMs('a')).toBe(0);
    circuits.failed('a', 0);
    expect([circuits.admit('a', 30 * s - 1), circuits.openUntilMs('a')]).toEqual([false, 30 * s]);
    expect(circuits.admit('another', 1)).toBe(true);
  });

  it('then admits one probe, and no other request until its outcome is known', () => {
    const circuits = opened();
    expect([circuits.admit('a', 30 * s), circuits.admit('a', 31 * s)]).toEqual([true, false]);
    circuits.succeeded('a');
    expect([circuits.admit('a', 31 * s), circuits.admit('a', 31 * s)]).toEqual([true, true]);
  });

  it('waits twice as long after each failed probe, at most 5 minutes', () => {
    const circuits = opened();
    const waits = [];
    for (let now = 30 * s, probe = 0; probe < 5; probe++) {
      expect(circuits.admit('a', now)).toBe(true);
      circuits.failed('a', now);
      waits.push((circuits.openUntilMs('a') - now) / s);
      now = circuits.openUntilMs('a');
    }
    expect(waits).toEqual([60, 120, 240, 300, 300]);
  });

  it('admits another probe if the first one says nothing', () => {
    const circuits = opened();
    circuits.admit('a', 30 * s);
    circuits.released('a', 30 * s);
    expect(circuits.admit('a', 31 * s)).toBe(true);
  });

  it('admits no second probe because a request ends that was sent before the first one', () => {
    const circuits = opened();
    circuits.admit('a', 30 * s);
    circuits.released('a', 29 * s);
    expect(circuits.admit('a', 31 * s)).toBe(false);
  });

  it('does not wait longer for failures of requests that were sent before it opened', () => {
    const circuits = opened();
    circuits.failed('a', 10 * s);
    expect(circuits.openUntilMs('a')).toBe(30 * s);
  });
});
