import { without } from './bodyEdits.ts';
import { isObject, own, setField } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

// The root of a tool's schema, which must be one object for most providers.

/** Of one constraint that goes into a description. Characters. */
const longestConstraint = 600;

const unionKeys = ['anyOf', 'oneOf', 'allOf', 'not', 'enum', 'const'];

/** Root references that lead to each other end here. */
const deepestRoot = 5;

/** A root that is nothing but a reference (zod-to-json-schema writes it) as what it refers to. */
export function resolveRoot(root: JsonObject, depth = 0): JsonObject {
  const reference = root['$ref'];
  if (typeof reference !== 'string') return root;
  const target = depth < deepestRoot ? resolvePointer(root, reference) : undefined;
  const beside = without(root, '$ref');
  return target && target !== root ? resolveRoot({ ...target, ...beside }, depth + 1) : beside;
}

/**
 * Merges the branches of a union at the root into the one object that the input is: the properties of all, required only
 * where each branch requires them. What the merged object can't say is put into words.
 */
export function mergeRoot(root: JsonObject, lost: string[]): JsonObject {
  const keys = unionKeys.filter((key) => key in root && root[key] !== null);
  if (keys.length === 0) return root;
  let merged = without(root, ...unionKeys);
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
    if (!isObject(branch) || depth > deepestRoot) return [];
    const reference = branch['$ref'];
    const target = typeof reference === 'string' ? resolvePointer(root, reference) : undefined;
    if (target) return resolve({ ...target, ...without(branch, '$ref') }, depth + 1);
    const nested = ['anyOf', 'oneOf', 'allOf'].flatMap((each) => {
      const inner: unknown = branch[each];
      return Array.isArray(inner) ? inner.flatMap((one: unknown) => resolve(one, depth + 1)) : [];
    });
    return [branch, ...nested];
  };
  return given.flatMap((branch: unknown) => resolve(branch));
}

/** `base` with the properties of all branches; `isAll`: with all that they require, else with what each of them does. */
export function mergeBranches(base: JsonObject, branches: readonly JsonObject[], isAll: boolean): JsonObject {
  const properties: JsonObject = { ...(isObject(base['properties']) ? base['properties'] : {}) };
  for (const branch of branches) {
    for (const [name, schema] of Object.entries(isObject(branch['properties']) ? branch['properties'] : {})) {
      const known = own(properties, name);
      setField(properties, name, known === undefined ? schema : eitherSchema(known, schema));
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
  return `${own(unionWords, key) ?? key}: ${text.length > longestConstraint ? `${text.slice(0, longestConstraint)}…` : text}`;
}

/** The schema that a local reference (`#/...`) points to. */
export function resolvePointer(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let node: unknown = root;
  for (const part of reference.slice(2).split('/')) {
    const key = /[~%]/.test(part) ? decodePointer(part) : part;
    if (Array.isArray(node)) node = node[Number(key)];
    else node = isObject(node) ? own(node, key) : undefined;
  }
  return isObject(node) ? node : undefined;
}

function decodePointer(part: string): string {
  const text = part.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What `#/$defs/name` means where a schema with definitions of its own was put into another one, which has none of that name:
 * the first one found.
 */
export function innerDefinition(root: JsonObject, reference: string): JsonObject | undefined {
  const [, place, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  return place === undefined || name === undefined ? undefined : findDefinition(root, place, name, 0);
}

function findDefinition(value: unknown, place: string, name: string, depth: number): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || depth > deepestSearch) return undefined;
  const held = Array.isArray(value) ? undefined : own(value as JsonObject, place);
  const found = isObject(held) ? own(held, name) : undefined;
  if (isObject(found)) return found;
  for (const inner of Object.values(value)) {
    const deeper = findDefinition(inner, place, name, depth + 1);
    if (deeper) return deeper;
  }
  return undefined;
}

/** Of schemas within each other. */
const deepestSearch = 30;
