import { describe, expect, it } from 'vitest';
import { startWatchdog } from '../../../src/gateway/watchdog.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

const limits = { totalMs: 1000, firstEventMs: 100, idleMs: 50 };

function start(more: Partial<typeof limits> = {}) {
  const clock = createFakeClock();
  const parent = new AbortController();
  return { clock, parent, watchdog: startWatchdog(clock, { ...limits, ...more }, 'a,m', parent.signal) };
}

describe('startWatchdog', () => {
  it('ends an attempt that sends no content', async () => {
    const { clock, watchdog } = start();
    await clock.advance(99);
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(watchdog.signal.reason).toMatchObject({
      kind: 'timeout',
      message: 'a,m sent no content within 0.1 s.',
      details: { stage: 'first-event' },
    });
  });

  it('ends an idle stream, counted from the last reset', async () => {
    const { clock, watchdog } = start();
    await clock.advance(90);
    for (let chunk = 0; chunk < 5; chunk++) {
      watchdog.reset();
      await clock.advance(49);
    }
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(watchdog.signal.reason).toMatchObject({ kind: 'timeout', details: { stage: 'idle' } });
  });

  it('counts an idle limit that is longer than the one for the first content in full', async () => {
    const { clock, watchdog } = start({ idleMs: 150 });
    await clock.advance(90);
    watchdog.reset();
    await clock.advance(149);
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(watchdog.signal.reason).toMatchObject({ kind: 'timeout', details: { stage: 'idle' } });
  });

  it('ignores the silence of an open reply while nothing is read of it, but not that of a closed one', async () => {
    const { clock, watchdog } = start();
    watchdog.open();
    await clock.advance(500);
    expect(watchdog.signal.aborted).toBe(false);
    watchdog.resume();
    watchdog.pause();
    await clock.advance(100);
    expect(watchdog.signal.aborted).toBe(false);
    watchdog.resume();
    await clock.advance(49);
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(100);
    expect(watchdog.signal.reason).toMatchObject({ details: { stage: 'idle' } });
    const closed = start();
    closed.watchdog.reset();
    closed.watchdog.pause();
    await closed.clock.advance(40);
    closed.watchdog.resume();
    await closed.clock.advance(10);
    expect(closed.watchdog.signal.reason).toMatchObject({ details: { stage: 'idle' } });
  });

  it('ends an attempt that takes too long in total', async () => {
    const { clock, watchdog } = start();
    for (let chunk = 0; chunk < 25; chunk++) {
      watchdog.reset();
      await clock.advance(40);
    }
    expect(watchdog.signal.reason).toMatchObject({ kind: 'timeout', details: { stage: 'total' } });
  });

  it('passes on the abort reason of the client, and leaves no timer running once stopped', async () => {
    const { clock, parent, watchdog } = start();
    watchdog.stop();
    await clock.advance(10_000);
    expect(watchdog.signal.aborted).toBe(false);
    parent.abort(new Error('gone'));
    expect(watchdog.signal.reason).toMatchObject({ message: 'gone' });
  });
});
