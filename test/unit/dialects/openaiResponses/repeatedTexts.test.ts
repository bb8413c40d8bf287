import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRepeatedTexts } from '../../../../src/dialects/openaiResponses/repeatedTexts.ts';

describe('createRepeatedTexts', () => {
  it('writes each text in its place, whatever the other fields look like', () => {
    const text = fc.string({ unit: 'binary' });
    const tricky = fc.constantFrom(String.raw`"\u0030"`, String.raw`\u0030`, '"\\', '$&', '0', '');
    const anyText = fc.oneof(text, tricky);
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 12 }), anyText, anyText, (given, name, beside) => {
        const texts = createRepeatedTexts();
        const long = given.map((each) => each + 'é"\\\n'.repeat(300));
        const fields = {
          beside,
          items: long.map((each) => ({ [`k${name}`]: texts.add(each), also: each.slice(0, 20) })),
        };
        const expected = { beside, items: long.map((each) => ({ [`k${name}`]: each, also: each.slice(0, 20) })) };
        expect(texts.write(fields)).toBe(JSON.stringify(expected));
      }),
    );
  });

  it('takes a text as it was written before, also where a piece ends within a character', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (given) => {
        const pieces = [...given, '😀'.repeat(600), '\ud83d', '\ude00"\\\n'];
        const texts = createRepeatedTexts();
        const written = texts.add(
          pieces.join(''),
          pieces.map((piece) => JSON.stringify(piece).slice(1, -1)),
        );
        expect(JSON.parse(texts.write({ written }))).toEqual({ written: pieces.join('') });
      }),
    );
  });

  it('repeats a text in one event', () => {
    const texts = createRepeatedTexts();
    const [long, short] = [texts.add('x'.repeat(5000)), texts.add('short')];
    expect(JSON.parse(texts.write({ a: long, b: [long, short] }))).toEqual({
      a: 'x'.repeat(5000),
      b: ['x'.repeat(5000), 'short'],
    });
  });
});
