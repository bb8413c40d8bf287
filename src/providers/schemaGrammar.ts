import type { JsonObject } from '../canonical/request.ts';
import { omit } from './schemaFaults.ts';

// For servers that turn a tool's schema into a grammar (llama.cpp, common/json-schema-to-grammar.cpp).

/** "number of repetitions exceeds sane defaults, please reduce the number of repetitions". */
const mostRepetitions = 2000;

const repetitions = ['minLength', 'maxLength', 'minItems', 'maxItems'];

/** Describes the constraints that a grammar can't have, and leaves them out. */
export function fitGrammar(schema: JsonObject): JsonObject {
  const { pattern } = schema;
  const isBad = (name: string): boolean => Number(schema[name]) > mostRepetitions;
  const dropped = pattern !== undefined && !isGrammarPattern(pattern) ? ['pattern'] : [];
  for (const name of repetitions) if (name in schema && isBad(name)) dropped.push(name);
  if (dropped.length === 0) return schema;
  const told = dropped.map((name) => `${name}: ${String(schema[name])}`).join(', ');
  const { description } = schema;
  const before = typeof description === 'string' && description !== '' ? `${description} ` : '';
  return { ...omit(schema, dropped), description: `${before}(${told})` };
}

/** "Pattern must start with '^' and end with '$'"; groups of a kind, classes by a letter and assertions are not read. */
function isGrammarPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && /^\^[\s\S]*\$$/.test(pattern) && !/\(\?|\\[a-zA-Z0-9]/.test(pattern);
}
