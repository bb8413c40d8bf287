import { expect, it } from 'vitest';
import { createRestartPolicy } from '../../../src/vscode/restartPolicy.ts';

function setUp() {
  let now = 1_000_000;
  const policy = createRestartPolicy(() => now);
  const crashAfter = (milliseconds: number): number | undefined => {
    now += milliseconds;
    return policy.next();
  };
  return { policy, crashAfter };
}

it('doubles the delay each time, and gives up at five crashes within a minute', () => {
  const { crashAfter } = setUp();
  expect([0, 1, 1, 1, 1].map(crashAfter)).toEqual([1_000, 2_000, 4_000, 8_000, undefined]);
});

it('never waits longer than 30 s', () => {
  const { crashAfter } = setUp();
  const minute = 60_001;
  expect([0, minute, minute, minute, minute, minute, minute].map(crashAfter)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

it('resets after five minutes without a crash, and when the user asks for a start', () => {
  const { policy, crashAfter } = setUp();
  crashAfter(0);
  expect(crashAfter(1)).toBe(2_000);
  expect(crashAfter(300_001)).toBe(1_000);
  expect(crashAfter(1)).toBe(2_000);
  policy.reset();
  expect(crashAfter(1)).toBe(1_000);
});
