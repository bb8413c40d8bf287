import { without } from './bodyEdits.ts';
import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

// Repairs mistakes in the schemas of MCP servers: no author intends them, and no provider accepts them.

const jsonTypes = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** Names of types in other languages, by their lower case. */
const otherTypes: Record<string, string> = {
  str: 'string', text: 'string', int: 'integer', long: 'integer', float: 'number', double: 'number', bool: 'boolean',
  dict: 'object', map: 'object', list: 'array', tuple: 'array', none: 'null',
}; // prettier-ignore

/** Repairs what stands in `schema` itself. Returns the same object when there is nothing to repair. */
export function withoutFaults(schema: JsonObject): JsonObject {
  let fitted = schema;
  for (const key in schema) {
    const value = schema[key];
    const sound = soundValue(key, value);
    if (sound === value && value !== undefined) continue;
    fitted = sound === undefined ? without(fitted, key) : { ...fitted, [key]: sound };
  }
  fitted = withBounds(withBounds(fitted, 'minimum', 'exclusiveMinimum'), 'maximum', 'exclusiveMaximum');
  if (Array.isArray(fitted['items'])) fitted = withTuple(fitted, fitted['items']);
  if (fitted['type'] === 'array' && !('items' in fitted)) fitted = { ...fitted, items: {} };
  if ('pattern' in fitted && !isPattern(fitted['pattern'])) fitted = inWords(fitted, ['pattern']);
  if (!Array.isArray(fitted['enum'])) return fitted;
  return 'type' in fitted ? fittingEnum(fitted, fitted['enum']) : typedEnum(fitted, fitted['enum']);
}

/** The value of a keyword as it may stand; undefined where it must go. */
function soundValue(key: string, value: unknown): unknown {
  switch (key) {
    case 'type':
      return soundType(value);
    case 'required':
      return isListOfNames(value) ? value : namesIn(value);
    case 'enum':
    case 'allOf':
    case 'prefixItems':
      return Array.isArray(value) && value.length > 0 ? value : undefined;
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(value) ? possibleBranches(value) : undefined;
    case 'items':
      return typeof value === 'object' && value !== null ? value : undefined;
    case 'properties':
    case 'patternProperties':
    case '$defs':
    case 'definitions':
    case 'dependentSchemas':
      return isObject(value) ? value : undefined;
    case 'additionalProperties':
      return typeof value === 'boolean' || isObject(value) ? value : undefined;
    case 'not':
    case 'contains':
    case 'if':
    case 'then':
    case 'else':
    case 'propertyNames':
      return isObject(value) ? value : undefined;
    case 'minLength':
    case 'maxLength':
    case 'minItems':
    case 'maxItems':
    case 'minProperties':
    case 'maxProperties':
    case 'minContains':
    case 'maxContains':
      return soundCount(value);
    case 'uniqueItems':
    case 'deprecated':
    case 'readOnly':
    case 'writeOnly':
      return typeof value === 'boolean' ? value : undefined;
    case 'examples':
      return Array.isArray(value) ? value : undefined;
    case 'minimum':
    case 'maximum':
    case 'multipleOf':
      return soundNumber(value);
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return typeof value === 'boolean' ? value : soundNumber(value);
    case 'description':
    case 'title':
    case 'format':
    case '$ref':
    case '$id':
    case '$schema':
    case '$anchor':
    case '$comment':
      return typeof value === 'string' ? value : undefined;
    default:
      return value;
  }
}

/** A number of characters, items or properties: draft 2020-12 knows none below 0. */
function soundCount(value: unknown): number | undefined {
  const count = soundNumber(value);
  return count !== undefined && Number.isInteger(count) && count >= 0 ? count : undefined;
}

/** Without those that match nothing, as zod writes for what is optional (llama.cpp#14227). */
function possibleBranches(branches: readonly unknown[]): readonly unknown[] | undefined {
  if (branches.length === 0) return undefined;
  if (!branches.some(isNever)) return branches;
  const possible = branches.filter((branch) => !isNever(branch));
  return possible.length === 0 ? undefined : possible;
}

function isNever(branch: unknown): boolean {
  if (!isObject(branch)) return branch === false;
  const not = branch['not'];
  if (not !== true && !isObject(not)) return false;
  for (const key in branch) if (key !== 'not') return false;
  for (const _ in not as object) return false;
  return true;
}

function soundType(value: unknown): unknown {
  if (jsonTypes.has(value)) return value;
  if (!Array.isArray(value)) return typeof value === 'string' ? knownType(value) : undefined;
  if (value.length > 1 && value.every((each) => jsonTypes.has(each)) && new Set(value).size === value.length)
    return value;
  const known = new Set(value.flatMap((each: unknown) => (typeof each === 'string' ? (knownType(each) ?? []) : [])));
  return known.size > 1 ? [...known] : [...known][0];
}

function knownType(name: string): string | undefined {
  const lower = name.toLowerCase();
  return jsonTypes.has(lower) ? lower : Object.hasOwn(otherTypes, lower) ? otherTypes[lower] : undefined;
}

function isListOfNames(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++)
    if (typeof value[index] !== 'string' || value.indexOf(value[index]) !== index) return false;
  return true;
}

function namesIn(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return [...new Set(value.filter((name): name is string => typeof name === 'string'))];
}

/** "pattern must match format "regex"" (mcp-server-shortcut#7): some have the syntax of other languages. */
function isPattern(pattern: unknown): boolean {
  if (typeof pattern !== 'string') return false;
  try {
    void new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Moves constraints into the description. */
export function inWords(schema: JsonObject, names: readonly string[]): JsonObject {
  const told = names.map((name) => `${name}: ${wordsFor(schema[name])}`).join(', ');
  const { description } = schema;
  const before = typeof description === 'string' && description !== '' ? `${description} ` : '';
  return { ...without(schema, ...names), description: `${before}(${told})` };
}

/** Of a schema in words. Characters. */
const longestSchema = 400;

function wordsFor(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value).slice(0, longestSchema) : String(value);
}

/** A bound that is exclusive by a flag beside it is one of draft 4 (pdf-reader-mcp#63). */
function withBounds(schema: JsonObject, bound: string, flag: string): JsonObject {
  const exclusive = schema[flag];
  if (typeof exclusive !== 'boolean') return schema;
  if (!exclusive || typeof schema[bound] !== 'number') return without(schema, flag);
  return { ...without(schema, bound), [flag]: schema[bound] };
}

/** The list form of `items` is that of older drafts. Those who know only `items` still learn what may be in the list. */
function withTuple(schema: JsonObject, list: readonly unknown[]): JsonObject {
  const { items: _, additionalItems: __, ...rest } = schema;
  if (list.length === 0) return { ...rest, items: {} };
  return { ...rest, prefixItems: list, items: list.length === 1 && isObject(list[0]) ? list[0] : { anyOf: list } };
}

function soundNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/**
 * "enum value 0 does not validate against {'type': 'string'}" (oh-my-pi#2652): values of another type are written as the
 * schema's own, or go. Those of a list are meant for what is in it.
 */
function fittingEnum(schema: JsonObject, values: readonly unknown[]): JsonObject {
  const { type } = schema;
  const types: unknown[] = Array.isArray(type) ? type : [type];
  const isFitting = (value: unknown): boolean => types.some((each) => isOfType(value, each));
  if (values.every(isFitting)) return schema;
  const rest = without(schema, 'enum');
  const { items } = schema;
  if (type === 'array' && isObject(items) && !('enum' in items) && !values.some((value) => typeof value === 'object'))
    return { ...rest, items: { ...items, enum: values } };
  const kept = values.flatMap((value) => (isFitting(value) ? [value] : converted(value, types)));
  return kept.length === 0 ? rest : { ...rest, enum: [...new Set(kept)] };
}

function converted(value: unknown, types: readonly unknown[]): unknown[] {
  if ((typeof value === 'number' || typeof value === 'boolean') && types.includes('string')) return [String(value)];
  const number = soundNumber(value);
  return number !== undefined && types.some((type) => isOfType(number, type)) ? [number] : [];
}

export function isOfType(value: unknown, type: unknown): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}

function typedEnum(schema: JsonObject, values: readonly unknown[]): JsonObject {
  const types = [...new Set(values.map(typeOf))];
  if (types.some((type) => type === undefined || type === 'object' || type === 'array')) return schema;
  return { type: types.length === 1 ? types[0] : types, ...schema };
}

/** The JSON type of a value. */
export function typeOf(value: unknown): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'object' ? type : undefined;
}
