import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as messages from '../../../src/dialects/anthropicMessages/wire.ts';
import * as chat from '../../../src/dialects/openaiChat/wire.ts';
import * as responses from '../../../src/dialects/openaiResponses/wire.ts';
import { quickRead, unread } from '../../../src/dialects/quickRead.ts';

const schemas = Object.entries({ messages, chat, responses }).flatMap(([dialect, exported]) =>
  Object.entries(exported).flatMap(([name, schema]) =>
    schema instanceof z.ZodType ? [{ name: `${dialect} ${name}`, schema: schema as z.ZodType }] : [],
  ),
);

/** Words that schemas know, so that some values are right. */
const text = fc.constantFrom('', 'text', 'user', 'auto', 'low', 'grammar', 'json_schema', 'item_reference', 'x');
const leaf = fc.oneof(text, fc.constantFrom<unknown>(null, true, false, 0, 1.5, [], {}, ['text'], [{ text: 'x' }]));

function valuesFor(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return fc.record(
        {
          ...Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, valuesFor(field)])),
          other: leaf,
        },
        { requiredKeys: [], noNullPrototype: true },
      );
    case 'optional':
    case 'nullable':
    case 'catch':
      return fc.oneof({ weight: 4, arbitrary: valuesFor(def.innerType) }, leaf);
    case 'array':
      return fc.oneof(fc.array(valuesFor(def.element), { maxLength: 3 }), leaf);
    case 'union':
      return fc.oneof(...def.options.map(valuesFor), leaf);
    case 'enum':
      return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...Object.values(def.entries)) }, leaf);
    case 'literal':
      return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...def.values) }, leaf);
    case 'string':
      return fc.oneof({ weight: 8, arbitrary: text }, leaf);
    default:
      return leaf;
  }
}

/** Undefined where the schema refuses. */
function readBySchema(schema: z.ZodType, value: unknown): unknown {
  const { success, data } = schema.safeParse(value);
  return success ? { data } : undefined;
}

describe.each(schemas)('$name', ({ schema }) => {
  it('is read as the schema reads it, or left to the schema', () => {
    fc.assert(
      fc.property(valuesFor(schema), (value) => {
        const before = structuredClone(value);
        const found = quickRead(schema, value);
        if (found !== unread) expect({ data: found }).toStrictEqual(readBySchema(schema, value));
        expect(value).toStrictEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what clients send usually', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'run', arguments: '{}' } };
  it.each<[string, z.ZodType, unknown]>([
    ['a Chat request', chat.requestBody, { model: 'm', messages: [{}], stream: true, stop: ['x'], unknown: 1 }],
    ['a Chat message', chat.message, { role: 'assistant', content: null, tool_calls: [call] }],
    ['a Chat call', chat.toolCall, call],
    ['a Responses request', responses.requestBody, { model: 'm', input: [], reasoning: { effort: 'low' }, text: {} }],
    ['a Messages request', messages.requestBody, { model: 'm', messages: [], thinking: { type: 'enabled' } }],
    ['a block', messages.block, { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }],
    ['an object', chat.jsonObject, { constructor: 1, toString: 2 }],
  ])('is read without the schema: %s', (_, schema, value) => {
    const found = quickRead(schema, value);
    expect(found).not.toBe(unread);
    expect({ data: found }).toStrictEqual(readBySchema(schema, value));
  });

  it.each<[string, z.ZodType, unknown]>([
    ['a format', z.email(), 'no address'],
    ['whole numbers', z.int(), 1.5],
    ['a least number', z.number().min(2), 1],
    ['no other fields', z.strictObject({ a: z.string() }), { a: 'x', b: 1 }],
    ['keys of a kind', z.record(z.enum(['a']), z.string()), { b: 'x' }],
  ])('is left to a schema that asks for more: %s', (_, schema, value) => {
    expect(quickRead(schema, value)).toBe(unread);
  });

  it('is changed where the schema changes it', () => {
    const schema = z.object({ a: z.coerce.string(), b: z.array(z.string().transform((text) => text.length)) });
    expect(quickRead(schema, { a: 1, b: ['xyz'] })).toEqual({ a: '1', b: [3] });
  });

  it.each<[string, z.ZodType, string]>([
    ['of any fields', chat.jsonObject, '{"__proto__":{"a":1},"b":2}'],
    ['of known fields', messages.block, '{"type":"text","__proto__":{"a":1}}'],
  ])('an object %s that names what it inherits from is left to the schema', (_, schema, json) => {
    expect(quickRead(schema, JSON.parse(json))).toBe(unread);
  });
});
