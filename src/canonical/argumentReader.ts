import { isObject, own, parseJson } from './json.ts';
import { missingBrackets } from './cutJson.ts';
import { removeMember, scanOn, startScan, takeScanned, type ObjectScan } from './objectScanner.ts';
import type { JsonObject } from './request.ts';
import { fitParameter, isOptional, readObjectInput, requiredOf, takes } from './toolArguments.ts';

/** Reads a call's arguments while they arrive and passes on the text of one JSON object. */
export type ArgumentReader = {
  /** Whether the object has begun and not ended, so that `end` may have to complete it. */
  isOpen(): boolean;
  /** Returns the part of the object's text that has become certain since the last call. */
  push(fragment: string): string;
  /**
   * Returns the rest. `problem` says, as the rest of a sentence, what is wrong with what was passed on. `isCut`: the answer ended
   * at a limit, so that what is missing is unknown.
   */
  end(isCut?: boolean): { text: string; problem?: string };
};

type Reading = {
  schema: JsonObject;
  properties: JsonObject;
  scan: ObjectScan;
  /** The text of the object received so far, and what of it was passed on. */
  raw: string;
  passed: string;
  /** The end of the text received so far, which is scanned later. */
  waiting: string;
  /** The text after the object. */
  extra: string;
  key: string;
  /** Whether a key has begun: until then it may be the empty object in front of the real one. */
  hasKey: boolean;
  /** Whether the arguments are not an object, so that they are held until the end. */
  isHeld: boolean;
  isCumulative: boolean;
};

/**
 * Streams arguments that are one JSON object and repairs what providers do to them: `{}` before the real ones (litellm#4537,
 * openai-agents-js#712), the whole text again in each fragment, the same object twice, what JSON does not allow (see scanOn), missing
 * brackets at its end, a block of code around the object, and a parameter of another type than its schema wants (see fitParameter).
 * Arguments that are not an object are held until the end and read by `readObjectInput`.
 */
export function createArgumentReader(schema: JsonObject): ArgumentReader {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const reading: Reading = { schema, properties, isCumulative: false, ...beginning() };
  return {
    push: (fragment) => pushFragment(reading, newPartOf(reading, fragment)),
    isOpen: () => reading.hasKey && reading.scan.position !== 'done',
    end(isCut = false) {
      const late = scanWaiting(reading);
      const { text, problem } = endReading(reading, isCut);
      return { text: late + text, ...(problem !== undefined && { problem }) };
    },
  };
}

function beginning(): Pick<Reading, 'scan' | 'raw' | 'passed' | 'waiting' | 'extra' | 'key' | 'hasKey' | 'isHeld'> {
  return { scan: startScan(), raw: '', passed: '', waiting: '', extra: '', key: '', hasKey: false, isHeld: false };
}

/** The part of a fragment that is new: some providers send all of the text so far each time. */
function newPartOf(reading: Reading, fragment: string): string {
  const { raw, scan, isHeld } = reading;
  if (raw === '' || isHeld || fragment.length < raw.length || !fragment.startsWith(raw)) return fragment;
  const mayNest = !scan.isInString && (scan.position === 'value' || scan.position === 'nested');
  reading.isCumulative ||= !mayNest;
  return reading.isCumulative ? fragment.slice(raw.length) : fragment;
}

/** Each repair copies the text that is being scanned, so a long one is scanned in pieces. Characters. */
const pieceLength = 4096;

function pushFragment(reading: Reading, fresh: string): string {
  let out = '';
  for (let at = 0; at < fresh.length; at += pieceLength) out += pushPiece(reading, fresh.slice(at, at + pieceLength));
  return out;
}

/** By how much of its length beyond a piece a text that is held, such as one in single quotes, grows before it is scanned again. */
const growth = 1 / 8;

function pushPiece(reading: Reading, fresh: string): string {
  const { scan } = reading;
  if (scan.position === 'done') return pushBehind(reading, fresh);
  reading.raw += fresh;
  if (reading.isHeld) return '';
  reading.waiting += fresh;
  // A text that is held is copied and perhaps searched from its start.
  return reading.waiting.length < (scan.text.length - pieceLength) * growth ? '' : scanWaiting(reading);
}

function scanWaiting(reading: Reading): string {
  const { scan } = reading;
  if (reading.waiting === '') return '';
  scan.text += reading.waiting;
  reading.waiting = '';
  const out = passOn(reading);
  reading.passed += out;
  // What the scan has not consumed follows the object.
  if (reading.scan.position !== 'done' || scan.text.length === scan.cursor) return out;
  const behind = scan.text.slice(scan.cursor);
  scan.text = scan.text.slice(0, scan.cursor);
  reading.raw = reading.raw.slice(0, reading.raw.length - behind.length);
  return out + pushBehind(reading, behind);
}

function pushBehind(reading: Reading, text: string): string {
  reading.extra += text;
  const next = reading.extra.trimStart();
  if (next === '' || reading.hasKey) return '';
  // Nothing was passed on: the object is an empty one, and the real one follows.
  Object.assign(reading, beginning());
  return pushFragment(reading, next);
}

/** Scans what is new. Returns the text that can be passed on. */
function passOn(reading: Reading): string {
  const { scan } = reading;
  let out = '';
  for (;;) {
    const stop = scanOn(scan);
    if (stop === 'key') {
      reading.hasKey = true;
      reading.key = keyOf(scan);
    } else if (stop === 'value') {
      out += fitValue(reading);
    } else {
      reading.isHeld = stop === 'no-object';
      return reading.hasKey ? out + takeScanned(scan, certainLength(reading)) : out;
    }
  }
}

function keyOf({ text, memberAt, cursor }: ObjectScan): string {
  const parsed = parseJson(text.slice(memberAt, cursor).replace(/^,/, ''));
  return typeof parsed === 'string' ? parsed : '';
}

/** What was scanned, but for a member whose value has not begun, and for one that may have to be changed. */
function certainLength({ scan, schema, properties, key }: Reading): number {
  if (scan.position === 'done' || scan.position === 'comma') return scan.cursor;
  if (scan.position === 'key') return scan.memberAt;
  const declared = own(properties, key);
  if (takes(declared, scan.valueType === '' ? 'null' : scan.valueType)) return scan.cursor;
  if (scan.valueType === '' || scan.valueType === 'null') return isOptional(schema, key) ? scan.memberAt : scan.cursor;
  return scan.valueAt;
}

/** Replaces a value that its schema does not allow by what it stands for. Returns the text that was passed for that. */
function fitValue({ scan, schema, properties, key }: Reading): string {
  const declared = own(properties, key);
  const text = scan.text.slice(scan.valueAt, scan.cursor);
  if (takes(declared, scan.valueType)) scan.hasMembers = true;
  if (takes(declared, scan.valueType) || text === '') return '';
  const given = parseJson(text);
  if (given === null && isOptional(schema, key)) {
    removeMember(scan);
    return '';
  }
  scan.hasMembers = true;
  const fitted = fitParameter(given, declared, text);
  if (fitted === given || given === undefined) return '';
  const before = takeScanned(scan, scan.valueAt);
  takeScanned(scan, scan.cursor);
  return before + JSON.stringify(fitted);
}

function endReading(reading: Reading, isCut: boolean): { text: string; problem?: string } {
  const { scan, raw, passed, extra, hasKey, schema } = reading;
  if (!hasKey) return endUnpassed(raw, schema);
  const { text } = scan;
  if (scan.position !== 'done') {
    const brackets = isCut ? undefined : bracketsFor(passed + text, schema);
    return brackets === undefined
      ? { text, problem: 'are cut off' }
      : { text: text + brackets, problem: 'lacked the brackets at their end' };
  }
  if (parseJson(passed + text) === undefined) return { text, problem: 'are not JSON' };
  if (/^[\s}\]]*$/.test(extra) || sameJson(extra, raw)) return { text };
  return { text, problem: 'were followed by a second value, which was dropped' };
}

/** The brackets that make an object of a text which has every required parameter and ends after a value (vllm#32152). */
function bracketsFor(text: string, schema: JsonObject): string | undefined {
  const brackets = missingBrackets(text);
  const value = brackets === undefined || !/["}\]]\s*$/.test(text) ? undefined : parseJson(text + brackets);
  return isObject(value) && requiredOf(schema).every((name) => Object.hasOwn(value, name)) ? brackets : undefined;
}

/** Nothing was passed on: it is an empty object, none at all, or the beginning of one. */
function endUnpassed(raw: string, schema: JsonObject): { text: string; problem?: string } {
  const text = raw.replace(emptyBefore, '').replace(fence, '$1').replace(lostBracket, '{$&');
  const value = readObjectInput(text, schema);
  if (!value) return { text: raw, problem: 'are not a JSON object' };
  return { text: text === raw && isObject(parseJson(raw)) ? raw : JSON.stringify(value) };
}

/** What stands for no arguments, in front of the real ones. */
const emptyBefore = /^\s*(?:null|"")\s*(?=\{)/;

/** The beginning of an object whose bracket was lost. */
const lostBracket = /^\s*"[^"\\]+"\s*:/;

/** A block of code around all of it. */
const fence = /^\s*```(?:json)?\s*([{[][^]*[}\]])\s*```\s*$/;

/** Whether both are JSON of the same value. */
export function sameJson(a: string, b: string): boolean {
  const [first, second] = [parseJson(a), parseJson(b)];
  return first !== undefined && JSON.stringify(first) === JSON.stringify(second);
}
