import type { JsonObject } from '../canonical/request.ts';

/** Without the keys that have no value. */
export function defined(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
