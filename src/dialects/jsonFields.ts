import { fieldsWhere, own } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/**
 * The defined entries of `values` that `given` does not set, either under their own name or under one of their `synonyms`.
 * A null in `given` counts as not set.
 */
export function missingValues(
  given: JsonObject,
  values: JsonObject,
  synonyms: Record<string, string[]> = {},
): JsonObject {
  const lacks = (key: string): boolean => (own(given, key) ?? null) === null;
  return fieldsWhere(
    values,
    (key, value) => value !== undefined && lacks(key) && (own(synonyms, key) ?? []).every(lacks),
  );
}
