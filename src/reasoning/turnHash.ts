import { hash } from 'node:crypto';
import type { ToolCallPart } from '../canonical/request.ts';

/** A short hash of anything JSON can hold. */
export function digest(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url').slice(0, 22);
}

/** Of a longer text only beginning and end are hashed, this much of each: hashing all of it costs more than passing it on. Characters. */
const endLength = 4096;

/** Where that many characters besides white space are looked for: in prose, and in code that is indented far. Characters. */
const endReaches = [1.5 * endLength, 4 * endLength];

/** Ignores white space: clients trim it, and join pieces of text with line ends. '' for empty or blank text. */
export function hashText(text: string): string {
  const words = endsOf(text) ?? shortened(withoutSpace(text));
  return words === '' ? '' : digest(words);
}

/** The same as `shortened`, without a look at what is between. Undefined if white space takes too much of the ends. */
function endsOf(text: string): string | undefined {
  for (const reach of endReaches) {
    if (text.length < 2 * reach) return undefined;
    const start = withoutSpace(text.slice(0, reach)).slice(0, endLength);
    const end = withoutSpace(text.slice(-reach)).slice(-endLength);
    if (start.length + end.length === 2 * endLength) return start + end;
  }
  return undefined;
}

function shortened(words: string): string {
  return words.length > 2 * endLength ? words.slice(0, endLength) + words.slice(-endLength) : words;
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s+/g, '');
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
