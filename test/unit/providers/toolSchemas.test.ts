import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonSchemaProfile, fitSchema, type SchemaProfile } from '../../../src/providers/toolSchemas.ts';

const strict: SchemaProfile = { rootUnions: false, references: 'bare-definitions', mustBeTyped: true };
const inlined: SchemaProfile = { rootUnions: false, references: 'none', mustBeTyped: false };

function fit(schema: unknown, profile = commonSchemaProfile): object {
  return fitSchema(schema, profile).schema;
}

describe('fitSchema for every provider', () => {
  it('returns a schema that needs no change as it is', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string', enum: ['x'] }, b: { $ref: '#/definitions/b' } },
      definitions: { b: { type: 'array', items: { type: 'integer' } } },
      required: ['a'],
    };
    expect(fit(schema)).toBe(schema);
  });

  it.each(['^(?:a|b)+$', String.raw`^\d{4}\\p\.\(?[^\s]$`])(
    'keeps a pattern that every engine reads: %s',
    (pattern) => {
      const schema = { type: 'object', properties: { a: { type: 'string', pattern } } };
      expect(fit(schema)).toBe(schema);
    },
  );

  it.each<[string, unknown, object]>([
    ['nothing', undefined, { type: 'object', properties: {} }],
    ['null', null, { type: 'object', properties: {} }],
    ['an empty schema', {}, { type: 'object', properties: {} }],
    ['no type', { properties: { a: { type: 'string' } } }, { type: 'object', properties: { a: { type: 'string' } } }],
    ['a type of null', { type: null, properties: {} }, { type: 'object', properties: {} }],
    ['no properties', { type: 'object' }, { type: 'object', properties: {} }],
    [
      'numbers of things below none, and keywords of another type',
      {
        type: 'object',
        properties: {
          a: {
            type: 'string',
            minLength: -1,
            maxLength: 2.5,
            format: 5,
            deprecated: 'yes',
            examples: 'x',
            $comment: 1,
          },
        },
      },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    [
      'a schema put into another one with its own definitions',
      {
        type: 'object',
        properties: {
          a: { type: 'object', $defs: { y: { type: 'string' } }, properties: { b: { $ref: '#/$defs/y' } } },
        },
      },
      {
        type: 'object',
        properties: { a: { type: 'object', $defs: { y: { type: 'string' } }, properties: { b: { type: 'string' } } } },
      },
    ],
    [
      'definitions within it that lead to each other',
      {
        type: 'object',
        properties: {
          a: {
            type: 'object',
            definitions: { y: { type: 'array', items: { $ref: '#/definitions/y' } } },
            properties: { b: { $ref: '#/definitions/y' } },
          },
        },
      },
      {
        type: 'object',
        properties: {
          a: {
            type: 'object',
            definitions: { y: { type: 'array', items: { type: 'array', items: { type: 'object' } } } },
            properties: { b: { type: 'array', items: { type: 'object' } } },
          },
        },
      },
    ],
    [
      'an array without items',
      { type: 'object', properties: { a: { type: 'array' } } },
      { type: 'object', properties: { a: { type: 'array', items: {} } } },
    ],
    [
      'an enum of another type (oh-my-pi#2652)',
      {
        type: 'object',
        properties: {
          a: {
            anyOf: [
              { enum: ['A'], type: 'string' },
              { enum: ['A'], type: 'null' },
            ],
          },
          b: { type: 'string', enum: [0, true, 'x', null] },
          c: { type: 'integer', enum: ['1', '2', 'x'] },
        },
      },
      {
        type: 'object',
        properties: {
          a: { anyOf: [{ enum: ['A'], type: 'string' }, { type: 'null' }] },
          b: { type: 'string', enum: ['0', 'true', 'x'] },
          c: { type: 'integer', enum: [1, 2] },
        },
      },
    ],
    [
      'an enum of a list',
      { type: 'object', properties: { a: { type: 'array', enum: [0, 1], items: { type: 'integer' } } } },
      { type: 'object', properties: { a: { type: 'array', items: { type: 'integer', enum: [0, 1] } } } },
    ],
    [
      'numbers as text',
      {
        type: 'object',
        properties: { a: { type: 'string', minLength: '1', maxLength: 'many' }, b: { type: 'number', minimum: '0.5' } },
      },
      { type: 'object', properties: { a: { type: 'string', minLength: 1 }, b: { type: 'number', minimum: 0.5 } } },
    ],
    [
      'an enum without type',
      { type: 'object', properties: { a: { enum: ['x', 'y'] } } },
      { type: 'object', properties: { a: { type: 'string', enum: ['x', 'y'] } } },
    ],
    [
      'an enum of two types',
      { type: 'object', properties: { a: { enum: ['x', null] } } },
      { type: 'object', properties: { a: { type: ['string', 'null'], enum: ['x', null] } } },
    ],
    [
      'required that is no list',
      { type: 'object', properties: {}, required: null },
      { type: 'object', properties: {} },
    ],
    [
      'properties that are a list, as PHP writes an empty map',
      { type: 'object', properties: [] },
      { type: 'object', properties: {} },
    ],
    [
      'a property that is no schema (vscode-unify-chat-provider#162, oh-my-pi#5952)',
      { type: 'object', properties: { type: 'object', any: true } },
      { type: 'object', properties: { type: {}, any: {} } },
    ],
    [
      'types of other languages, and none (moon#2396)',
      { type: 'object', properties: { a: { type: 'int' }, b: { type: 'unknown' }, c: { type: ['STRING', null] } } },
      { type: 'object', properties: { a: { type: 'integer' }, b: {}, c: { type: 'string' } } },
    ],
    [
      '`required` of a property by a flag (go-mcp#170)',
      { type: 'object', properties: { a: { type: 'string', required: true } }, required: ['a', 'a'] },
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    ],
    [
      'a bound that is exclusive by a flag (pdf-reader-mcp#63)',
      { type: 'object', properties: { a: { type: 'integer', minimum: 0, exclusiveMinimum: true } } },
      { type: 'object', properties: { a: { type: 'integer', exclusiveMinimum: 0 } } },
    ],
    [
      'items of a tuple (vercel/ai#18921)',
      { type: 'object', properties: { a: { type: 'array', items: [{ type: 'string' }] } } },
      {
        type: 'object',
        properties: { a: { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'string' } } },
      },
    ],
    [
      'a branch that nothing matches (llama.cpp#14227)',
      { type: 'object', properties: { a: { anyOf: [{ not: {} }, { type: 'string' }] } } },
      { type: 'object', properties: { a: { anyOf: [{ type: 'string' }] } } },
    ],
    [
      'a pattern in the syntax of another language (mcp-server-shortcut#7)',
      { type: 'object', properties: { a: { type: 'string', pattern: '(?P<year>[0-9]+)', description: 'd' } } },
      { type: 'object', properties: { a: { type: 'string', description: 'd (pattern: (?P<year>[0-9]+))' } } },
    ],
    ...['(?!a)b', '(?<=a)b', '(?<year>[0-9]+)', String.raw`\p{L}`, String.raw`(a)\1`].map(
      (pattern): [string, object, object] => [
        `a pattern that only some engines read (Claude Code 2.1.265): ${pattern}`,
        { type: 'object', properties: { a: { type: 'string', pattern } } },
        { type: 'object', properties: { a: { type: 'string', description: `(pattern: ${pattern})` } } },
      ],
    ),
    [
      'a root that is a reference (zod-to-json-schema)',
      { $ref: '#/definitions/f', definitions: { f: { type: 'object', properties: { a: { type: 'string' } } } } },
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        definitions: { f: { type: 'object', properties: { a: { type: 'string' } } } },
      },
    ],
    [
      'a reference that leads nowhere',
      { type: 'object', properties: { a: { $ref: '#/$defs/none', description: 'd' } } },
      { type: 'object', properties: { a: { description: 'd' } } },
    ],
    [
      'a reference into the root union',
      {
        oneOf: [{ type: 'object', properties: { a: { type: 'string' }, b: { $ref: '#/oneOf/0/properties/a' } } }],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
    ],
  ])('repairs %s', (_, schema, expected) => {
    expect(fit(schema)).toEqual(expected);
  });

  it('merges the branches of a root union and says what is lost', () => {
    const oneOf = [
      {
        type: 'object',
        properties: { mode: { const: 'create' }, name: { type: 'string' } },
        required: ['mode', 'name'],
      },
      { $ref: '#/$defs/remove' },
    ];
    const remove = { type: 'object', properties: { mode: { const: 'remove' } }, required: ['mode'] };
    const { schema, lost } = fitSchema({ oneOf, $defs: { remove } }, commonSchemaProfile);
    expect(schema).toEqual({
      type: 'object',
      properties: { mode: { type: 'string', enum: ['create', 'remove'] }, name: { type: 'string' } },
      required: ['mode'],
      $defs: { remove },
    });
    expect(lost).toEqual([`The input must match exactly one of these schemas: ${JSON.stringify([oneOf[0], remove])}`]);
  });

  it('keeps what stands beside a root union', () => {
    const properties = { project: { type: 'string' }, paths: { type: 'array', items: { type: 'string' } } };
    const anyOf = [{ required: ['paths'] }, { required: ['project'] }];
    const { schema, lost } = fitSchema(
      { type: 'object', properties, required: ['project'], anyOf },
      commonSchemaProfile,
    );
    expect(schema).toEqual({ type: 'object', properties, required: ['project'] });
    expect(lost).toHaveLength(1);
  });

  it('makes an object of an input of another type, and says so (atlas-ui-3#727)', () => {
    expect(fitSchema({ type: 'string', description: 'the title' }, commonSchemaProfile)).toEqual({
      schema: { type: 'object', description: 'the title', properties: {} },
      lost: ['The input is declared as: "string"'],
    });
    expect(fitSchema({ type: ['object', 'null'] }, commonSchemaProfile).lost).toEqual([]);
  });

  it('merges a root allOf without losing anything', () => {
    const allOf = [
      { properties: { a: { type: 'string' } }, required: ['a'] },
      { properties: { b: { type: 'string' } }, required: ['b'] },
    ];
    expect(fitSchema({ type: 'object', allOf }, commonSchemaProfile)).toEqual({
      schema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] },
      lost: [],
    });
  });
});

describe('fitSchema for a strict provider', () => {
  it.each<[string, unknown, object]>([
    [
      'a reference to definitions',
      {
        type: 'object',
        properties: { when: { $ref: '#/definitions/When' } },
        definitions: { When: { type: 'string' } },
      },
      { type: 'object', properties: { when: { type: 'string' } } },
    ],
    [
      'a reference to a property',
      { type: 'object', properties: { start: { type: 'string' }, end: { $ref: '#/properties/start' } } },
      { type: 'object', properties: { start: { type: 'string' }, end: { type: 'string' } } },
    ],
    [
      'a reference with a type beside it',
      {
        type: 'object',
        properties: { id: { $ref: '#/$defs/a' } },
        $defs: { a: { type: 'string', minLength: 1, $ref: '#/$defs/b' }, b: { type: 'string' } },
      },
      {
        type: 'object',
        properties: { id: { $ref: '#/$defs/a' } },
        $defs: { a: { type: 'string', minLength: 1 }, b: { type: 'string' } },
      },
    ],
    [
      'a type beside anyOf',
      { type: 'object', properties: { a: { type: 'string', anyOf: [{ minLength: 1 }, { type: 'null' }] } } },
      { type: 'object', properties: { a: { anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }] } } },
    ],
    [
      'oneOf',
      { type: 'object', properties: { a: { oneOf: [{ type: 'string' }, { type: 'null' }] } } },
      { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } } },
    ],
    [
      'a constant',
      { type: 'object', properties: { a: { const: 'x' } } },
      { type: 'object', properties: { a: { type: 'string', const: 'x' } } },
    ],
    [
      'a list of types, with its values',
      { type: 'object', properties: { a: { type: ['string', 'null'], enum: ['x', null], description: 'd' } } },
      {
        type: 'object',
        properties: {
          a: {
            description: 'd',
            anyOf: [
              { type: 'string', enum: ['x'] },
              { type: 'null', enum: [null] },
            ],
          },
        },
      },
    ],
    [
      'allOf, as pydantic writes a reference with a default',
      {
        type: 'object',
        properties: { a: { allOf: [{ $ref: '#/definitions/A' }], default: 'x' } },
        definitions: { A: { type: 'string', enum: ['x', 'y'] } },
      },
      { type: 'object', properties: { a: { type: 'string', enum: ['x', 'y'], default: 'x' } } },
    ],
    [
      'required names that are not declared',
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] },
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    ],
  ])('rewrites %s', (_, schema, expected) => {
    expect(fit(schema, strict)).toEqual(expected);
  });

  it('describes what no grammar can have', () => {
    const grammar: SchemaProfile = { ...commonSchemaProfile, mustBeTyped: true, grammar: true };
    const properties = {
      a: { type: 'string', pattern: '\\S', maxLength: 65_536, description: 'Words.' },
      b: { type: 'string', pattern: '^[a-z]+$', maxLength: 10 },
    };
    expect(fit({ type: 'object', properties }, grammar)).toEqual({
      type: 'object',
      properties: { a: { type: 'string', description: 'Words. (pattern: \\S, maxLength: 65536)' }, b: properties.b },
    });
  });

  it('ends at references that lead to themselves', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node', description: 'the next one' } } };
    const schema = fit(
      { type: 'object', properties: { first: { $ref: '#/$defs/node', title: 'x' } }, $defs: { node } },
      inlined,
    );
    expect(JSON.stringify(schema)).not.toContain('$ref');
    expect(schema).toMatchObject({ properties: { first: { type: 'object', title: 'x' } } });
  });

  it('inlines all references where a provider takes none', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'integer' } } };
    expect(fit(schema, inlined)).toEqual({ type: 'object', properties: { a: { type: 'integer' } } });
  });

  it('returns an object schema for any JSON, and the same one the second time', () => {
    const profiles = constantFrom(commonSchemaProfile, strict, inlined);
    assert(
      property(jsonValue(), profiles, (schema, profile) => {
        const once = fit(schema, profile);
        expect(once).toMatchObject({ type: 'object' });
        expect(fit(once, profile)).toEqual(once);
      }),
    );
  });
});
