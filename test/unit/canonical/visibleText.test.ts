import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/canonical/errors.ts';
import { isVisible, oneLine, visibleText } from '../../../src/canonical/visibleText.ts';

/** What must never reach a terminal: C0, DEL, C1, line separators, bidi controls, tags, halves of characters. */
const harmful = [
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x21 }, (_, code) => String.fromCharCode(0x7f + code)),
  ...'\u2028\u2029\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff',
  '\u{e0041}',
  '\ud800',
  '\udc00',
];

describe('oneLine', () => {
  it('writes every invisible character as an escape', () => {
    for (const character of harmful) {
      const line = oneLine(`a${character}b`);
      expect(line).toMatch(/^a\\(?:[nrt]|u[0-9a-f]{4}|u\{[0-9a-f]+\})b$/);
      expect([isVisible(character), isVisible(line)]).toEqual([false, true]);
    }
  });

  it('keeps text in every script, and emoji of several characters', () => {
    const text = 'naïve, 漢字, עברית, हिन्दी, 👩‍👩‍👧 and a\\b';
    expect([oneLine(text), visibleText(text), isVisible(text)]).toEqual([text, text, true]);
  });

  it('does not change its own result', () => {
    const line = oneLine(harmful.join(''));
    expect(oneLine(line)).toBe(line);
  });

  it('cuts what is too long', () => {
    expect(oneLine('abcdef', 3)).toBe('abc…');
    expect(oneLine('abc', 3)).toBe('abc');
  });
});

describe('visibleText', () => {
  it('keeps line breaks and tabs alone', () => {
    for (const character of harmful)
      expect(visibleText(`a${character}b`)).toMatch(/[\n\t]/.test(character) ? `a${character}b` : /^a\\u.+b$/);
    expect(visibleText('a\r\nb')).toBe('a\nb');
  });
});

describe('a GatewayError', () => {
  it('holds no character that a terminal obeys, in any of its texts', () => {
    const error = new GatewayError('upstream', 'a\u001b[2Jb\nc', { code: 'x\n\u001by', param: 'p\u202eq' });
    expect(error.message).toBe('a\\u001b[2Jb\nc');
    expect(error.details).toMatchObject({ code: 'x\\n\\u001by', param: 'p\\u202eq' });
  });

  it('is bounded', () => {
    const long = 'x'.repeat(1_000_000);
    const error = new GatewayError('not-found', long, { code: long, param: long });
    const lengths = [error.message, error.details.code ?? '', error.details.param ?? ''].map(({ length }) => length);
    expect(lengths.every((length) => length > 100 && length < 40_000)).toBe(true);
  });
});
