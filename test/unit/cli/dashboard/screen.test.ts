import { expect, it } from 'vitest';
import { keysIn } from '../../../../src/cli/dashboard/screen.ts';

it.each([
  ['q', ['q']],
  ['\u001B', ['\u001B']],
  ['\u001B[A', ['\u001B[A']],
  ['\u001B[Aq', ['\u001B[A', 'q']],
  ['\u001BOAq', ['\u001BOA', 'q']],
  ['\u001B[1;5Aq', ['\u001B[1;5A', 'q']],
  ['\u001B\u001B', ['\u001B', '\u001B']],
  ['\u001Bx', ['\u001Bx']],
  ['jjq\u0003', ['j', 'j', 'q', '\u0003']],
  ['漢😀', ['漢', '😀']],
  ['', []],
])('%j has the keys %j', (text, keys) => {
  expect(keysIn(text)).toEqual(keys);
});
