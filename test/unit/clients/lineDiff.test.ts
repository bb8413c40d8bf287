import { expect, it } from 'vitest';
import { lineDiff } from '../../../src/clients/lineDiff.ts';

it('shows changed lines with a little around them', () => {
  const before = Array.from({ length: 9 }, (_, index) => `line ${index}`).join('\n');
  const after = `first\n${before.replace('line 7', 'changed')}\nlast\n`;
  expect(lineDiff(before, after)).toEqual([
    '+ first',
    '  line 0',
    '  line 1',
    '...',
    '  line 5',
    '  line 6',
    '- line 7',
    '+ changed',
    '  line 8',
    '+ last',
  ]);
  expect(lineDiff(before, before)).toEqual([]);
  expect(lineDiff('', 'a\r\n')).toEqual(['+ a']);
});

it('does not compare huge changes line by line', () => {
  const many = (name: string): string => Array.from({ length: 2_100 }, (_, index) => `${name} ${index}`).join('\n');
  expect(lineDiff(many('a'), many('b'))).toHaveLength(4_200);
});
