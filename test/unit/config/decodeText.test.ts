import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../src/config/decodeText.ts';

const text = '{"ключ": "värde 😀"}';
const little = Buffer.from(text, 'utf16le');
const big = Buffer.from(little).swap16();

describe('decodeText', () => {
  it.each<[string, Uint8Array, string]>([
    ['UTF-8', Buffer.from(text), text],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`), `\ufeff${text}`],
    ['UTF-16 LE with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), little]), `\ufeff${text}`],
    ['UTF-16 BE with a byte order mark', Buffer.concat([Buffer.from([0xfe, 0xff]), big]), `\ufeff${text}`],
    ['UTF-16 LE without one', little, text],
    ['UTF-16 BE without one', big, text],
    ['nothing', Buffer.alloc(0), ''],
    ['one byte', Buffer.from('{'), '{'],
  ])('reads %s', (_, bytes, expected) => {
    expect(decodeText(bytes)).toBe(expected);
  });
});
