import { expect, it } from 'vitest';
import { createAffinity } from '../../../src/routing/affinity.ts';
import { keptAffinity, notedAffinity } from '../../../src/server/keptAffinity.ts';

it('a process that is killed leaves the seats of its conversations, each with its time', () => {
  const notes: unknown[][] = [];
  const first = createAffinity();
  const noted = notedAffinity(first, (...values) => notes.push(values));
  const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
  noted.note('c', { provider: 'one', model: 'm' }, usage, 1000);
  noted.note('c', { provider: 'two', model: 'm' }, usage, 1000);
  const next = createAffinity();
  for (const values of notes) keptAffinity(next).repeat?.(JSON.parse(JSON.stringify(values)) as unknown[], 1000);
  expect(next.snapshot()).toEqual(first.snapshot());
  expect(next.snapshot()[0]?.[1]).toHaveLength(2);
});
