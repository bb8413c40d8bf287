import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWritten, type WrittenText } from '../../../src/canonical/writtenText.ts';

/** As a provider writes it that escapes whatever is not ASCII. */
function inAscii(text: string): WrittenText {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return {
    text,
    json: JSON.stringify(text)
      .slice(1, -1)
      .replaceAll(/[^ -~]/g, escape),
  };
}

describe('a text that consists of two', () => {
  it('is written as each of them is, or as JSON.stringify writes a shorter one', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, fc.constantFrom('both', 'first', 'second'), (first, second, known) => {
        const joined = joinWritten(
          { text: first, written: known === 'second' ? undefined : inAscii(first) },
          { text: second, written: known === 'first' ? undefined : inAscii(second) },
        );
        expect(joined !== undefined || known !== 'both').toBe(true);
        if (!joined) return;
        expect(joined.text).toBe(first + second);
        expect(JSON.parse(`"${joined.json}"`)).toBe(first + second);
      }),
    );
    const short = { text: 'a"' };
    const long = { text: 'long é', written: inAscii('long é') };
    expect(joinWritten(short, long)?.json).toBe(String.raw`a\"long \u00e9`);
    expect(joinWritten(long, short)?.json).toBe(String.raw`long \u00e9a\"`);
  });

  it('is not known if neither of them is, or if what is unknown is longer', () => {
    const known = { text: 'x', written: inAscii('x') };
    expect(joinWritten({ text: 'a' }, { text: 'b' })).toBeUndefined();
    expect(joinWritten({ text: 'longer' }, known)).toBeUndefined();
    expect(joinWritten(known, { text: 'longer' })).toBeUndefined();
  });
});
