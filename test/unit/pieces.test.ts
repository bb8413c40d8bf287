import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesOf, createPieces, encode, joinPieces } from '../../src/sse/pieces.ts';

const piece = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme' }).map((text) => text.repeat(3000)),
  fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
);

it('keeps all of a text in its order, as text and as bytes', () => {
  fc.assert(
    fc.property(fc.array(piece), (given) => {
      const pieces = createPieces();
      for (const each of given) pieces.add(typeof each === 'string' ? each : [each]);
      const taken = pieces.take();
      const text = given.map(String).join('');
      expect(joinPieces(taken)).toBe(text);
      expect(Buffer.concat(bytesOf(taken)).toString()).toBe(text);
      expect(pieces.isEmpty()).toBe(true);
    }),
  );
});

it('has room for any text, with what is free around it', () => {
  const some = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('é'.repeat(90), '😀'.repeat(7), 'x'.repeat(5000)),
  );
  fc.assert(
    fc.property(fc.array(some), fc.nat(20), fc.nat(20), (strings, before, after) => {
      const bytes = encode(strings, before, after);
      expect(bytes.subarray(before, bytes.length - after).toString()).toBe(strings.join(''));
    }),
  );
});

it('joins short pieces, and copies no long one', () => {
  const pieces = createPieces();
  const long = 'x'.repeat(1500);
  for (const text of ['a', 'b', long, 'c', '', 'd', long]) pieces.add(text);
  expect(pieces.take()).toEqual(['ab', long, 'cd', long]);
});
