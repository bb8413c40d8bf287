import { describe, expect, it } from 'vitest';
import type { TargetView } from '../../../src/control/protocol.ts';
import { createStateChanges } from '../../../src/server/stateChanges.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

function watch(view: TargetView) {
  const clock = createFakeClock(0);
  const published: string[] = [];
  const current = { view, levels: [0], active: { requests: 0, streams: 0 } };
  const changes = createStateChanges({
    clock,
    targets: () => [current.view],
    budgetLevels: () => current.levels,
    active: () => current.active,
    publish: () => void published.push(`${current.view.state}@${clock.now()}`),
  });
  return { clock, published, current, changes };
}

const untried: TargetView = { target: 'a,m', tier: 'a', state: 'unknown' };

describe('state changes', () => {
  it('are published once for a burst of attempts, and not for answers that change nothing', async () => {
    const { clock, published, current, changes } = watch(untried);
    current.view = { ...untried, state: 'ok', lastSuccessAt: 1 };
    changes.noticed();
    changes.noticed();
    await clock.advance(1000);
    current.view = { ...untried, state: 'ok', lastSuccessAt: 900 };
    changes.noticed();
    await clock.advance(1000);
    current.levels = [1];
    changes.noticed();
    await clock.advance(1000);
    expect(published).toEqual(['ok@200', 'ok@2200']);
  });

  it('are published when streams begin and end, once for a burst', async () => {
    const { clock, published, current, changes } = watch({ ...untried, state: 'ok' });
    changes.noticed();
    await clock.advance(1000);
    for (let streams = 1; streams <= 3; streams++) {
      current.active = { requests: streams, streams };
      changes.noticed();
    }
    await clock.advance(1000);
    current.active = { requests: 0, streams: 0 };
    changes.noticed();
    await clock.advance(1000);
    expect(published).toEqual(['ok@200', 'ok@1200', 'ok@2200']);
  });

  it('are published when a cooldown ends, without another attempt', async () => {
    const { clock, published, current, changes } = watch(untried);
    current.view = { ...untried, state: 'cooldown', retryAt: 5000, lastFailure: { at: 0, kind: 'rate-limited', message: 'Later.' } };
    changes.noticed();
    await clock.advance(4999);
    current.view = { ...untried, state: 'failing', lastFailure: { at: 0, kind: 'rate-limited', message: 'Later.' } };
    await clock.advance(1);
    expect(published).toEqual(['cooldown@200', 'failing@5000']);
    expect(await clock.next()).toBe(false);
  }); // prettier-ignore

  it('leave no timer that is longer than an hour, and none after the end', async () => {
    const month = 30 * 24 * 3_600_000;
    const { clock, published, changes } = watch({ ...untried, state: 'cooldown', retryAt: month });
    changes.noticed();
    await clock.advance(200);
    await clock.next();
    expect(clock.now()).toBe(3_600_200);
    changes.stop();
    changes.noticed();
    expect(await clock.next()).toBe(false);
    expect(published).toEqual(['cooldown@200']);
  });
});
