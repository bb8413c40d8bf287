import { without } from './bodyEdits.ts';
import { fieldsWhere, isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isOfType, typeOf } from './schemaFaults.ts';
import { mergeBranches, resolvePointer } from './schemaRoot.ts';

// For providers that want a type on every schema, and none beside a union.

const anyValue: readonly JsonObject[] = ['string', 'number', 'boolean', 'null', 'object'].map((type) => ({ type }));

/** What is said of a union as a whole. */
const annotations = ['title', 'description', 'default', 'examples', '$defs', 'deprecated', 'nullable'];

/** Merges the parts of an `allOf`. Parts that refer to nothing count as anything. */
export function mergeAllOf(schema: JsonObject, root: JsonObject): JsonObject {
  const parts: unknown = schema['allOf'];
  if (!Array.isArray(parts)) return schema;
  const resolved = parts.filter(isObject).map((part) => {
    const reference = part['$ref'];
    if (typeof reference !== 'string') return part;
    return { ...resolvePointer(root, reference), ...without(part, '$ref') };
  });
  const base = without(schema, 'allOf');
  // What stands beside the parts counts first; an `allOf` within a part is merged on the next level.
  const merged = Object.assign({}, ...resolved.toReversed(), base) as JsonObject;
  const isObjects = [base, ...resolved].some((part) => isObject(part['properties']) || Array.isArray(part['required']));
  if (!isObjects) return merged;
  const { properties, required } = mergeBranches(base, resolved, true);
  return { ...merged, type: 'object', properties, ...(required === undefined ? {} : { required }) };
}

/** Moves a type that stands beside a union into its branches, and writes every union as `anyOf`. */
export function lowerType(schema: JsonObject): JsonObject {
  const { type, anyOf, oneOf, ...rest } = schema;
  const branches: unknown = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(branches)) {
    if (type === undefined && !('oneOf' in schema)) return schema;
    return { ...rest, anyOf: branches.map((branch: unknown) => withType(isObject(branch) ? branch : {}, type)) };
  }
  if (!Array.isArray(type)) return typeof type === 'string' ? ofOneType(schema, type) : schema;
  const said = fieldsWhere(rest, (name) => annotations.includes(name));
  const constraints = without(rest, ...annotations);
  return { ...said, anyOf: type.map((each: string) => withType(constraints, each)) };
}

/** "required[1]: property is not defined" (vercel/ai#18921). */
export function definedRequired(schema: JsonObject): JsonObject {
  const { required, properties } = schema;
  if (!Array.isArray(required)) return schema;
  const isDefined = (name: unknown): boolean => isObject(properties) && Object.hasOwn(properties, String(name));
  if (required.every(isDefined)) return schema;
  const kept = required.filter(isDefined);
  return kept.length === 0 ? without(schema, 'required') : { ...schema, required: kept };
}

function withType(branch: JsonObject, type: unknown): JsonObject {
  if (type === undefined || ['type', '$ref', 'anyOf', 'oneOf', 'allOf'].some((key) => key in branch)) return branch;
  return typeof type === 'string' ? ofOneType({ type, ...branch }, type) : { type, ...branch };
}

/** "enum value (<nil>) does not match any type in [string]": values of other types go. */
function ofOneType(schema: JsonObject, type: string): JsonObject {
  const values = schema['enum'];
  if (!Array.isArray(values)) return schema;
  const kept = values.filter((value) => isOfType(value, type));
  if (kept.length === values.length) return schema;
  return kept.length === 0 ? without(schema, 'enum') : { ...schema, enum: kept };
}

/** Gives a schema a type if it has neither that nor an `anyOf` or a reference. */
export function typedSchema(schema: JsonObject): JsonObject {
  if ('$ref' in schema || 'type' in schema || 'anyOf' in schema) return schema;
  if ('const' in schema) return typedConstant(schema);
  if (isObject(schema['properties'])) return ofOneType({ type: 'object', ...schema }, 'object');
  if (isObject(schema['items'])) return ofOneType({ type: 'array', ...schema }, 'array');
  return { ...schema, anyOf: anyValue };
}

function typedConstant(schema: JsonObject): JsonObject {
  const type = typeOf(schema['const']) ?? 'string';
  return {
    type,
    ...without(schema, 'enum'),
    ...(type === 'array' && !('items' in schema) ? { items: { anyOf: anyValue } } : {}),
  };
}
