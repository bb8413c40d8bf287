import { isObject } from './json.ts';

/** How the escape of a lone surrogate begins, as `JSON.stringify` writes it. The text itself may have the same letters. */
const escape = String.raw`\ud`;

/**
 * The JSON of `value`, where a lone surrogate (half of an emoji, where a client cut a text) becomes U+FFFD: strict readers
 * refuse the whole body for one ("no low surrogate in string", "unexpected end of hex escape"). Only a text that may have
 * one is searched.
 */
export function writeWellFormed(value: unknown): { text: string; repaired: boolean } {
  const text = JSON.stringify(value);
  if (!text.includes(escape)) return { text, repaired: false };
  const wellFormed = repair(value);
  return wellFormed === value ? { text, repaired: false } : { text: JSON.stringify(wellFormed), repaired: true };
}

/** The same value if it has none. */
function repair(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (Array.isArray(value)) {
    const items = value.map(repair);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key.toWellFormed(), repair(inner)] as const);
  const same = entries.every(([key, inner]) => Object.hasOwn(value, key) && inner === value[key]);
  return same ? value : Object.fromEntries(entries);
}
