import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/canonical/request.ts';
import { createRepeatedTexts, type RepeatedTexts } from '../../../../src/dialects/openaiResponses/repeatedTexts.ts';
import { joinPieces } from '../../../../src/sse/pieces.ts';

/** The data of an event, which are the same as text and as what is sent. */
function written(texts: RepeatedTexts, fields: JsonObject): string {
  const { data, raw } = texts.write(fields);
  expect(joinPieces(raw)).toBe(data.join(''));
  return data.join('');
}

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
        expect(written(texts, fields)).toBe(JSON.stringify(expected));
      }),
    );
  });

  it('takes a text as it was written before, also where a piece ends within a character', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (given) => {
        const pieces = [...given, '😀'.repeat(600), '\ud83d', '\ude00"\\\n'];
        const texts = createRepeatedTexts();
        const long = texts.add(
          pieces.join(''),
          pieces.map((piece) => JSON.stringify(piece).slice(1, -1)),
        );
        expect(JSON.parse(written(texts, { long }))).toEqual({ long: pieces.join('') });
      }),
    );
  });

  it('repeats a text in one event', () => {
    const texts = createRepeatedTexts();
    const [long, short] = [texts.add('x'.repeat(5000)), texts.add('short')];
    expect(JSON.parse(written(texts, { a: long, b: [long, short] }))).toEqual({
      a: 'x'.repeat(5000),
      b: ['x'.repeat(5000), 'short'],
    });
  });
});
