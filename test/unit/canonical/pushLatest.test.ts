import { expect, it } from 'vitest';
import { pushLatest } from '../../../src/canonical/pushLatest.ts';

it.each([1, 10, 100])('keeps the latest %i, and not many more', (most) => {
  const list: number[] = [];
  for (let number = 1; number <= 1000; number++) {
    pushLatest(list, number, most);
    const latest = list.slice(-most);
    expect([latest[0], latest.at(-1), latest.length]).toEqual([
      Math.max(1, number - most + 1),
      number,
      Math.min(number, most),
    ]);
    expect(list.length).toBeLessThan(most + Math.max(16, most / 4));
  }
});
