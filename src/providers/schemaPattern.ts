import type { JsonObject } from '../canonical/request.ts';
import { inWords } from './schemaFaults.ts';

/**
 * Plain characters, groups without a kind other than `(?:`, and escapes that RE2, Rust, Python and JavaScript read alike. Not
 * lookaround, named groups, references to groups or classes by Unicode property: servers refuse the whole request for them
 * (the Artifact tool of Claude Code 2.1.265).
 */
const portable = /^(?:[^\\(]|\\[^pPk1-9]|\((?!\?(?!:)))*$/s;

/** Describes a pattern that only some engines read, and leaves it out. */
export function withPortablePattern(schema: JsonObject): JsonObject {
  const { pattern } = schema;
  return typeof pattern !== 'string' || portable.test(pattern) ? schema : inWords(schema, ['pattern']);
}
