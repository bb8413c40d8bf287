import { createHash } from 'node:crypto';
import type { ToolCallPart } from '../canonical/request.ts';

/** A short hash of anything JSON can hold. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

/** White space is left out: clients trim it, and join what came in pieces with a line end. '' for a text without a word. */
export function hashText(text: string): string {
  const words = text.replaceAll(/\s+/g, '');
  return words === '' ? '' : digest(words);
}

/** A call by its name and input, whose JSON may come back with other spaces or another order of its keys. */
export function hashCall({ name, kind, input }: Pick<ToolCallPart, 'name' | 'kind' | 'input'>): string {
  return digest([name, kind === 'function' ? normalJson(input) : input.trim()]);
}

function normalJson(input: string): unknown {
  try {
    return sortKeys(JSON.parse(input === '' ? '{}' : input));
  } catch {
    // A model's broken JSON goes to the client as it came, and comes back so.
    return input.trim();
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, entry]) => [key, sortKeys(entry)]);
}
