import { isObject, own } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/** What a provider takes of the JSON Schemas that tools declare. What it does not take is rewritten or described. */
export type SchemaProfile = {
  /** Whether the root may have `anyOf`, `oneOf`, `allOf`, `not`, `enum` or `const`. */
  rootUnions: boolean;
  /** `any` local reference; only ones to `#/$defs/` with nothing beside them; or none. The others are inlined. */
  references: 'any' | 'bare-definitions' | 'none';
  /** Whether every schema needs a `type`, or an `anyOf` without a `type` beside it. */
  mustBeTyped: boolean;
};

/** For a provider that is not known to take more: root unions are refused by most (OpenAI, Anthropic, DeepSeek, xAI). */
export const commonSchemaProfile: SchemaProfile = { rootUnions: false, references: 'any', mustBeTyped: false };

/** A tool's schema as a provider takes it, and what of its meaning only words can say. */
export type FittedSchema = { schema: JsonObject; lost: string[] };

/** References may multiply: inlining stops after this many, with a schema that allows anything. */
const maxInlined = 500;
const deepest = 60;
/** Of one constraint that goes into a description. Characters. */
const longestConstraint = 600;

/**
 * Fits the schema of a tool's input, which is an object, to `profile`. Returns the same schema when nothing has to change.
 * Repairs for every provider: no root type, `type: null`, no `properties`, an array without `items`, an enum without type
 * (codex#37786, opencode#40127).
 */
export function fitSchema(given: unknown, profile: SchemaProfile): FittedSchema {
  if (!isObject(given)) return { schema: { type: 'object', properties: {} }, lost: [] };
  const lost: string[] = [];
  const fitter = createFitter(given, profile);
  const root = profile.rootUnions ? given : mergeRoot(given, lost);
  const fitted = fitter(root['type'] === 'object' ? root : { ...root, type: 'object' });
  const properties = fitted['properties'];
  const isWhole = fitted['type'] === 'object' && isObject(properties);
  return {
    schema: isWhole ? fitted : { ...fitted, type: 'object', properties: isObject(properties) ? properties : {} },
    lost,
  };
}

/** Rewrites one schema and all below it. Whatever needs no change stays the same object. */
function createFitter(root: JsonObject, profile: SchemaProfile): (schema: JsonObject) => JsonObject {
  let inlined = 0;

  function fit(schema: JsonObject, trail: readonly string[], depth: number): JsonObject {
    if (depth > deepest) return {};
    const reference = schema['$ref'];
    if (typeof reference === 'string') return fitReference(schema, reference, trail, depth);
    const sound = withoutFaults(schema);
    return typedSchema(fitChildren(profile.mustBeTyped ? lowerType(sound) : sound, trail, depth), profile);
  }

  function fitReference(schema: JsonObject, reference: string, trail: readonly string[], depth: number): JsonObject {
    if (profile.references === 'any') return schema;
    const { $ref: _, ...beside } = schema;
    const isDefinition = /^#\/\$defs\/[^/]+$/.test(reference) && resolvePointer(root, reference) !== undefined;
    if (profile.references === 'bare-definitions' && isDefinition && Object.keys(beside).length === 0) return schema;
    const target = resolvePointer(root, reference);
    inlined += 1;
    if (!target || trail.includes(reference) || inlined > maxInlined) {
      return typedSchema({ type: 'object', ...beside }, profile);
    }
    return fit({ ...target, ...beside }, [...trail, reference], depth + 1);
  }

  function fitChildren(schema: JsonObject, trail: readonly string[], depth: number): JsonObject {
    let fitted = schema;
    const change = (key: string, value: unknown): void => {
      if (value !== fitted[key]) fitted = { ...fitted, [key]: value };
    };
    for (const [key, value] of Object.entries(schema)) {
      if (isObject(value) && childKeys.has(key)) change(key, fit(value, trail, depth + 1));
      else if (isObject(value) && mapKeys.has(key))
        change(
          key,
          mapObject(value, (child) => fit(child, trail, depth + 1)),
        );
      else if (Array.isArray(value) && listKeys.has(key))
        change(
          key,
          mapList(value, (child) => fit(child, trail, depth + 1)),
        );
    }
    if (profile.references === 'any') return fitted;
    // What was inlined is not needed any more; definitions elsewhere than in `$defs` can't be referred to.
    const dropped = profile.references === 'none' ? ['$defs', 'definitions'] : ['definitions'];
    return dropped.some((key) => key in fitted) ? omit(fitted, dropped) : fitted;
  }

  return (schema) => fit(schema, [], 0);
}

const childKeys = new Set(['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else', 'propertyNames']);
const mapKeys = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const listKeys = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']);

/** Repairs what no provider takes and no schema means. */
function withoutFaults(schema: JsonObject): JsonObject {
  let fitted = schema;
  for (const key of ['type', 'properties', 'items', 'required', 'enum', 'anyOf', 'oneOf', 'allOf']) {
    if (key in fitted && (fitted[key] === null || fitted[key] === undefined)) fitted = omit(fitted, [key]);
  }
  if ('required' in fitted && !Array.isArray(fitted['required'])) fitted = omit(fitted, ['required']);
  if (fitted['type'] === 'array' && !('items' in fitted) && !('prefixItems' in fitted))
    fitted = { ...fitted, items: {} };
  if (!('type' in fitted) && Array.isArray(fitted['enum'])) {
    const types = [...new Set(fitted['enum'].map((value: unknown) => typeOf(value)))];
    if (types.length > 0 && types.every((type) => type !== undefined)) {
      fitted = { type: types.length === 1 ? types[0] : types, ...fitted };
    }
  }
  return fitted;
}

const anyValue: JsonObject[] = ['string', 'number', 'boolean', 'null', 'object'].map((type) => ({ type }));

/** Moves a type that stands beside a union into its branches, and writes every union as `anyOf`. */
function lowerType(schema: JsonObject): JsonObject {
  const { type, anyOf, oneOf, ...rest } = schema;
  const branches = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
  if (branches) {
    if (type === undefined && Array.isArray(anyOf)) return schema;
    return { ...rest, anyOf: branches.map((branch: unknown) => withType(branch, type)) };
  }
  return Array.isArray(type) ? { anyOf: type.map((each: unknown) => withType(rest, each)) } : schema;
}

/** Gives a schema a type if it has neither that nor an `anyOf`. */
function typedSchema(schema: JsonObject, { mustBeTyped }: SchemaProfile): JsonObject {
  if (!mustBeTyped || ['$ref', 'type', 'anyOf'].some((key) => key in schema)) return schema;
  if ('const' in schema) return { type: typeOf(schema['const']) ?? 'string', ...schema };
  if (isObject(schema['properties'])) return { type: 'object', ...schema };
  if ('items' in schema) return { type: 'array', ...schema };
  return { ...schema, anyOf: anyValue };
}

function withType(branch: unknown, type: unknown): unknown {
  if (!isObject(branch) || type === undefined || 'type' in branch || '$ref' in branch) return branch;
  return { type, ...branch };
}

const rootUnionKeys = ['anyOf', 'oneOf', 'allOf', 'not', 'enum', 'const'];

/**
 * Merges the branches of a union at the root into the one object that the input is: the properties of all, required only
 * where each branch requires them. What the merged object can't say is put into words.
 */
function mergeRoot(root: JsonObject, lost: string[]): JsonObject {
  const keys = rootUnionKeys.filter((key) => key in root && root[key] !== null);
  if (keys.length === 0) return root;
  let merged = omit(root, rootUnionKeys);
  for (const key of keys) {
    const branches = branchesOf(root, key);
    if (key !== 'allOf') lost.push(constraintText(key, root[key], root));
    if (branches.length > 0) merged = mergeBranches(merged, branches, key === 'allOf');
  }
  return merged;
}

function branchesOf(root: JsonObject, key: string): JsonObject[] {
  const given: unknown = root[key];
  if (!Array.isArray(given) || key === 'enum') return [];
  const resolve = (branch: unknown, depth = 0): JsonObject[] => {
    if (!isObject(branch) || depth > 5) return [];
    const reference = branch['$ref'];
    const target = typeof reference === 'string' ? resolvePointer(root, reference) : undefined;
    if (target) return resolve({ ...target, ...omit(branch, ['$ref']) }, depth + 1);
    const nested = ['anyOf', 'oneOf', 'allOf'].flatMap((each) => {
      const inner: unknown = branch[each];
      return Array.isArray(inner) ? inner.flatMap((one: unknown) => resolve(one, depth + 1)) : [];
    });
    return [branch, ...nested];
  };
  return given.flatMap((branch: unknown) => resolve(branch));
}

function mergeBranches(base: JsonObject, branches: readonly JsonObject[], isAll: boolean): JsonObject {
  const properties: JsonObject = { ...(isObject(base['properties']) ? base['properties'] : {}) };
  for (const branch of branches) {
    for (const [name, schema] of Object.entries(isObject(branch['properties']) ? branch['properties'] : {})) {
      properties[name] = own(properties, name) === undefined ? schema : eitherSchema(properties[name], schema);
    }
  }
  const [first = [], ...others] = branches.map(requiredOf);
  const ofBranches = isAll
    ? branches.flatMap(requiredOf)
    : first.filter((name) => others.every((each) => each.includes(name)));
  const required = [...new Set([...requiredOf(base), ...ofBranches])];
  return { ...base, type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}

/** A property that two branches declare: alike, one of two constants, or either of them. */
function eitherSchema(a: unknown, b: unknown): unknown {
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  const [left, right] = [constantsOf(a), constantsOf(b)];
  if (left && right) return { enum: [...new Set([...left, ...right])] };
  const options =
    isObject(a) && Array.isArray(a['anyOf']) && Object.keys(a).length === 1 ? (a['anyOf'] as unknown[]) : [a];
  return options.some((option) => JSON.stringify(option) === JSON.stringify(b)) ? a : { anyOf: [...options, b] };
}

function constantsOf(schema: unknown): unknown[] | undefined {
  if (!isObject(schema)) return undefined;
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

const unionWords: Record<string, string> = {
  anyOf: 'The input must match at least one of these schemas',
  oneOf: 'The input must match exactly one of these schemas',
  not: 'The input must not match this schema',
  enum: 'The input must be one of these values',
  const: 'The input must be this value',
};

function constraintText(key: string, value: unknown, root: JsonObject): string {
  const resolved = Array.isArray(value)
    ? value.map((branch: unknown) => {
        const reference = isObject(branch) ? branch['$ref'] : undefined;
        return typeof reference === 'string' ? (resolvePointer(root, reference) ?? branch) : branch;
      })
    : value;
  const text = JSON.stringify(resolved);
  return `${unionWords[key] ?? key}: ${text.length > longestConstraint ? `${text.slice(0, longestConstraint)}…` : text}`;
}

/** The schema that a local reference (`#/...`) points to. */
function resolvePointer(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  const path = reference.slice(2).split('/').map(decodePointer);
  const found = path.reduce<unknown>((node, key) => (isObject(node) ? own(node, key) : undefined), root);
  return isObject(found) ? found : undefined;
}

function decodePointer(part: string): string {
  const text = part.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function typeOf(value: unknown): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'object' ? type : undefined;
}

function omit(schema: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}

function mapObject(holder: JsonObject, edit: (child: JsonObject) => JsonObject): JsonObject {
  const entries = Object.entries(holder).map(([name, child]) => [name, isObject(child) ? edit(child) : child] as const);
  return entries.every(([name, child]) => child === holder[name]) ? holder : Object.fromEntries(entries);
}

function mapList(list: readonly unknown[], edit: (child: JsonObject) => JsonObject): readonly unknown[] {
  const edited = list.map((child) => (isObject(child) ? edit(child) : child));
  return edited.every((child, index) => child === list[index]) ? list : edited;
}
