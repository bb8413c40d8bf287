import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { maxInlined } from '../../../src/providers/toolSchemas.ts';
import { checkDeclarations } from '../../upstream/providers/geminiSchema.ts';
import { edit } from './find.ts';

function converted(parameters: JsonObject): JsonObject {
  const tool = (schema: unknown) => ({ type: 'function', function: { name: 'a', parameters: schema } });
  const body = edit({ name: 'gemini' }, { messages: [], tools: [tool(parameters)] });
  expect(() => checkDeclarations(body)).not.toThrow();
  return (body['tools'] as [{ function: JsonObject }])[0].function;
}

const property = (schema: JsonObject, more: JsonObject = {}): unknown => {
  const { parameters } = converted({ type: 'object', properties: { p: schema }, ...more });
  return (parameters as { properties: JsonObject }).properties['p'];
};

test.each<[string, JsonObject, JsonObject]>([
  ['what Google knows', { type: 'string', minLength: 1, pattern: 'a' }, { type: 'string', minLength: 1, pattern: 'a' }],
  [
    'keywords that it does not',
    { type: 'number', exclusiveMinimum: 0, $comment: 'x' },
    { type: 'number', description: '(exclusiveMinimum: 0)' },
  ],
  [
    'an exclusive bound of integers (pizza-bot#62)',
    { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9 },
    { type: 'integer', minimum: 1, maximum: 8 },
  ],
  ['formats', { type: 'string', format: 'uri', description: 'd' }, { type: 'string', description: 'd (format: uri)' }],
  ['a type that may be null', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
  ['a null among the choices', { anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'string', nullable: true }],
  [
    'several types',
    { type: ['string', 'integer'], description: 'd' },
    {
      description: 'd',
      anyOf: [
        { description: 'd', type: 'string' },
        { description: 'd', type: 'integer' },
      ],
    },
  ],
  ['a constant', { const: 'x' }, { type: 'string', enum: ['x'] }],
  [
    'one of several',
    { oneOf: [{ const: 'x' }, { const: 'y' }] },
    {
      anyOf: [
        { type: 'string', enum: ['x'] },
        { type: 'string', enum: ['y'] },
      ],
    },
  ],
  ['an enum without a type', { enum: ['a', 'b'] }, { type: 'string', enum: ['a', 'b'] }],
  [
    'an enum of numbers',
    { type: 'integer', enum: [1, 2], description: 'How many.' },
    { type: 'integer', description: 'How many. One of 1, 2.' },
  ],
  ['a list of anything', { type: 'array' }, { type: 'array', items: { type: 'string' } }],
  [
    'an object of texts under any name',
    { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    { type: 'object', description: '(additionalProperties: {"type":"string"})' },
  ],
  [
    'names by a pattern',
    { type: 'object', patternProperties: { '^S_': { type: 'string' } }, additionalProperties: false },
    { type: 'object', description: '(patternProperties: {"^S_":{"type":"string"}})' },
  ],
  ['an object of anything', { type: 'object', additionalProperties: {} }, { type: 'object' }],
  ['parts of one', { allOf: [{ type: 'string' }, { description: 'd' }] }, { type: 'string', description: 'd' }],
  [
    'names that are required but not there',
    { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] },
    { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
  ],
  [
    'properties that are called like keywords',
    { properties: { const: { type: 'string' } } },
    { type: 'object', properties: { const: { type: 'string' } } },
  ],
])('%s', (_what, schema, expected) => {
  expect(property(schema)).toEqual(expected);
});

test('references are what they stand for, and end where they would go round', () => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' }, name: { $ref: '#/definitions/name' } } };
  expect(property({ $ref: '#/$defs/node' }, { $defs: { node }, definitions: { name: { type: 'string' } } })).toEqual({
    type: 'object',
    properties: { next: { type: 'object' }, name: { type: 'string' } },
  });
});

test('references that multiply come to an end', () => {
  const wide = (to: string): JsonObject => ({
    type: 'object',
    properties: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { $ref: `#/$defs/${to}` }])),
  });
  const $defs = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`n${index}`, wide(`n${index + 1}`)]));
  const { parameters } = converted({ type: 'object', properties: { p: { $ref: '#/$defs/n0' } }, $defs });
  expect(JSON.stringify(parameters).length).toBeLessThan(200 * maxInlined);
});

test('a tool without parameters has none, and other tools are as they were', () => {
  expect(converted({ type: 'object', properties: {} })).toEqual({ name: 'a' });
  const tools = [{ type: 'function', function: { name: 'b' } }];
  expect(edit({ name: 'gemini' }, { messages: [], tools })['tools']).toEqual(tools);
});
