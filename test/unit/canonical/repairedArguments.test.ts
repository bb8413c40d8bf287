// Arguments that are no JSON, or that their schema does not allow, as public reports have them: docs/reference/wire-kinds.md, 5.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createArgumentReader } from '../../../src/canonical/argumentReader.ts';
import { parseLenient } from '../../../src/canonical/lenientJson.ts';

const schema = {
  type: 'object',
  properties: {
    command: { type: 'string' },
    path: { type: 'string' },
    days: { type: 'array', items: { type: 'integer' } },
    urls: { type: ['array', 'null'], items: { type: 'string' } },
    todos: { type: 'array', items: { type: 'object' } },
    limit: { type: 'integer' },
    nullable: { type: 'string', nullable: true },
    unset: { type: 'integer', default: null },
    mode: { type: 'string', enum: ['fast', null] },
    background: { type: 'boolean' },
  },
  required: ['command'],
};

/** Reads the text cut into the pieces whose lengths are given. */
function read(text: string, lengths: readonly number[] = [], isCut = false) {
  const reader = createArgumentReader(schema);
  let passed = '';
  let at = 0;
  for (const length of lengths) {
    passed += reader.push(text.slice(at, at + length));
    at += length;
  }
  passed += reader.push(text.slice(at));
  const { text: rest, problem } = reader.end(isCut);
  return { text: passed + rest, problem };
}

const repaired: [string, string, object][] = [
  ['escapes that JSON does not know (claude-code#87251, hermes-agent#110436)', String.raw`{"command":"grep \"a\|b\" C:\dir \d+ \N"}`, { command: String.raw`grep "a\|b" C:\dir \d+ \N` }],
  ['a short escape of a character (claude-code#79339)', String.raw`{"command":"C:\users \u12 \로"}`, { command: String.raw`C:\users \u12 \로` }],
  ['an escaped single quote', String.raw`{"command":"it\'s"}`, { command: "it's" }],
  ['line ends as text between the tokens (software-agent-sdk#2488)', String.raw`{"command": "view", \n"days": \n[1, 2]\n\n}`, { command: 'view', days: [1, 2] }],
  ['a comma before the end', '{"command":"a","days":[1,2,],}', { command: 'a', days: [1, 2] }],
  ['single quotes', `{'command':'say "hi"', 'path': 'it\\'s'}`, { command: 'say "hi"', path: "it's" }],
  ['keys without quotes', '{command:"a", limit: 5}', { command: 'a', limit: 5 }],
  ['literals of Python', '{"command":"a","background":True,"other":[None,False]}', { command: 'a', background: true, other: [null, false] }],
  ['numbers that JSON does not have', '{"command":"a","other":[NaN,-Infinity]}', { command: 'a', other: [null, null] }],
  ['a bracket too many', '{"command":"a"}}', { command: 'a' }],
  ['no arguments of PHP (neuron-ai#317)', '[]', {}],
  ['no arguments of Python', 'None', {}],
  ['no arguments of JavaScript (mastra#10728)', 'undefined', {}],
  ['an object where text is declared (kilocode#4131, continue#8973)', '{"command":"a","path":{"a": [1, "x"]}}', { command: 'a', path: '{"a": [1, "x"]}' }],
  ['a number where text is declared', '{"command":12.50,"path":true}', { command: '12.50', path: 'true' }],
  ['one item where a list is declared (hermes-agent#19717)', '{"command":"a","urls":"https://a.test","days":3,"todos":{"a":1}}', { command: 'a', urls: ['https://a.test'], days: [3], todos: [{ a: 1 }] }],
  ['a flag as text', '{"command":"a","background":"True"}', { command: 'a', background: true }],
  ['null for an optional parameter (zenrows-mcp#23)', '{"path":null, "limit" : null ,"command":"a","background":null}', { command: 'a' }],
  ['null for each parameter', '{"path":null,"limit":null}', {}],
]; // prettier-ignore

describe('arguments', () => {
  it.each(repaired)('%s, in any pieces', (_, text, expected) => {
    expect(JSON.parse(read(text).text)).toEqual(expected);
    expect(
      JSON.parse(
        read(
          text,
          Array.from({ length: text.length }, () => 1),
        ).text,
      ),
    ).toEqual(expected);
    for (let at = 1; at < text.length; at++) {
      const got = read(text, [at]);
      expect(JSON.parse(got.text)).toEqual(expected);
      expect(got.problem).toBeUndefined();
    }
  });

  it.each([
    ['null where it is allowed', '{"command":"a","urls":null}'],
    ['null where it is allowed in another spelling', '{"command":"a","nullable":null,"unset":null,"mode":null}'],
    ['null for a parameter that is demanded', '{"command":null}'],
    ['null for one that is not declared', '{"command":"a","other":null}'],
    ['text that holds no list', '{"command":"a","urls":"[a, b"}'],
    ['an item of another type', '{"command":"a","days":"x"}'],
  ])('%s stay as they are', (_, text) => {
    expect(read(text)).toEqual({ text, problem: undefined });
  });

  it.each([
    ['{"command":"a"', '{"command":"a"}'],
    ['{"command":"a","todos":[{"a":{"b":"c"}', '{"command":"a","todos":[{"a":{"b":"c"}}]}'],
  ])('%s gets the brackets that its server lost (vllm#32152)', (text, whole) => {
    expect(read(text)).toEqual({ text: whole, problem: 'lacked the brackets at their end' });
  });

  it.each([
    ['within a text', '{"command":"a'],
    ['within a number', '{"command":"a","limit":5'],
    ['behind a comma', '{"command":"a",'],
    ['without what is demanded', '{"path":"a"'],
  ])('that end %s stay cut off', (_, text) => {
    expect(read(text)).toEqual({ text, problem: 'are cut off' });
  });

  it('that a limit ended stay cut off', () => {
    expect(read('{"command":"a"', [], true)).toEqual({ text: '{"command":"a"', problem: 'are cut off' });
  });

  it('with many repairs take a time that grows with their length alone', () => {
    const text = `{"command":"${String.raw`\d`.repeat(200_000)}\n"}`;
    expect(JSON.parse(read(text).text)).toEqual({ command: `${String.raw`\d`.repeat(200_000)}\n` });
    expect(parseLenient(text)).toEqual({ command: `${String.raw`\d`.repeat(200_000)}\n` });
    expect(parseLenient(`{${"'".repeat(2_000_000)}}`)).toBeUndefined();
  });

  it.each([
    ['a text in single quotes', `{'command':'${'x'.repeat(400_000)}', 'path': 'a'}`, { command: 'x'.repeat(400_000), path: 'a' }],
    ['a text in place of a list', `{"command":"a","urls":"${'x'.repeat(400_000)}"}`, { command: 'a', urls: ['x'.repeat(400_000)] }],
    ['a long key without quotes', `{command:"a",${'x'.repeat(400_000)}:1}`, { command: 'a', ['x'.repeat(400_000)]: 1 }],
  ])('in many small pieces take a time that grows with their length alone: %s', (_, text, expected) => {
    const pieces = Array.from({ length: text.length / 4 }, () => 4);
    const { text: got, problem } = read(text, pieces);
    expect([JSON.parse(got), problem]).toEqual([expected, undefined]);
  }); // prettier-ignore

  it('that are valid stay the same text, in any pieces', () => {
    const value = fc.record({ command: fc.string({ unit: 'binary' }), other: fc.jsonValue(), days: fc.array(fc.integer()), background: fc.boolean() }, { requiredKeys: ['command'] }); // prettier-ignore
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1), fc.array(fc.nat(12)), (given, indent, lengths) => {
        const text = JSON.stringify(given, undefined, indent);
        expect(read(text, lengths)).toEqual({ text, problem: undefined });
      }),
    );
  });
});
