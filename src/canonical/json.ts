import type { JsonObject } from './request.ts';

/**
 * Arrays and objects within each other. Real requests and replies nest a few dozen; functions that walk a value call themselves
 * once or more for each level, and thousands of levels overflow the stack.
 */
export const mostLevels = 200;

/** Parses JSON; undefined if it is invalid or nested too deeply. */
export function parseJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    // Each level takes two characters, so the frames of a stream are not searched.
    return text.length > 2 * mostLevels && isTooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Whether a value has more than `levels` levels of arrays and objects. */
export function isTooDeep(value: unknown, levels = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // No call for each text and number: most of a body is those.
  if (Array.isArray(value)) {
    for (const each of value) if (typeof each === 'object' && isTooDeep(each, levels - 1)) return true;
    return false;
  }
  for (const name in value) {
    const each = (value as JsonObject)[name];
    if (typeof each === 'object' && isTooDeep(each, levels - 1)) return true;
  }
  return false;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads an own property only: a model may be called "constructor". */
export function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A value that JSON.stringify writes as `text`, which is a JSON text or number. */
export function rawJson(text: string): unknown {
  // TypeScript's library does not have it yet.
  return (JSON as JSON & { rawJSON(text: string): unknown }).rawJSON(text);
}

/** Adds an own field, even `__proto__`. */
export function setField(holder: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  else holder[name] = value;
}

/** The fields of an object that pass. */
export function fieldsWhere<V>(
  object: Readonly<Record<string, V>>,
  passes: (name: string, value: V) => boolean,
): Record<string, V> {
  const fields: JsonObject = object;
  const found: Record<string, V> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name] as V;
    if (passes(name, value)) setField(found, name, value);
  }
  return found;
}

export function withoutUndefined<T extends object>(object: T): T {
  return fieldsWhere(object as Record<string, unknown>, isDefined) as T;
}

function isDefined(_: string, value: unknown): boolean {
  return value !== undefined;
}
