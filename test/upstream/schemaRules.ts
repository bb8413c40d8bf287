// What providers refuse of the JSON Schemas of tools, in their own words. Each function returns the fault, or undefined.

import { isObject, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';

export type FindFault = (schema: unknown) => string | undefined;

const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const unions = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'];
const maps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const children = ['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else', 'propertyNames'];

/** Every schema within a schema, with where it is. */
function* schemasIn(schema: unknown, path: string): Generator<[unknown, string]> {
  yield [schema, path];
  if (!isObject(schema)) return;
  for (const key of maps)
    if (isObject(schema[key]))
      for (const [name, child] of Object.entries(schema[key])) yield* schemasIn(child, `${path}.${key}.${name}`);
  for (const key of lists) {
    const list = schema[key];
    if (Array.isArray(list))
      for (const [index, child] of list.entries()) yield* schemasIn(child, `${path}.${key}[${index}]`);
  }
  for (const key of children) if (schema[key] !== undefined) yield* schemasIn(schema[key], `${path}.${key}`);
}

function firstFault(schema: unknown, find: (schema: unknown, path: string) => string | undefined): string | undefined {
  for (const [each, path] of schemasIn(schema, 'root')) {
    const fault = find(each, path);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What draft 2020-12 does not allow, as OpenAI and Anthropic check it. */
export function draftFault(schema: unknown): string | undefined {
  return firstFault(schema, (each, path) => {
    if (typeof each === 'boolean') return undefined;
    if (!isObject(each)) return `In ${path}: ${JSON.stringify(each)} is not of type 'object', 'boolean'`;
    const { type } = each;
    const isType = (value: unknown): boolean => types.includes(stringOf(value));
    const isTypes = Array.isArray(type) && type.length > 0 && new Set(type).size === type.length && type.every(isType);
    if ('type' in each && !isType(type) && !isTypes) return `In ${path}: ${JSON.stringify(type)} is not valid`;
    for (const key of maps) if (key in each && !isObject(each[key])) return `In ${path}: '${key}' must be an object`;
    for (const key of lists)
      if (key in each && (!Array.isArray(each[key]) || each[key].length === 0))
        return `In ${path}: '${key}' must be a non-empty array`;
    for (const key of ['title', 'description', 'format', '$id', '$comment', '$anchor'])
      if (key in each && typeof each[key] !== 'string') return `In ${path}: '${key}' must be a string`;
    if ('pattern' in each && !isRegularExpression(each['pattern']))
      return `In ${path}: pattern must match format "regex"`;
    for (const key of ['exclusiveMinimum', 'exclusiveMaximum'])
      if (typeof each[key] === 'boolean') return `In ${path}: ${String(each[key])} is not of type 'number'`;
    for (const key of ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'])
      if (key in each && !(Number.isInteger(each[key]) && Number(each[key]) >= 0))
        return `In ${path}: ${JSON.stringify(each[key])} is less than the minimum of 0`;
    for (const key of ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'])
      if (key in each && typeof each[key] !== 'boolean') return `In ${path}: '${key}' must be a boolean`;
    if ('examples' in each && !Array.isArray(each['examples'])) return `In ${path}: 'examples' must be an array`;
    return listFault(each, path);
  });
}

function isRegularExpression(pattern: unknown): boolean {
  try {
    void new RegExp(stringOf(pattern));
    return typeof pattern === 'string';
  } catch {
    return false;
  }
}

function listFault(schema: JsonObject, path: string): string | undefined {
  const { required, enum: values, items, type } = schema;
  if (values !== undefined && (!Array.isArray(values) || values.length === 0)) return `In ${path}: enum is too short`;
  if (required !== undefined) {
    const isList = Array.isArray(required) && required.every((name) => typeof name === 'string');
    if (!isList) return `In ${path}: ${JSON.stringify(required)} is not of type 'array'`;
    if (new Set(required).size !== required.length) return `In ${path}: 'required' has non-unique elements`;
  }
  if (Array.isArray(items)) return `In ${path}: ${JSON.stringify(items)} is not of type 'object', 'boolean'`;
  if (type === 'array' && items === undefined) return `In ${path}: array schema missing items`;
  return undefined;
}

/** OpenAI's words; most others refuse the same. */
export function rootFault(schema: unknown): string | undefined {
  if (!isObject(schema) || schema['type'] !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(isObject(schema) ? (schema['type'] ?? null) : null)}'.`;
  if (unions.some((key) => key in schema))
    return "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.";
  return isObject(schema['properties']) ? undefined : 'In context=(), object schema missing properties.';
}

/** cc-switch#7241. */
export function referenceFault(schema: unknown): string | undefined {
  return firstFault(schema, (each) => {
    const reference = isObject(each) ? each['$ref'] : undefined;
    if (typeof reference !== 'string' || resolves(schema, reference)) return undefined;
    return `unresolvable $ref '${reference}'`;
  });
}

function resolves(root: unknown, reference: string): boolean {
  if (reference === '#') return true;
  if (!reference.startsWith('#/')) return false;
  let node: unknown = root;
  for (const part of reference.slice(2).split('/')) {
    const key = decodeURIComponent(part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const isThere = typeof node === 'object' && node !== null && Object.hasOwn(node, key);
    if (!isThere) return false;
    node = (node as JsonObject)[key];
  }
  return true;
}

/** What an unknown provider may refuse. */
export function commonFault(schema: unknown): string | undefined {
  return rootFault(schema) ?? draftFault(schema) ?? referenceFault(schema);
}

/** "Moonshot flavored JSON Schema": kimi-cli#2531 and #2061, codex#41233, opencode#40127, vercel/ai#18921, oh-my-pi#5952. */
export function moonshotFault(schema: unknown): string | undefined {
  if (!isObject(schema) || schema['type'] !== 'object') return 'type is required and must be "object"';
  return firstFault(schema, (each, path) => {
    const at = `At path '${path}': `;
    if (!isObject(each))
      return path.endsWith('.additionalProperties') && typeof each === 'boolean'
        ? undefined
        : `${at}property schema must be an object`;
    if (typeof each['$ref'] === 'string') {
      if (!each['$ref'].startsWith('#/$defs/')) return `${at}references must start with #/$defs/`;
      const beside = Object.keys(each).find((key) => key !== '$ref');
      if (beside === 'type')
        return `${at}when using $ref, type should be defined in the referenced schema instead of the parent schema`;
      return beside === undefined ? undefined : `${at}conflicting keywords found after $ref expansion: ${beside}`;
    }
    if ('anyOf' in each && 'type' in each)
      return `${at}when using anyOf, type should be defined in anyOf items instead of the parent schema`;
    if (!('anyOf' in each) && typeof each['type'] !== 'string') return `${at}type is not defined`;
    if (Array.isArray(each['items'])) return `${at}items must be an object`;
    return valueFault(each, at);
  });
}

function valueFault({ type, enum: values, required, properties }: JsonObject, at: string): string | undefined {
  const isOfType = (value: unknown): boolean => {
    if (value === null) return type === 'null';
    if (Array.isArray(value)) return type === 'array';
    return typeof value === (type === 'integer' ? 'number' : type);
  };
  const wrong: unknown[] = Array.isArray(values) && type !== undefined ? values.filter((each) => !isOfType(each)) : [];
  if (wrong.length > 0)
    return `${at}enum value (${JSON.stringify(wrong[0])}) does not match any type in [${String(type)}]`;
  const missing = (Array.isArray(required) ? required : []).find(
    (name) => !isObject(properties) || !Object.hasOwn(properties, String(name)),
  ) as unknown;
  return missing === undefined ? undefined : `${at}required property ${String(missing)} is not defined in properties`;
}

/** llama.cpp, common/json-schema-to-grammar.cpp: llama.cpp#26930, unsloth#7512, hermes-agent#18530. */
export function patternFault(schema: unknown): string | undefined {
  return firstFault(schema, (each) => {
    if (!isObject(each)) return undefined;
    const { pattern } = each;
    if (typeof pattern === 'string' && !/^\^[\s\S]*\$$/.test(pattern))
      return "JSON schema conversion failed:\nPattern must start with '^' and end with '$'";
    if (typeof pattern === 'string' && /\(\?|\\[a-zA-Z]/.test(pattern))
      return 'parse: error parsing grammar: unknown escape';
    if (['minLength', 'maxLength', 'minItems', 'maxItems'].some((key) => Number(each[key]) > 2000))
      return 'number of repetitions exceeds sane defaults, please reduce the number of repetitions';
    return undefined;
  });
}

/** llama.cpp#14227. */
export function grammarFault(schema: unknown): string | undefined {
  const fault = referenceFault(schema);
  if (fault !== undefined) return `JSON schema conversion failed:\nError resolving ref: ${fault}`;
  const unknown = firstFault(schema, (each, path) => {
    if (!isObject(each) || path.endsWith('.not')) return undefined;
    const isKnown = ['type', 'anyOf', 'oneOf', '$ref', 'const', 'enum', 'allOf'].some((key) => key in each);
    return isKnown || Object.keys(each).length === 0
      ? undefined
      : `JSON schema conversion failed:\nUnrecognized schema: ${JSON.stringify(each)}`;
  });
  return unknown ?? patternFault(schema);
}

/** ollama, api/types.go: what Go can't read into a property. */
export function ollamaFault(schema: unknown): string | undefined {
  const say = (what: string, field: string): string =>
    `json: cannot unmarshal ${what} into Go struct field ToolFunction.tools.function.parameters.${field}`;
  if (!isObject(schema) || typeof schema['type'] !== 'string') return say('value', 'type of type string');
  if (!isObject(schema['properties'])) return say('array', 'properties of type map[string]api.ToolProperty');
  for (const property of Object.values(schema['properties'])) {
    if (!isObject(property)) return say(typeof property, 'properties of type api.ToolProperty');
    if ('description' in property && typeof property['description'] !== 'string')
      return say('object', 'properties.description of type string');
  }
  return JSON.stringify(schema).includes('"$ref":"#/')
    ? 'a property without type: the template reads no $ref'
    : undefined;
}

/** "Property keys should match pattern" (claude-code#79418). */
export function propertyKeyFault(schema: unknown): boolean {
  return [...schemasIn(schema, '')].some(
    ([each]) =>
      isObject(each) &&
      isObject(each['properties']) &&
      Object.keys(each['properties']).some((name) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(name)),
  );
}
