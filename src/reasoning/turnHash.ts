import { hash } from 'node:crypto';
import type { ToolCallPart } from '../canonical/request.ts';

/** A short hash of anything JSON can hold. */
export function digest(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url').slice(0, 22);
}

/** Of a longer text only beginning and end are hashed, this much of each: hashing all of it costs more than passing it on. Characters. */
const endLength = 512;

/**
 * Tells texts of one conversation apart. Ignores white space, as clients trim it, and where pieces of the text begin, as they join them
 * with line ends. '' for empty or blank text. Two products for each character, since making a text without its spaces for a
 * cryptographic hash costs several times as much.
 */
export function hashText(pieces: readonly string[]): string {
  let a = 0;
  let b = 1;
  let seen = 0;
  let first = 0;
  let start = 0;
  while (first < pieces.length && seen < endLength) {
    const text = pieces[first] as string;
    if (start === text.length) {
      first++;
      start = 0;
      continue;
    }
    const code = text.charCodeAt(start++);
    if (isSpace(code)) continue;
    a = Math.imul(a ^ code, firstFactor);
    b = (Math.imul(b ^ code, secondFactor) + a) | 0;
    seen++;
  }
  const most = seen + endLength;
  for (let last = pieces.length - 1; last >= first && seen < most; last--) {
    const text = pieces[last] as string;
    const begin = last === first ? start : 0;
    for (let at = text.length - 1; at >= begin && seen < most; at--) {
      const code = text.charCodeAt(at);
      if (isSpace(code)) continue;
      a = Math.imul(a ^ code, firstFactor);
      b = (Math.imul(b ^ code, secondFactor) + a) | 0;
      seen++;
    }
  }
  if (seen === 0) return '';
  // Thousands are kept. V8 would keep a template's parts.
  return [(a >>> 0).toString(36), (b >>> 0).toString(36), seen].join('.');
}

/** Odd numbers with bits all over them. */
const firstFactor = 0x9e3779b1 | 0;
const secondFactor = 0x85ebca6b | 0;

/** What a regular expression takes for white space. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code >= 0xa0 && otherSpaces.has(code);
}

const otherSpaces: ReadonlySet<number> = new Set([
  0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029,
  0x202f, 0x205f, 0x3000, 0xfeff,
]);

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
