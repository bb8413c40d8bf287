import { isObject, isTooDeep, mostLevels } from '../canonical/json.ts';
import {
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
  type ParseErrorCode,
} from 'jsonc-parser';
import type { JsonObject } from '../canonical/request.ts';
import { worded, wording, type Wording } from '../canonical/wording.ts';
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
  const said = wording(
    'The config file is nested too deeply: more than {0} lists and objects within each other.',
    mostLevels,
  );
  return {
    value: undefined,
    places,
    problems: [{ severity: 'error', code: 'nested-too-deeply', file, ...worded(said) }],
  };
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
    ...worded(wording('Not valid JSON: {0}.', syntaxFault(error))),
    ...places.ofOffset(offset),
  }));
  if (problems.length > 0 || !root) return { value: undefined, places, problems };

  const value: unknown = getNodeValue(root);
  if (isObject(value)) return { value, places, problems: repeatedKeys(root, places) };
  const problem: Problem = {
    severity: 'error',
    code: 'not-an-object',
    ...worded(wording('The config file must contain a JSON object.')),
    ...places.ofOffset(0),
  };
  return { value: undefined, places, problems: [problem] };
}

/** Why the text is not JSON, of what usually is wrong; of the rest, the parser's own name for it: `InvalidUnicode` -> `invalid unicode`. */
function syntaxFault(error: ParseErrorCode): Wording {
  const code = printParseErrorCode(error);
  switch (code) {
    case 'InvalidSymbol':
      return wording('invalid symbol');
    case 'PropertyNameExpected':
      return wording('property name expected');
    case 'ValueExpected':
      return wording('value expected');
    case 'ColonExpected':
      return wording('colon expected');
    case 'CommaExpected':
      return wording('comma expected');
    case 'CloseBraceExpected':
      return wording('close brace expected');
    case 'CloseBracketExpected':
      return wording('close bracket expected');
    case 'EndOfFileExpected':
      return wording('end of file expected');
    case 'UnexpectedEndOfString':
      return wording('unexpected end of string');
    default:
      return wording(code.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : ' ') + letter.toLowerCase()));
  }
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
      const said = worded(wording('Duplicate key "{0}": only the last one is used.', name));
      problems.push({ severity: 'warning', code: 'duplicate-key', ...said, ...places.ofOffset(earlier.offset) });
    }
    seen.set(name, key);
  }
  return problems;
}
