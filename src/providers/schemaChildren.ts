import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

// The schemas below a schema. Whatever needs no change stays the same object.

/** Rewrites one schema. `trail`: the references that lead to it. */
export type FitSchema = (schema: JsonObject, trail: readonly string[], depth: number) => JsonObject;

const childKeys = new Set(['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else', 'propertyNames']);
const mapKeys = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const listKeys = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);

/** Fits every schema directly below `schema`, except in the maps named in `skipped`. */
export function fitChildren(
  schema: JsonObject,
  fit: FitSchema,
  skipped: readonly string[],
  trail: readonly string[],
  depth: number,
): JsonObject {
  let fitted = schema;
  for (const key in schema) {
    const value = schema[key];
    if (typeof value !== 'object' || value === null || skipped.includes(key)) continue;
    const child = fitChild(key, value, fit, trail, depth);
    if (child !== value) fitted = { ...fitted, [key]: child };
  }
  return fitted;
}

function fitChild(key: string, value: object, fit: FitSchema, trail: readonly string[], depth: number): unknown {
  if (Array.isArray(value)) return listKeys.has(key) ? fitList(value, fit, trail, depth) : value;
  if (mapKeys.has(key)) return fitMap(value as JsonObject, fit, trail, depth);
  return childKeys.has(key) ? fit(value as JsonObject, trail, depth) : value;
}

/** `true` and values that are not a schema allow anything. */
function fitMap(holder: JsonObject, fit: FitSchema, trail: readonly string[], depth: number): JsonObject {
  let fitted = holder;
  for (const name in holder) {
    const child = holder[name];
    const edited = fit(isObject(child) ? child : {}, trail, depth);
    if (edited !== child) fitted = { ...fitted, [name]: edited };
  }
  return fitted;
}

function fitList(
  list: readonly unknown[],
  fit: FitSchema,
  trail: readonly string[],
  depth: number,
): readonly unknown[] {
  let fitted: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const child = list[index];
    const edited = fit(isObject(child) ? child : {}, trail, depth);
    if (edited === child) continue;
    fitted ??= [...list];
    fitted[index] = edited;
  }
  return fitted ?? list;
}
