import { expect, it } from 'vitest';
import { finish, inSlices, type Steps } from '../../../src/capture/slices.ts';

function* steps(work: () => void): Steps<string> {
  for (let count = 0; count < 10; count++) {
    work();
    yield;
  }
  return 'done';
}

it('work in slices pauses after 2 ms, and not while there is time left', async () => {
  let nowMs = 0;
  const pausedAt: number[] = [];
  const pause = async (): Promise<void> => void pausedAt.push(nowMs);
  expect(
    await inSlices(
      steps(() => (nowMs += 0.5)),
      { now: () => nowMs, pause },
    ),
  ).toBe('done');
  expect(pausedAt).toEqual([2, 4]);
});

it('work at once does the same', () => {
  let done = 0;
  expect(finish(steps(() => done++))).toBe('done');
  expect(done).toBe(10);
});
