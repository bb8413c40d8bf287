import { isObject, parseJson } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/** What was repaired, as shown in the log. */
export type Repair =
  | 'code fence around it'
  | 'JSON within a string'
  | 'key without quotes'
  | 'single quotes'
  | 'line end within a string'
  | 'escaped single quote'
  | 'trailing comma'
  | 'Python literal'
  | 'missing closing bracket'
  | 'surplus closing bracket';

export type RepairedJson = { value: JsonObject; repairs: Repair[] };

/**
 * Parses malformed JSON if only one reading is possible. Undefined for ambiguous text, text that stops within a value, and
 * text with anything else before or after the object. Libraries for this guess in those cases, and don't report what they
 * changed. A wrong guess at a tool's arguments could run a command that the model never wrote.
 */
export function repairJson(text: string): RepairedJson | undefined {
  const repairs = new Set<Repair>();
  const bare = unwrapFence(text, repairs);
  try {
    const value = toObject(readText({ text: bare, at: 0, depth: 0, repairs }), repairs);
    return value && { value, repairs: [...repairs] };
  } catch (thrown) {
    if (thrown instanceof Doubt) return undefined;
    throw thrown;
  }
}

/** The text is ambiguous. */
class Doubt extends Error {}

function unwrapFence(text: string, repairs: Set<Repair>): string {
  const trimmed = text.trim();
  const [opening] = /^```(?:json)?[^\S\n]*\n/.exec(trimmed) ?? [];
  if (opening === undefined || !trimmed.endsWith('```') || trimmed.length < opening.length + 3) return text;
  repairs.add('code fence around it');
  return trimmed.slice(opening.length, -3);
}

/** Reads the JSON inside a string, which some models send as arguments, but only if it is valid. */
function toObject(value: unknown, repairs: Set<Repair>): JsonObject | undefined {
  if (isObject(value)) return value;
  if (typeof value !== 'string') return undefined;
  repairs.add('JSON within a string');
  const inner = parseJson(value);
  return isObject(inner) ? inner : undefined;
}

const literals = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const pythonLiterals = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
]);
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordPattern = /[A-Za-z_$][\w$-]*/y;

/** The maximum nesting depth. Reading deeper text could exhaust the stack. */
const deepest = 200;

/** `at` is the index of the next character to read, `depth` the number of open brackets. */
type Input = { readonly text: string; at: number; depth: number; repairs: Set<Repair> };

function readText(input: Input): unknown {
  const value = readValue(input);
  skipSurplus(input);
  return value;
}

function skipSpace(input: Input): void {
  while (/\s/.test(input.text[input.at] ?? '')) input.at++;
}

function match(input: Input, pattern: RegExp): string | undefined {
  pattern.lastIndex = input.at;
  const [found] = pattern.exec(input.text) ?? [];
  if (found !== undefined) input.at += found.length;
  return found;
}

function readValue(input: Input): unknown {
  skipSpace(input);
  switch (input.text[input.at]) {
    case '{':
      return readObject(input);
    case '[':
      return readArray(input);
    case '"':
    case "'":
      return readString(input);
    default:
      return readScalar(input);
  }
}

function readScalar(input: Input): unknown {
  const number = match(input, numberPattern);
  if (number !== undefined) {
    // At the end of a text that was cut off, digits may be missing.
    if (input.at === input.text.length || /[\w.+-]/.test(input.text[input.at] ?? '')) throw new Doubt();
    return Number(number);
  }
  const word = match(input, wordPattern) ?? '';
  if (literals.has(word)) return literals.get(word);
  if (!pythonLiterals.has(word)) throw new Doubt();
  input.repairs.add('Python literal');
  return pythonLiterals.get(word);
}

function readObject(input: Input): JsonObject {
  const entries = readItems(input, '}', () => {
    const key = readKey(input);
    skipSpace(input);
    if (input.text[input.at] !== ':') throw new Doubt();
    input.at++;
    return [key, readValue(input)] as const;
  });
  const names = new Set(entries.map(([key]) => key));
  if (names.size < entries.length) throw new Doubt();
  return Object.fromEntries(entries);
}

function readArray(input: Input): unknown[] {
  return readItems(input, ']', () => readValue(input));
}

function readKey(input: Input): string {
  if (input.text[input.at] === '"' || input.text[input.at] === "'") return readString(input);
  const word = match(input, wordPattern);
  if (word === undefined) throw new Doubt();
  input.repairs.add('key without quotes');
  return word;
}

/** The items between brackets. The closing bracket may be missing at the end of the text, directly after a value. */
function readItems<T>(input: Input, closer: '}' | ']', readItem: () => T): T[] {
  if (++input.depth > deepest) throw new Doubt();
  const items: T[] = [];
  input.at++;
  for (;;) {
    skipSpace(input);
    if (input.text[input.at] === closer) {
      if (items.length > 0) input.repairs.add('trailing comma');
      break;
    }
    items.push(readItem());
    skipSpace(input);
    if (input.at === input.text.length) {
      input.repairs.add('missing closing bracket');
      input.at--;
      break;
    }
    if (input.text[input.at] === closer) break;
    if (input.text[input.at] !== ',') throw new Doubt();
    input.at++;
  }
  input.depth--;
  input.at++;
  return items;
}

function readString(input: Input): string {
  const quote = input.text[input.at];
  if (quote === "'") input.repairs.add('single quotes');
  input.at++;
  let out = '';
  for (;;) {
    const character = input.text[input.at];
    // An unknown part of the string is missing.
    if (character === undefined) throw new Doubt();
    input.at++;
    if (character === quote) return out;
    if (character === '\\') out += readEscape(input);
    else {
      if (character < ' ') input.repairs.add('line end within a string');
      out += character;
    }
  }
}

function readEscape(input: Input): string {
  const kind = input.text[input.at];
  if (kind === "'") {
    input.at++;
    input.repairs.add('escaped single quote');
    return kind;
  }
  const escape = match(input, /["\\/bfnrt]|u[\da-fA-F]{4}/y);
  if (escape === undefined) throw new Doubt();
  return JSON.parse(`"\\${escape}"`) as string;
}

function skipSurplus(input: Input): void {
  const surplus = match(input, /[\s}\]]*/y) ?? '';
  if (surplus.trim() !== '') input.repairs.add('surplus closing bracket');
  if (input.at < input.text.length) throw new Doubt();
}
