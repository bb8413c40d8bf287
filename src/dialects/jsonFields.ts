import type { JsonObject } from '../canonical/request.ts';

/** `values` without undefined fields. */
export function defined(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The defined fields of `values` that are undefined or null in `given`. */
export function missing(given: JsonObject, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([key, value]) => value !== undefined && (given[key] === undefined || given[key] === null),
    ),
  );
}
