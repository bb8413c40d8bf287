import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createArgumentReader } from '../../../src/canonical/argumentReader.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { cutText } from '../../support/cutText.ts';

const schema = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    plan: { type: 'array', items: { type: 'object' } },
    count: { type: 'integer' },
    deep: { type: ['boolean', 'null'] },
  },
};

/** All text that the reader passes on for `fragments`, and its problem. */
function read(fragments: readonly string[], parameters: JsonObject = schema): { text: string; problem?: string } {
  const reader = createArgumentReader(parameters);
  const text = fragments.map((fragment) => reader.push(fragment)).join('');
  const { text: rest, ...end } = reader.end();
  return { text: text + rest, ...end };
}

describe('createArgumentReader', () => {
  it.each<[string, string[], string]>([
    ['a plain object', ['{"city":"Paris"}'], '{"city":"Paris"}'],
    ['an empty object', ['{}'], '{}'],
    ['nothing', [], '{}'],
    ['null', ['null'], '{}'],
    ['an empty string in quotes', ['""'], '{}'],
    ['{} before the real one', ['{}', '{"city"', ':"Paris"}'], '{"city":"Paris"}'],
    ['{} before the real one, in one fragment', ['{}{"city":"Paris"}'], '{"city":"Paris"}'],
    ['{ } with space before the real one', ['{', ' }', ' {"city":"Paris"}'], '{"city":"Paris"}'],
    [
      'the whole text so far each time',
      ['{', '{"city"', '{"city":"P', '{"city":"Paris"}', '{"city":"Paris"}'],
      '{"city":"Paris"}',
    ],
    ['the same object twice', ['{"city":"Paris"}', '{"city": "Paris"}'], '{"city":"Paris"}'],
    ['encoded twice', ['"{\\"city\\":', '\\"Paris\\"}"'], '{"city":"Paris"}'],
    ['a list around the object', ['[{"city"', ':"Paris"}]'], '{"city":"Paris"}'],
    ['a parameter that is JSON text', ['{"plan":"[{\\"a\\"', ':1}]","city":"[1]"}'], '{"plan":[{"a":1}],"city":"[1]"}'],
    ['a number as text', ['{"count":"5","deep":"true"}'], '{"count":5,"deep":true}'],
    ['text that is no number stays', ['{"count":"five"}'], '{"count":"five"}'],
    ['a nested object that begins like the outer one', ['{"a":', '{"a":1}}'], '{"a":{"a":1}}'],
  ])('%s', (_, fragments, expected) => {
    expect(read(fragments)).toEqual({ text: expected });
  });

  it('passes text on as it arrives, but for a parameter that may have to be decoded', () => {
    const reader = createArgumentReader(schema);
    expect(reader.push('{"city":"Pa')).toBe('{"city":"Pa');
    expect(reader.push('ris","plan":"[')).toBe('ris","plan":');
    expect(reader.push('1]",')).toBe('[1]');
    expect(reader.push('"x":"\\')).toBe(',"x":"');
    expect(reader.push('n"}')).toBe('\\n"}');
    expect(reader.end()).toEqual({ text: '' });
  });

  it('takes a list as the only parameter of a tool', () => {
    const plan = { type: 'object', properties: { plan: { type: 'array' } } };
    expect(read(['[{"step":1}]'], plan)).toEqual({ text: '{"plan":[{"step":1}]}' });
  });

  it.each<[string, string[], string, string]>([
    [
      'a second, different object',
      ['{"city":"A"}', '{"city":"B"}'],
      '{"city":"A"}',
      'were followed by a second value, which was dropped',
    ],
    ['a cut object', ['{"city":"A'], '{"city":"A', 'are cut off'],
    ['no JSON', ['city=A'], 'city=A', 'are not a JSON object'],
    ['a number', ['5'], '5', 'are not a JSON object'],
  ])('names what is wrong with %s', (_, fragments, text, problem) => {
    expect(read(fragments)).toEqual({ text, problem });
  });

  it('passes on any object, cut anywhere, and however it is disguised', () => {
    const disguises: ((text: string) => string)[] = [
      (text) => text,
      (text) => `{}${text}`,
      (text) => `${text}\n${text}`,
      (text) => JSON.stringify(text),
      (text) => `[${text}]`,
    ];
    // A parameter called `{` after a cut in front of its name looks like the whole text sent again, and no tool has one.
    const name = fc.string().filter((key) => !key.startsWith('{'));
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.jsonValue()),
        fc.constantFrom(...disguises),
        fc.array(fc.nat(40), { maxLength: 8 }),
        (value, disguise, cuts) => {
          const text = disguise(JSON.stringify(value));
          const result = read(cutText(text, cuts), {});
          expect(result.problem).toBeUndefined();
          expect(JSON.parse(result.text)).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
