import type { JsonObject } from '../canonical/request.ts';
import { inWords } from './schemaFaults.ts';

/**
 * No lookaround, named groups, references to groups or classes by Unicode property: engines such as RE2, Rust's and Python's lack one
 * or the other, and their servers refuse the whole request (the Artifact tool of Claude Code 2.1.265).
 */
const portable = /^(?:[^\\(]|\\[^pPk1-9]|\((?!\?(?!:)))*$/s;

/** Describes a pattern that only some engines read, and leaves it out. */
export function withPortablePattern(schema: JsonObject): JsonObject {
  const { pattern } = schema;
  return typeof pattern !== 'string' || portable.test(pattern) ? schema : inWords(schema, ['pattern']);
}
