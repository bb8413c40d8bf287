import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { findTag } from '../../../src/reasoning/tags.ts';

const tags = ['<think>', '</think>', '<|open|>', '[THINK]', '◁think▷', 'functools[', '|', '¤¤'];

/** Beginnings of tags, whole ones, and what is between them. */
const part = fc.oneof(
  fc.constantFrom(...tags),
  fc.constantFrom(...tags).chain((tag) => fc.nat(tag.length).map((length) => tag.slice(0, length))),
  fc.string({ maxLength: 3 }),
  // Longer than what is searched at a time.
  fc.constantFrom('f', '<', '[ ').map((text) => text.repeat(3000)),
);

it('finds the first tag from a place on, wherever it begins', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.constantFrom(0, 0, 1, 100, 5000), (parts, from) => {
      const text = parts.join('');
      const places = tags.map((tag) => text.indexOf(tag, from)).filter((place) => place >= 0);
      const found = findTag(text, tags, from);
      expect(found?.index).toBe(places.length === 0 ? undefined : Math.min(...places));
      if (found) expect(text.startsWith(found.tag, found.index)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('finds a tag at the end of what is searched at a time', () => {
  for (const tag of tags)
    for (let length = 4080; length <= 4100; length++)
      expect(findTag(`${'x'.repeat(length)}${tag}${' '.repeat(5000)}`, tags)).toEqual({ index: length, tag });
});
