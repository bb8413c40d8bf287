import { expect, it } from 'vitest';
import { hashText } from '../../../src/reasoning/turnHash.ts';

const words = Array.from({ length: 9000 }, (_, index) => `word${index}`);

it.each([10, 1000, 1600, 9000])('a text of %d words has the hash of the same text with other white space', (count) => {
  const text = words.slice(0, count);
  const spaced = `\n\n${text.join('\n \u00a0\u3000')}   \n`;
  expect(hashText([spaced])).toBe(hashText(text));
  expect(hashText([` ${'\n'.repeat(100_000)}${spaced}`])).toBe(hashText(text));
});

it.each([0, 8999])('a long text that differs in word %d has another hash', (index) => {
  const changed = words.with(index, 'other');
  expect(hashText(changed)).not.toBe(hashText(words));
});

it('blank text has none', () => {
  expect([hashText([]), hashText(['', ' \n'])]).toEqual(['', '']);
});
