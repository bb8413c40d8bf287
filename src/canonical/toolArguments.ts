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
    return text.trim() === '' || value !== undefined || nothing.test(text) ? {} : undefined;
  if (isObject(value)) return fitParameters(value, schema);
  const only = onlyParameter(schema);
  // PHP writes an empty object so (neuron-ai#317).
  if (Array.isArray(value) && value.length === 0 && !(only && takes(only.schema, 'array'))) return {};
  if (Array.isArray(value)) {
    const [first, ...others] = value as unknown[];
    if (others.length === 0 && isObject(first) && !(only && takes(only.schema, 'array')))
      return fitParameters(first, schema);
  }
  const type = Array.isArray(value) ? 'array' : typeof value;
  return only && takes(only.schema, type) ? { [only.name]: value } : undefined;
}

/** What other languages write for no arguments. */
const nothing = /^\s*(?:None|undefined|nil)\s*$/;

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

/** The parameters that a tool demands. */
export function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}

/** Whether a parameter is declared and may be absent, for which models write null (zenrows-mcp#23). */
export function isOptional(schema: JsonObject, name: string): boolean {
  const { properties } = schema;
  return isObject(properties) && Object.hasOwn(properties, name) && !requiredOf(schema).includes(name);
}

/**
 * One parameter of a type that its schema does not allow, as one that it does: text is decoded; a value of another type becomes its JSON
 * text, since parsers decode what models write (kilocode#4131, continue#8973); one item becomes a list of one. Everything else
 * stays as it is. `text` is its JSON.
 */
export function fitParameter(given: unknown, schema: unknown, text = JSON.stringify(given)): unknown {
  if (!isObject(schema) || given === undefined || given === null || takes(schema, typeOf(given))) return given;
  if (typeof given !== 'string' && takes(schema, 'string')) return text;
  const decoded = typeof given === 'string' ? (parseJson(given) ?? pythonFlags.get(given.trim())) : undefined;
  if (decoded !== undefined && takes(schema, typeOf(decoded))) return decoded;
  const isItem = takes(schema, 'array') && isObject(schema['items']) && takes(schema['items'], typeOf(given));
  const mayHoldMore = typeof given === 'string' && /^\s*(?:[[{]|$)/.test(given);
  return isItem && !mayHoldMore ? [given] : given;
}

const pythonFlags = new Map([
  ['True', true],
  ['False', false],
]);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Whether `schema` allows values of a JSON `type`. What it does not say is allowed. */
export function takes(schema: unknown, type: string): boolean {
  if (!isObject(schema) || (type === 'null' && allowsNull(schema))) return true;
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

/** OpenAPI's spelling, and what schemas of less careful tools mean by null as the default or one of the values. */
function allowsNull(schema: JsonObject): boolean {
  const values = own(schema, 'enum');
  return (
    own(schema, 'nullable') === true ||
    own(schema, 'default') === null ||
    (Array.isArray(values) && values.includes(null))
  );
}

function isType(declared: unknown, type: string): boolean {
  return declared === type || (declared === 'integer' && type === 'number');
}
