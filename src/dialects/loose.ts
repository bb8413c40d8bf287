import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/**
 * What is read of a provider's answer: a field of another type counts as absent, as does null. Written by hand, since this runs
 * for every event of every stream; requests are checked by schemas, which name the field that is wrong.
 */

export function looseText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function looseNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A place in a list, which some write as text. */
export function looseIndex(value: unknown): number | undefined {
  const index = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : undefined;
}

/** Text that may stand in an object of its own: `{text}`, `{content}`, `{value}`. */
export function looseWords(value: unknown): string | undefined {
  if (!isObject(value)) return looseText(value);
  return looseText(value['text']) ?? looseText(value['content']) ?? looseText(value['value']);
}

export function looseFlag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function looseObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/** The objects of a list, read by `read`; what else is in it is left out. */
export function looseList<T>(value: unknown, read: (item: JsonObject) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const each of value as unknown[]) {
    const item = isObject(each) ? read(each) : undefined;
    if (item !== undefined) items.push(item);
  }
  return items;
}

/** Of a call: some servers, and so their clients, send the value where its text belongs. */
export function looseInput(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
