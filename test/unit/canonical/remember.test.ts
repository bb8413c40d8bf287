import { expect, it } from 'vitest';
import { rememberByObject, rememberByText } from '../../../src/canonical/remember.ts';

it('makes a value once for each object', () => {
  const made: object[] = [];
  const valueOf = rememberByObject((key: object) => made.push(key));
  const [a, b] = [{}, {}];
  expect([valueOf(a), valueOf(b), valueOf(a), valueOf(b)]).toEqual([1, 2, 1, 2]);
});

it('makes a value once for each text, and forgets the one that was not asked for for longest', () => {
  const made: string[] = [];
  const valueOf = rememberByText(2, (text) => made.push(text));
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) valueOf(text);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});
