import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTimerLists } from '../../../src/server/timerLists.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const ran: string[] = [];
  const startedAt = performance.now();
  const after = createTimerLists(() => performance.now());
  const note = (name: string) => (): void => void ran.push(`${name} ${Math.round(performance.now() - startedAt)}`);
  return { ran, after, note };
}

describe('timers of the same delay', () => {
  it('each run once, when their own delay is over', () => {
    const { ran, after, note } = setUp();
    after(500, note('a'));
    vi.advanceTimersByTime(200);
    after(500, note('b'));
    after(300, note('c'));
    vi.advanceTimersByTime(5000);
    expect(ran).toEqual(['a 500', 'c 500', 'b 700']);
  });

  it('do not run if they were cancelled, and cancelling again or too late does nothing', () => {
    const { ran, after, note } = setUp();
    const cancelFirst = after(500, note('first'));
    const cancelSecond = after(500, note('second'));
    cancelFirst();
    cancelFirst();
    vi.advanceTimersByTime(500);
    cancelSecond();
    after(500, note('third'));
    vi.advanceTimersByTime(5000);
    expect(ran).toEqual(['second 500', 'third 1000']);
  });

  it('wait for their own delay after all before them were cancelled', () => {
    const { ran, after, note } = setUp();
    after(500, note('cancelled'))();
    vi.advanceTimersByTime(400);
    after(500, note('later'));
    vi.advanceTimersByTime(499);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['later 900']);
  });

  it('may start the next one while they run, and those behind them are not late', () => {
    const { ran, after, note } = setUp();
    after(500, () => {
      note('a')();
      after(500, note('again'));
    });
    vi.advanceTimersByTime(100);
    after(500, note('b'));
    vi.advanceTimersByTime(5000);
    expect(ran).toEqual(['a 500', 'b 600', 'again 1000']);
  });

  it('run although one before them fails', () => {
    const { ran, after, note } = setUp();
    after(500, () => {
      throw new Error('fails');
    });
    after(500, note('next'));
    expect(() => vi.advanceTimersByTime(500)).toThrow('fails');
    vi.advanceTimersByTime(10);
    expect(ran).toEqual(['next 501']);
  });

  it('need one timer of the system, which is gone when its delay is over', () => {
    const { after } = setUp();
    for (let count = 0; count < 100; count++) after(500, () => undefined)();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keep the process alive only while one of them waits', () => {
    vi.useRealTimers();
    const started = vi.spyOn(globalThis, 'setTimeout');
    const { after } = setUp();
    const cancel = after(500, () => undefined);
    const timer = started.mock.results[0]?.value as NodeJS.Timeout;
    started.mockRestore();
    expect(timer.hasRef()).toBe(true);
    cancel();
    expect(timer.hasRef()).toBe(false);
    const again = after(500, () => undefined);
    expect(timer.hasRef()).toBe(true);
    again();
    clearTimeout(timer);
  });
});
