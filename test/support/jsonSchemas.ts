// JSON Schemas as clients and MCP servers write them, sound and not, for property tests.

import {
  anything,
  constant,
  constantFrom,
  dictionary,
  jsonValue,
  letrec,
  oneof,
  record,
  string,
  uniqueArray,
  array,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';

const names = ['a', 'b', '$filter', 'filter[id]', 'anyOf', 'type', '__proto__', 'x'.repeat(70), 'имя', '7'];
const references = [
  '#',
  '#/$defs/a',
  '#/$defs/b',
  '#/definitions/a',
  '#/properties/a',
  '#/oneOf/0',
  '#/nowhere',
  'http://x/y',
  '#x',
];
const types = [
  'string',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'null',
  'any',
  'STRING',
  'int',
  'unknown',
  null,
  7,
];

/** Something like a JSON Schema. */
export const schemaLike: Arbitrary<unknown> = letrec<{ schema: unknown; value: unknown }>((tie) => {
  const schema = tie('schema');
  const map = oneof(
    { weight: 4, arbitrary: dictionary(constantFrom(...names), schema, { maxKeys: 3 }) },
    constant([]),
    constant(null),
  );
  const list = oneof({ weight: 4, arbitrary: array(schema, { maxLength: 3 }) }, constant(null), constant({}));
  const keys = {
    type: oneof(constantFrom(...types), array(constantFrom(...types), { maxLength: 3 })),
    properties: map,
    $defs: map,
    definitions: map,
    patternProperties: map,
    items: oneof(schema, array(schema, { maxLength: 2 }), constantFrom(true, false, null)),
    anyOf: list,
    oneOf: list,
    allOf: list,
    prefixItems: list,
    not: oneof(schema, constant({})),
    additionalProperties: oneof(schema, constantFrom(true, false, null)),
    required: oneof(array(constantFrom(...names), { maxLength: 3 }), constantFrom(true, null)),
    enum: oneof(array(oneof(constantFrom('x', '', 'y', 1, null, true), jsonValue()), { maxLength: 3 }), constant(null)),
    const: jsonValue(),
    $ref: constantFrom(...references),
    description: oneof(string(), constant(null)),
    pattern: constantFrom('^a$', 'a', '^\\d+$', '^(?=a)b$', '(?P<a>x)', '['),
    maxLength: constantFrom(5, 100_000),
    exclusiveMinimum: constantFrom(true, false, 1),
    minimum: constant(0),
    format: constantFrom('uri', 'date-time'),
    default: anything({ maxDepth: 1, values: [string(), constant(null)] }),
  };
  const some = uniqueArray(constantFrom(...(Object.keys(keys) as (keyof typeof keys)[])), { maxLength: 5 });
  return {
    schema: oneof(
      { depthSize: 'small', withCrossShrink: true },
      constantFrom<unknown>({}, { type: 'string' }, true, false, null, 'object'),
      some.chain((chosen) => record(Object.fromEntries(chosen.map((key) => [key, keys[key]])))),
    ),
    value: jsonValue(),
  };
}).schema;
