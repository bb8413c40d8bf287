// Where schemas stand in the bodies of the three wires.

import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { fitDeclarations } from '../../../src/providers/declarations.ts';
import { commonSchemaProfile } from '../../../src/providers/toolSchemas.ts';
import { edit } from './find.ts';

const anyOf = [
  { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
  { type: 'object', properties: { b: { type: 'string' } } },
];
const merged = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
const words = `The input must match at least one of these schemas: ${JSON.stringify(anyOf)}`;
const fitted = { description: `Does.\n\n${words}`, parameters: merged };
const declared = { name: 'f', description: 'Does.', parameters: { anyOf } };

function chat(fields: JsonObject): JsonObject {
  return edit({}, { messages: [], ...fields });
}

describe('a root union', () => {
  it('is merged in Chat tools and functions', () => {
    const body = chat({ tools: [{ type: 'function', function: declared }], functions: [declared] });
    expect(body['tools']).toEqual([{ type: 'function', function: { name: 'f', ...fitted } }]);
    expect(body['functions']).toEqual([{ name: 'f', ...fitted }]);
  });

  it('is merged in Responses tools, namespaces and the conversation', () => {
    const tool = { type: 'function', ...declared };
    const expected = { type: 'function', name: 'f', ...fitted };
    const body = edit(
      { name: 'openai', protocol: 'responses' },
      {
        input: [
          { role: 'user', content: 'hi' },
          { type: 'additional_tools', tools: [tool] },
        ],
        tools: [tool, { type: 'namespace', name: 'n', tools: [tool] }, { type: 'custom', name: 'c' }],
      },
    );
    expect(body['tools']).toEqual([
      expected,
      { type: 'namespace', name: 'n', tools: [expected] },
      { type: 'custom', name: 'c' },
    ]);
    expect(body['input']).toMatchObject([{ role: 'user' }, { tools: [expected] }]);
  });

  it('is merged in Messages tools, but for those of the provider', () => {
    const hosted = { type: 'web_search_20250305', name: 'web_search' };
    const tools = [{ name: 'f', description: 'Does.', input_schema: { anyOf } }, hosted];
    expect(edit({ name: 'anthropic', protocol: 'anthropic' }, { messages: [], tools })['tools']).toEqual([
      { name: 'f', description: `Does.\n\n${words}`, input_schema: merged },
      hosted,
    ]);
  });

  it('ends strict mode, which requires every property', () => {
    const tools = [{ type: 'function', function: { ...declared, strict: true } }];
    expect(chat({ tools })['tools']).toMatchObject([{ function: { strict: false } }]);
    const parameters = { type: 'object', properties: {}, additionalProperties: false };
    const plain = [{ type: 'function', function: { name: 'f', strict: true, parameters } }];
    expect(chat({ tools: plain })['tools']).toMatchObject([{ function: { strict: true } }]);
  });

  it.each<[string, JsonObject]>([
    ['an optional property', { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }],
    ['other properties', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
    [
      'an optional property further below',
      {
        type: 'object',
        properties: {
          a: { type: 'array', items: { type: 'object', properties: { b: {} }, additionalProperties: false } },
        },
        required: ['a'],
        additionalProperties: false,
      },
    ],
  ])('ends strict mode for %s, which Anthropic takes and others do not', (_, parameters) => {
    const tool = { name: 'f', strict: true };
    expect(chat({ tools: [{ type: 'function', function: { ...tool, parameters } }] })['tools']).toMatchObject([
      { function: { strict: false } },
    ]);
    const kept = fitDeclarations(
      { tools: [{ ...tool, input_schema: parameters }] },
      'anthropic-messages',
      commonSchemaProfile,
      () => {},
    );
    expect(kept['tools']).toMatchObject([{ strict: true }]);
  });
});

test('a tool without parameters gets an empty object', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }];
  expect(chat({ tools })['tools']).toMatchObject([{ function: { parameters: { type: 'object', properties: {} } } }]);
});

test.each<[string, JsonObject]>([
  ['Chat', { tools: 'x', functions: [1], response_format: null }],
  [
    'Chat',
    { tools: [null, { function: null }, { function: { parameters: 7 } }], response_format: { json_schema: [] } },
  ],
])('a body of %s that is none is no reason to fail', (_wire, body) => {
  expect(() => chat(body)).not.toThrow();
});

describe('the schema of an answer', () => {
  const format = (schema: JsonObject): JsonObject => ({
    type: 'json_schema',
    json_schema: { name: 'a', strict: true, schema },
  });
  const schemaOf = (schema: JsonObject): JsonObject => {
    const body = edit({ name: 'openai', model: 'gpt-4o' }, { messages: [], response_format: format(schema) });
    return (body['response_format'] as { json_schema: JsonObject }).json_schema;
  };

  it('stays as it is where it is taken', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    expect(schemaOf(schema)['schema']).toBe(schema);
    expect(schemaOf({ type: 'object' })['schema']).toEqual({ type: 'object' });
  });

  it('loses a root union of objects to words, and strict mode with it', () => {
    expect(schemaOf({ anyOf })).toEqual({ name: 'a', strict: false, schema: { ...merged, description: words } });
  });

  it.each<JsonObject>([
    { type: 'array', items: { type: 'string' } },
    { anyOf: [{ type: 'string' }, { type: 'object' }] },
    { enum: ['a'] },
  ])('keeps the shape of the answer: %j', (schema) => {
    expect(schemaOf(schema)).toMatchObject({ strict: true, schema });
  });

  it('is repaired on every wire', () => {
    const schema = { type: 'object', properties: { a: { type: 'array' } } };
    const expected = { type: 'object', properties: { a: { type: 'array', items: {} } } };
    const text = { format: { type: 'json_schema', name: 'a', schema } };
    expect(edit({ protocol: 'responses' }, { input: 'hi', text })['text']).toEqual({
      format: { ...text.format, schema: expected },
    });
    const config = { effort: 'low', format: { type: 'json_schema', schema } };
    const claude = { name: 'anthropic', protocol: 'anthropic', model: 'claude-opus-4-7' } as const;
    expect(edit(claude, { messages: [], output_config: config })['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema: expected },
    });
  });
});

test('of tools with one name the first is declared (claude-code, "Tool names must be unique")', () => {
  const parameters = { type: 'object', properties: {} };
  const twins = ['a', 'b', 'a'].map((name, index) => ({ name, parameters, description: String(index) }));
  const chatTools = twins.map((each) => ({ type: 'function', function: each }));
  expect(chat({ tools: chatTools })['tools']).toEqual(chatTools.slice(0, 2));
  const responsesTools = [...twins.map((each) => ({ type: 'function', ...each })), { type: 'web_search' }];
  const responses = edit({ name: 'openai', protocol: 'responses' }, { tools: responsesTools });
  expect(responses['tools']).toEqual([...responsesTools.slice(0, 2), { type: 'web_search' }]);
  const messagesTools = twins.map(({ name, parameters: input_schema }) => ({ name, input_schema }));
  const messages = edit({ name: 'anthropic', protocol: 'anthropic' }, { messages: [], tools: messagesTools });
  expect(messages['tools']).toEqual(messagesTools.slice(0, 2));
});

test('`identity` changes nothing', () => {
  const body = { messages: [], tools: [{ type: 'function', function: declared }] };
  expect(edit({ transformers: [{ name: 'identity' }] }, body)).toBe(body);
});
