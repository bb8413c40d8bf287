import { createHash } from 'node:crypto';
import type { ToolCallPart } from '../canonical/request.ts';

/** A short hash of anything JSON can hold. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

/** Ignores white space: clients trim it, and join pieces of text with line ends. '' for empty or blank text. */
export function hashText(text: string): string {
  const words = text.replaceAll(/\s+/g, '');
  return words === '' ? '' : digest(words);
}

/** Hashes a call's name and input. JSON input may come back with different spacing or key order. */
export function hashCall({ name, kind, input }: Pick<ToolCallPart, 'name' | 'kind' | 'input'>): string {
  return digest([name, kind === 'function' ? normalJson(input) : input.trim()]);
}

function normalJson(input: string): unknown {
  try {
    return sortKeys(JSON.parse(input === '' ? '{}' : input));
  } catch {
    // A model's malformed JSON reaches the client unchanged and comes back unchanged.
    return input.trim();
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, entry]) => [key, sortKeys(entry)]);
}
