import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeWellFormed } from '../../../src/canonical/wellFormed.ts';

it('half of a character becomes U+FFFD, in keys too', () => {
  const { text, repaired } = writeWellFormed({ a: ['cut \ud83d', { '\ude00k': 1 }], b: 'whole 😀' });
  expect(repaired).toBe(true);
  expect(JSON.parse(text)).toEqual({ a: ['cut \ufffd', { '\ufffdk': 1 }], b: 'whole 😀' });
});

it('a text that only talks of one stays as it is', () => {
  const body = { code: String.raw`"\ud83d"` };
  expect(writeWellFormed(body)).toEqual({ text: JSON.stringify(body), repaired: false });
});

it('any JSON comes out well formed, and otherwise the same', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const string = fc.array(unit, { maxLength: 8 }).map((units) => units.join(''));
  fc.assert(
    fc.property(fc.object({ key: string, values: [string, fc.integer()] }), (value) => {
      const { text, repaired } = writeWellFormed(value);
      expect(text.isWellFormed()).toBe(true);
      expect(/\\ud[89a-f]/.test(text.replaceAll('\\\\', ''))).toBe(false);
      if (!repaired) expect(text).toBe(JSON.stringify(value));
    }),
  );
});
