import { isObject, isTooDeep, mostLevels } from '../canonical/json.ts';
import { getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { JsonObject } from '../canonical/request.ts';
import { createPlaces, type Places, type Problem } from './problems.ts';

export type Parsed = {
  /** Absent when the text is not a JSON object. */
  value: JsonObject | undefined;
  places: Places;
  problems: Problem[];
};

/** Parses JSON with comments and trailing commas. After a syntax error there is no value, not even a partial one. */
export function parseConfigText(file: string, text: string): Parsed {
  try {
    const parsed = parseText(file, text);
    if (!isTooDeep(parsed.value)) return parsed;
  } catch (thrown) {
    // Thousands of levels overflow the stack of the parser.
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  const places = createPlaces(file, '', undefined);
  const message = `The config file is nested too deeply: more than ${mostLevels} lists and objects within each other.`;
  return { value: undefined, places, problems: [{ severity: 'error', code: 'nested-too-deeply', file, message }] };
}

function parseText(file: string, withByteOrderMark: string): Parsed {
  // Windows editors write a byte order mark.
  const text = withByteOrderMark.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const places = createPlaces(file, text, root);
  const problems: Problem[] = errors.map(({ error, offset }) => ({
    severity: 'error',
    code: 'not-json',
    message: `Not valid JSON: ${readable(printParseErrorCode(error))}.`,
    ...places.ofOffset(offset),
  }));
  if (problems.length > 0 || !root) return { value: undefined, places, problems };

  const value: unknown = getNodeValue(root);
  if (isObject(value)) return { value, places, problems: repeatedKeys(root, places) };
  const problem: Problem = {
    severity: 'error',
    code: 'not-an-object',
    message: 'The config file must contain a JSON object.',
    ...places.ofOffset(0),
  };
  return { value: undefined, places, problems: [problem] };
}

/** `PropertyNameExpected` -> `property name expected`. */
function readable(code: string): string {
  return code.replace(/[A-Z]/g, (letter, offset: number) => (offset === 0 ? '' : ' ') + letter.toLowerCase());
}

/** Warnings for duplicate keys, of which JSON uses the last one. */
function repeatedKeys(node: Node, places: Places): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, Node>();
  for (const child of node.children ?? []) {
    const [key, value] = child.type === 'property' ? (child.children ?? []) : [undefined, child];
    if (value) problems.push(...repeatedKeys(value, places));
    if (!key) continue;
    const name = String(key.value);
    const earlier = seen.get(name);
    if (earlier && !name.startsWith('_')) {
      const message = `Duplicate key "${name}": only the last one is used.`;
      problems.push({ severity: 'warning', code: 'duplicate-key', message, ...places.ofOffset(earlier.offset) });
    }
    seen.set(name, key);
  }
  return problems;
}
