import { isObject, own } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Schemas can nest endlessly through `$ref`. Below this depth, optional parts are omitted and lists are empty. */
const deepest = 12;

/** The smallest plausible value that a JSON schema allows, with `text` for strings. */
export function sampleOf(schema: JsonObject, text: string): unknown {
  return sample(schema, { root: schema, text }, 0);
}

type Context = { root: JsonObject; text: string };

function sample(schema: unknown, context: Context, depth: number): unknown {
  if (!isObject(schema) || depth > deepest) return null;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  const referred = typeof schema['$ref'] === 'string' ? resolve(schema['$ref'], context.root) : undefined;
  if (referred) return sample(referred, context, depth + 1);
  const parts: unknown = schema['allOf'];
  if (Array.isArray(parts)) return sample(mergeAll(schema, parts), context, depth + 1);
  const choices: unknown = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return sample(choices[0], context, depth + 1);
  return sampleByType(schema, context, depth);
}

function sampleByType(schema: JsonObject, context: Context, depth: number): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, context, depth);
    case 'array': {
      const length = depth >= deepest ? 0 : Math.min(numberIn(schema, 'minItems', 1), 100);
      return Array.from({ length }, () => sample(schema['items'] ?? {}, context, depth + 1));
    }
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return sampleString(schema, context.text);
  }
}

function typeOf(schema: JsonObject): unknown {
  const type: unknown = schema['type'];
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if ('properties' in schema) return 'object';
  return 'items' in schema ? 'array' : 'string';
}

/** Required properties, and those that don't recurse. */
function sampleObject(schema: JsonObject, context: Context, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const names = Object.keys(properties).filter((name) => required.includes(name) || depth < 3);
  return Object.fromEntries(names.map((name) => [name, sample(properties[name], context, depth + 1)]));
}

function sampleNumber(schema: JsonObject): number {
  const least = numberIn(schema, 'minimum', numberIn(schema, 'exclusiveMinimum', -1) + 1);
  return Math.min(Math.max(least, 0), numberIn(schema, 'maximum', Number.MAX_SAFE_INTEGER));
}

function sampleString(schema: JsonObject, text: string): string {
  return text
    .padEnd(numberIn(schema, 'minLength', 0), '.')
    .slice(0, numberIn(schema, 'maxLength', Number.MAX_SAFE_INTEGER));
}

function numberIn(schema: JsonObject, name: string, fallback: number): number {
  const value = schema[name];
  return typeof value === 'number' ? value : fallback;
}

function resolve(reference: string, root: JsonObject): unknown {
  const path = reference.replace(/^#\/?/, '').split('/');
  return path.reduce<unknown>((node, key) => (key === '' ? node : isObject(node) ? own(node, key) : undefined), root);
}

function mergeAll(schema: JsonObject, parts: unknown[]): JsonObject {
  const { allOf: _, ...rest } = schema;
  return parts.filter(isObject).reduce<JsonObject>((merged, part) => {
    const properties = { ...asObject(merged['properties']), ...asObject(part['properties']) };
    return { ...merged, ...part, ...(Object.keys(properties).length > 0 ? { properties } : {}) };
  }, rest);
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
