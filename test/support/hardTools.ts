// Tools as MCP servers declare them, whose names, parameters and schemas one provider or another refuses.

import type { DialectId } from '../../src/canonical/request.ts';
import { isObject, objectsOf } from '../upstream/json.ts';
import type { JsonObject } from '../upstream/json.ts';

const text = { type: 'string' };
const one = { type: 'object', properties: { mode: { const: 'one' }, name: { ...text, $ref: '#/$defs/name' } } };

type HardTool = {
  name: string;
  parameters: unknown;
  /** What a call of it has, where every text is `v`. */ input: unknown;
};

const tools: HardTool[] = [
  {
    name: 'files.read/v2',
    parameters: {
      type: 'object',
      properties: {
        'filter[id]': text,
        filter_id_: text,
        $select: { type: 'array', items: { type: 'object', properties: { 'имя 1': text } } },
      },
      required: ['filter[id]'],
    },
    input: { 'filter[id]': 'v', filter_id_: 'v', $select: [{ 'имя 1': 'v' }] },
  },
  { name: 'files_read_v2', parameters: { type: 'object', properties: { plain: text } }, input: { plain: 'v' } },
  { name: '7zip', parameters: { properties: { view: { enum: ['v', ''] } } }, input: { view: 'v' } },
  {
    name: 'поиск: всё',
    parameters: { $schema: 'https://json-schema.org/draft/2020-12/schema', oneOf: [one], $defs: { name: text } },
    input: { mode: 'v', name: 'v' },
  },
  { name: 'x'.repeat(70), parameters: { type: null }, input: {} },
  {
    name: 'mixed case',
    parameters: {
      type: 'object',
      properties: {
        tuple: { type: 'array', items: [text, text] },
        nullable: { type: ['string', 'null'] },
        start: { ...text, pattern: '\\S', maxLength: 65_536 },
        end: { $ref: '#/properties/start' },
        value: { description: 'Anything.' },
        optional: { anyOf: [{ not: {} }, text] },
        any: true,
      },
      required: true,
    },
    input: { tuple: ['v'], nullable: 'v', start: 'v', end: 'v', value: 'v', optional: 'v', any: 'v' },
  },
];

/** As a client of each dialect declares them. */
export const hardTools: Record<DialectId, JsonObject[]> = {
  'openai-chat': tools.map(({ name, parameters }) => ({ type: 'function', function: { name, parameters } })),
  'openai-responses': tools.map(({ name, parameters }) => ({ type: 'function', name, parameters, strict: false })),
  'anthropic-messages': tools.map(({ name, parameters }) => ({ name, input_schema: parameters })),
};

/** What a client expects of a call of each. */
export const hardCalls: { name: string; input: unknown }[] = tools.map(({ name, input }) => ({ name, input }));

/** An input that a model might write for a schema: every text is `v`. */
export function sampleInput(schema: unknown, root: unknown = schema): unknown {
  if (!isObject(schema)) return 'v';
  const { properties, items, type } = schema;
  // A wire that left the parameters out.
  if (schema === root && Object.keys(schema).length === 0) return {};
  const [, name] = /^#\/\$defs\/(.+)$/.exec(String(schema['$ref'])) ?? [];
  const definitions = isObject(root) && isObject(root['$defs']) ? root['$defs'] : {};
  if (name !== undefined) return sampleInput(definitions[name], root);
  if (isObject(properties))
    return Object.fromEntries(Object.entries(properties).map(([key, child]) => [key, sampleInput(child, root)]));
  if (type === 'object') return {};
  if (type === 'array') return [sampleInput(objectsOf([items])[0], root)];
  return 'v';
}
