import { array, assert, constantFrom, jsonValue, nat, oneof, property, record, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../../src/canonical/json.ts';
import { createKeyRenamer } from '../../../src/canonical/keyRenamer.ts';

const names = new Map([
  ['a_b', 'a.b'],
  ['_x', '$x'],
  ['"', 'quote'],
]);

function rename(text: string, cuts: readonly number[] = []): string {
  const renamer = createKeyRenamer(names);
  const places = [...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted((a, b) => a - b);
  let from = 0;
  let out = '';
  for (const to of places) {
    out += renamer.push(text.slice(from, to));
    from = to;
  }
  return out + renamer.end();
}

describe('createKeyRenamer', () => {
  it.each([
    ['{"a_b":1}', '{"a.b":1}'],
    ['{"a_b" : {"_x":["_x",{"_x":"a_b"}]}}', '{"a.b" : {"$x":["_x",{"$x":"a_b"}]}}'],
    ['{"\\u0061_b":1,"\\"":2}', '{"a.b":1,"quote":2}'],
    ['{"n":12345678901234567890,"m":1e400}', '{"n":12345678901234567890,"m":1e400}'],
    ['{"text":"\\"a_b\\": 1","a_b":2}', '{"text":"\\"a_b\\": 1","a.b":2}'],
    ['{"a_b', '{"a_b'],
    ['{"a_b"', '{"a_b"'],
    ['no JSON', 'no JSON'],
    ['', ''],
  ])('%s', (text, expected) => {
    expect(rename(text)).toBe(expected);
    for (let cut = 1; cut < text.length; cut++) expect(rename(text, [cut])).toBe(expected);
  });

  it('lets through what is settled, and holds a string until it is known what it is', () => {
    const renamer = createKeyRenamer(names);
    expect(renamer.push('{"a_b":{"c":"long ')).toBe('{"a.b":{"c":');
    expect(renamer.push('text"')).toBe('');
    expect(renamer.push('}')).toBe('"long text"}');
  });

  it('passes a long text on as it comes', () => {
    const renamer = createKeyRenamer(names);
    const long = '\\"a_b\\":'.repeat(100);
    expect(renamer.push(`{"text":"${long}`)).toBe(`{"text":"${long}`);
    expect(renamer.push('\\')).toBe('\\');
    expect(renamer.push('"more')).toBe('"more');
    expect(renamer.push('","a_b":1}') + renamer.end()).toBe('","a.b":1}');
  });

  it('renames keys alone, wherever the text is cut', () => {
    const keys = constantFrom('a_b', '_x', 'c', '"');
    const value = record({
      first: oneof(string({ minLength: 30 }), jsonValue()),
      pairs: array(tuple(keys, jsonValue())),
    });
    assert(
      property(value, array(nat()), ({ first, pairs }, cuts) => {
        const object = { first, ...Object.fromEntries(pairs) };
        expect(JSON.parse(rename(JSON.stringify(object), cuts))).toEqual(renamed(JSON.parse(JSON.stringify(object))));
      }),
    );
  });
});

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [names.get(key) ?? key, renamed(inner)]));
}
