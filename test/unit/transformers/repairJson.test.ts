import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repairJson } from '../../../src/transformers/repairJson.ts';

describe('malformed JSON with only one reading', () => {
  it.each([
    ['```json\n{"a": "b"}\n```', { a: 'b' }, ['code fence around it']],
    ['"{\\"a\\": \\"b\\"}"', { a: 'b' }, ['JSON within a string']],
    ['{command: "ls", n_1: 2}', { command: 'ls', n_1: 2 }, ['key without quotes']],
    ["{'a': 'say \"b\"'}", { a: 'say "b"' }, ['single quotes']],
    ['{"a": "one\ntwo\tthree"}', { a: 'one\ntwo\tthree' }, ['line end within a string']],
    ['{"a": "don\\\'t"}', { a: "don't" }, ['escaped single quote']],
    ['{"a": [1, 2,], }', { a: [1, 2] }, ['trailing comma']],
    ['{"a": True, "b": None}', { a: true, b: null }, ['Python literal']],
    ['{"a": {"b": ["c"]', { a: { b: ['c'] } }, ['missing closing bracket']],
    ['{"a": "b"}}', { a: 'b' }, ['surplus closing bracket']],
    [
      "```\n{a: 'b\nc', }\n```",
      { a: 'b\nc' },
      ['code fence around it', 'key without quotes', 'single quotes', 'line end within a string', 'trailing comma'],
    ],
  ])('%j', (text, value, repairs) => {
    expect(repairJson(text)).toEqual({ value, repairs });
  });
});

describe('ambiguous JSON', () => {
  it.each([
    ['stops within a string', '{"command": "rm -rf /home/me/t'],
    ['stops within a number', '{"lines": 1'],
    ['stops within a word', '{"all": tru'],
    ['stops behind a comma', '{"a": "b",'],
    ['stops behind a key', '{"a"'],
    ['has a quote within a string', '{"a": "say "b" now"}'],
    ['has an apostrophe in single quotes', "{'a': 'don't'}"],
    ['has an escape that is none', '{"a": "\\d+"}'],
    ['has a value without quotes', '{"a": ls -la}'],
    ['has a key twice', '{a: 1, a: 2}'],
    ['has words before it', 'Here it is: {"a": 1}'],
    ['has another behind it', '{"a": 1}{"a": 2}'],
    ['is a list', '[1,]'],
    ['is a number', '7'],
    ['is a string', '"ls"'],
    ['is a command', 'ls -la'],
    ['is nothing', ''],
    ['is a cut string in a string', '"{\\"a\\": 1"'],
    ['is too deep', '{"a":'.repeat(10_000)],
  ])('%s', (_, text) => {
    expect(repairJson(text)).toBeUndefined();
  });
});

it('reads valid JSON like JSON.parse', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
  fc.assert(
    fc.property(object, fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(repairJson(text)).toEqual({ value: JSON.parse(text), repairs: [] });
    }),
  );
});

it('restores an object from its malformed text', () => {
  const key = fc.stringMatching(/^[a-z_]{1,8}$/);
  const object = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, noNullPrototype: true });
  const breaks: ((text: string) => string)[] = [
    (text) => `\`\`\`json\n${text}\n\`\`\``,
    (text) => text.replace(/^\{"(\w+)"/, '{$1'),
    (text) => text.replace(/\}$/, ',}'),
    (text) => `${text}}`,
    (text) => JSON.stringify(text),
  ];
  fc.assert(
    fc.property(object, fc.constantFrom(...breaks), (value, damage) => {
      expect(repairJson(damage(JSON.stringify(value)))?.value).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('never makes anything of a beginning but the object itself', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 });
  fc.assert(
    fc.property(object, fc.nat(), (value, at) => {
      const text = JSON.stringify(value);
      const found = repairJson(text.slice(0, at % text.length));
      // Only brackets may be missing: every value is there, though not every one that was to come behind it.
      if (found) expect(text.startsWith(JSON.stringify(found.value).replace(/[}\]]+$/, ''))).toBe(true);
    }),
  );
});
