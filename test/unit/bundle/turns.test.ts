import { expect, it } from 'vitest';
import { createTurns } from '../../../scripts/test/turns.mjs';

it('shows the first stage as it comes, and the others when it is their turn', () => {
  const shown: string[] = [];
  const openTurn = createTurns({ write: (chunk) => void shown.push(String(chunk)) });
  const [first, second, third] = [openTurn(), openTurn(), openTurn()];
  second.write('b1 ');
  first.write('a1 ');
  third.write('c1 ');
  third.end();
  expect(shown.join('')).toBe('a1 ');
  first.write('a2 ');
  first.end();
  expect(shown.join('')).toBe('a1 a2 b1 ');
  second.write('b2 ');
  expect(shown.join('')).toBe('a1 a2 b1 b2 ');
  second.end();
  expect(shown.join('')).toBe('a1 a2 b1 b2 c1 ');
});
