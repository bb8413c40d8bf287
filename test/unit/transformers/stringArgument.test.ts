import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStringArgument } from '../../../src/transformers/stringArgument.ts';

/** What was told of each piece, and at the end. */
function read(pieces: readonly string[]): string[] {
  const reader = readStringArgument('response');
  return [...pieces.map((piece) => reader.push(piece)), reader.end()];
}

describe('a string in JSON arguments', () => {
  it('streams', () => {
    expect(read(['{"respo', 'nse": "All ', 'do', 'ne."', '}'])).toEqual(['', 'All ', 'do', 'ne.', '', '']);
  });

  it('comes out whole however it is split, and never as half a character', () => {
    const text = fc.string({ unit: 'binary' });
    const cuts = fc.array(fc.nat(200));
    const escaped = fc.boolean();
    const property = fc.property(text, cuts, escaped, (answer, at, ascii) => {
      let json = JSON.stringify({ response: answer });
      if (ascii) json = json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`); // prettier-ignore
      const ends = [...new Set(at.map((each) => each % (json.length + 1)))].sort((a, b) => a - b);
      const pieces = [...ends, json.length].map((end, index) => json.slice(ends[index - 1] ?? 0, end));
      const told = ascii ? read(pieces) : read([json]);
      expect(told.join('')).toBe(answer);
      expect(told.every((each) => each.isWellFormed())).toBe(true);
    });
    fc.assert(property);
  });

  it('may have line ends in it, as models write them', () => {
    expect(read(['{"response": "a\nb"}']).join('')).toBe('a\nb');
  });

  it.each([
    ['cut off within it', '{"response": "All do', 'All do'],
    ['cut off within an escape', '{"response": "All do\\u00', 'All do'],
    ['with half a character', '{"response": "a\\ud83d b"}', 'a\ufffd b'],
    ['with an escape that is none', '{"response": "a\\uxyz1 b"}', 'a\\uxyz1 b'],
    ['under another name', '{"answer": "All done."}', 'All done.'],
    ['alone', '"All done."', 'All done.'],
    ['that is not JSON', 'All done.', 'All done.'],
    ['beside others', '{"a": "b", "c": "d"}', '{"a": "b", "c": "d"}'],
    ['that is missing', '{}', ''],
  ])('%s is not lost', (_, json, answer) => {
    expect(read([json]).join('')).toBe(answer);
  });

  it('under another name is not read from its beginning with each piece', () => {
    const pieces = ['{"answer": "', ...Array.from({ length: 200_000 }, () => 'a'), '"}'];
    expect(read(pieces).join('')).toHaveLength(200_000);
  }, 3_000);
});
