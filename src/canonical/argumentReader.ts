import { isObject, own, parseJson } from './json.ts';
import type { JsonObject } from './request.ts';
import { fitParameter, readObjectInput, takes } from './toolArguments.ts';

/** Reads a call's arguments while they arrive and passes on the text of one JSON object. */
export type ArgumentReader = {
  /** Returns what of the object's text is certain now and was not returned before. */
  push(fragment: string): string;
  /** Returns the rest. `problem` says, as the rest of a sentence, what is wrong with what was passed on. */
  end(): { text: string; problem?: string };
};

/** Where the scanner is within the object. `value` and `key` are positions at the object's own level. */
type Position = 'start' | 'key' | 'colon' | 'value' | 'comma' | 'nested' | 'done';

/**
 * Streams arguments that are one JSON object and repairs what providers do to them:
 * `{}` before the real ones (litellm#4537, openai-agents-js#712), the whole text again in each fragment, the same object
 * twice, and a parameter that is JSON text where its schema wants a list, an object, a number or a boolean. Arguments that
 * are no object are held until the end and read by `readObjectInput`.
 */
export function createArgumentReader(schema: JsonObject): ArgumentReader {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  let raw = '';
  /** Up to here `raw` was scanned, and up to `passed` it was returned. */
  let cursor = 0;
  let passed = 0;
  let position: Position = 'start';
  let depth = 0;
  /** Start of the string that the scanner is in, or -1. */
  let stringAt = -1;
  let key = '';
  let hasKey = false;
  /** Whether `raw` is no object and waits for the end. */
  let held = false;
  let isCumulative = false;
  /** What came behind the complete object. */
  let extra = '';

  function restart(): void {
    raw = '';
    cursor = 0;
    passed = 0;
    position = 'start';
    depth = 0;
    stringAt = -1;
    hasKey = false;
  }

  /** The part of a fragment that is new: some providers send all of the text so far each time. */
  function newPartOf(fragment: string): string {
    if (raw === '' || held || !fragment.startsWith(raw)) return fragment;
    const mayNest = position === 'value' || position === 'nested';
    if (!isCumulative && (stringAt >= 0 || !mayNest)) isCumulative = true;
    return isCumulative ? fragment.slice(raw.length) : fragment;
  }

  function push(fragment: string): string {
    const fresh = newPartOf(fragment);
    if (position === 'done') return pushBehind(fresh);
    raw += fresh;
    if (held) return '';
    let out = scan();
    if (cursor < raw.length && isDone()) {
      const behind = raw.slice(cursor);
      raw = raw.slice(0, cursor);
      out += pushBehind(behind);
    }
    return out;
  }

  function isDone(): boolean {
    return position === 'done';
  }

  function pushBehind(text: string): string {
    extra += text;
    const next = extra.trimStart();
    if (next === '' || passed > 0) return '';
    // Nothing was passed on: the object is an empty one, and the real one follows.
    restart();
    extra = '';
    return push(next);
  }

  /** Scans what is new. Returns the text that can be passed on. */
  function scan(): string {
    let out = '';
    const flush = (end: number): void => {
      out += raw.slice(passed, end);
      passed = end;
    };
    while (cursor < raw.length && position !== 'done') {
      if (stringAt >= 0) {
        const end = endOfString(raw, cursor);
        cursor = end.at;
        if (!end.closed) break;
        const replaced = closeString(flush);
        out += replaced;
        continue;
      }
      const char = raw.charCodeAt(cursor);
      if (isSpace(char)) {
        cursor++;
        continue;
      }
      if (position === 'start') {
        if (char !== openBrace) {
          held = true;
          return '';
        }
        position = 'key';
        depth = 1;
        cursor++;
        continue;
      }
      step(char);
    }
    // Without a first key it may turn out to be the empty object in front of the real one.
    if (!hasKey) return out;
    const isWaiting = stringAt >= 0 && position === 'value' && isEncoded();
    flush(isWaiting ? stringAt : cursor);
    return out;
  }

  /** One character outside of strings. */
  function step(char: number): void {
    cursor++;
    switch (char) {
      case quote:
        stringAt = cursor - 1;
        hasKey = true;
        return;
      case openBrace:
      case openBracket:
        depth++;
        position = 'nested';
        return;
      case closeBrace:
      case closeBracket:
        depth--;
        position = depth === 0 ? 'done' : depth === 1 ? 'comma' : 'nested';
        return;
      case colon:
        if (depth === 1) position = 'value';
        return;
      case comma:
        if (depth === 1) position = 'key';
        return;
      default:
    }
  }

  function closeString(flush: (end: number) => void): string {
    const start = stringAt;
    stringAt = -1;
    if (depth !== 1) return '';
    if (position === 'key') {
      key = keyOf(raw.slice(start, cursor));
      position = 'colon';
      return '';
    }
    if (position !== 'value') return '';
    position = 'comma';
    if (!isEncoded()) return '';
    flush(start);
    const given = parseJson(raw.slice(start, cursor));
    const fitted = fitParameter(given, own(properties, key));
    if (fitted === given) return '';
    passed = cursor;
    return JSON.stringify(fitted);
  }

  /** Whether the value at hand is a string that its schema does not allow. */
  function isEncoded(): boolean {
    return !takes(own(properties, key), 'string');
  }

  return {
    push,
    end() {
      if (position === 'done') {
        const text = raw.slice(passed);
        const isRepeated = extra.trim() === '' || sameJson(extra, raw);
        return isRepeated ? { text } : { text, problem: 'were followed by a second value, which was dropped' };
      }
      if (passed > 0) {
        const text = raw.slice(passed);
        passed = raw.length;
        return { text, problem: 'are cut off' };
      }
      const value = readObjectInput(raw, schema);
      if (value) return { text: JSON.stringify(value) };
      return { text: raw, problem: 'are no JSON object' };
    },
  };
}

const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

function isSpace(char: number): boolean {
  return char === 32 || char === 10 || char === 13 || char === 9;
}

const special = /["\\]/g;

/** Where a string ends that is read from `from` on, behind its closing quote; not closed when the text ends before. */
function endOfString(text: string, from: number): { at: number; closed: boolean } {
  let at = from;
  for (;;) {
    special.lastIndex = at;
    const found = special.exec(text);
    if (!found) return { at: text.length, closed: false };
    if (found[0] === '"') return { at: found.index + 1, closed: true };
    // An escape whose second character has not come is looked at again.
    if (found.index + 1 >= text.length) return { at: found.index, closed: false };
    at = found.index + 2;
  }
}

function keyOf(text: string): string {
  const parsed = parseJson(text);
  return typeof parsed === 'string' ? parsed : '';
}

function sameJson(a: string, b: string): boolean {
  const [first, second] = [parseJson(a), parseJson(b)];
  return first !== undefined && JSON.stringify(first) === JSON.stringify(second);
}
