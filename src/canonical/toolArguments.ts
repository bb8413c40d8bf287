import { isObject, own, parseJson } from './json.ts';
import type { JsonObject } from './request.ts';

/** How often an input may be encoded as JSON text within JSON text before it is given up. */
const maxEncodings = 3;

/**
 * The JSON object that a call's raw input stands for, fitted to the tool's `schema`; undefined when it stands for none.
 * Providers and models send nothing, `null`, `""`, text that is encoded twice (quarkus-langchain4j#2642), a list around
 * the object (zai-coding-plugins#14) or the one list that the tool takes, and encode single parameters once more.
 */
export function readObjectInput(text: string, schema: JsonObject = {}): JsonObject | undefined {
  const value = decode(text);
  if (value === undefined || value === null || value === '')
    return text.trim() === '' || value !== undefined ? {} : undefined;
  if (isObject(value)) return fitParameters(value, schema);
  const only = onlyParameter(schema);
  if (Array.isArray(value)) {
    const [first, ...others] = value as unknown[];
    if (others.length === 0 && isObject(first) && !(only && takes(only.schema, 'array')))
      return fitParameters(first, schema);
  }
  const type = Array.isArray(value) ? 'array' : typeof value;
  return only && takes(only.schema, type) ? { [only.name]: value } : undefined;
}

/** Decodes JSON, and JSON within a JSON string; a string that holds no JSON stays a string. */
function decode(text: string): unknown {
  let value = parseJson(text);
  for (let round = 1; round < maxEncodings && typeof value === 'string'; round++) {
    const inner = parseJson(value);
    if (inner === undefined) return value.trim() === '' ? '' : value;
    value = inner;
  }
  return value;
}

/** The tool's single parameter, if it has no other. */
function onlyParameter(schema: JsonObject): { name: string; schema: unknown } | undefined {
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const [first, ...others] = properties;
  return first && others.length === 0 ? { name: first[0], schema: first[1] } : undefined;
}

function fitParameters(value: JsonObject, schema: JsonObject): JsonObject {
  const properties = schema['properties'];
  if (!isObject(properties)) return value;
  const entries = Object.entries(value).map(
    ([name, given]) => [name, fitParameter(given, own(properties, name))] as const,
  );
  return entries.every(([name, fitted]) => fitted === value[name]) ? value : Object.fromEntries(entries);
}

/**
 * One parameter as its schema declares it: a string where no string is allowed is decoded if what it holds is allowed.
 * Everything else stays as it is.
 */
export function fitParameter(given: unknown, schema: unknown): unknown {
  if (typeof given !== 'string' || !isObject(schema) || takes(schema, 'string')) return given;
  const decoded = parseJson(given);
  if (decoded === undefined) return given;
  return takes(schema, typeOf(decoded)) ? decoded : given;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Whether `schema` allows values of a JSON `type`. What it does not say is allowed. */
export function takes(schema: unknown, type: string): boolean {
  if (!isObject(schema)) return true;
  const { type: declared } = schema;
  if (typeof declared === 'string') return isType(declared, type);
  if (Array.isArray(declared)) return declared.some((each) => isType(each, type));
  for (const key of ['anyOf', 'oneOf']) {
    const branches = schema[key];
    if (Array.isArray(branches)) return branches.some((branch) => takes(branch, type));
  }
  const values = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : undefined;
  if (values) return values.some((value: unknown) => typeOf(value) === type);
  if (isObject(schema['properties'])) return type === 'object';
  return isObject(schema['items']) ? type === 'array' : true;
}

function isType(declared: unknown, type: string): boolean {
  return declared === type || (declared === 'integer' && type === 'number');
}
