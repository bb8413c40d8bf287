import { isObject, own, parseJson } from './json.ts';
import { scanOn, startScan, takeScanned, withoutControls, type ObjectScan } from './objectScanner.ts';
import type { JsonObject } from './request.ts';
import { fitParameter, readObjectInput, takes } from './toolArguments.ts';

/** Reads a call's arguments while they arrive and passes on the text of one JSON object. */
export type ArgumentReader = {
  /** Returns the part of the object's text that has become certain since the last call. */
  push(fragment: string): string;
  /** Returns the rest. `problem` says, as the rest of a sentence, what is wrong with what was passed on. */
  end(): { text: string; problem?: string };
};

type Reading = {
  schema: JsonObject;
  properties: JsonObject;
  scan: ObjectScan;
  /** The text of the object received so far. */
  raw: string;
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
 * openai-agents-js#712), the whole text again in each fragment, the same object twice, control characters within strings, a block
 * of code around the object, and a parameter that is JSON text where its schema wants a list, an object, a number or a boolean.
 * Arguments that are not an object are held until the end and read by `readObjectInput`.
 */
export function createArgumentReader(schema: JsonObject): ArgumentReader {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const reading: Reading = { schema, properties, isCumulative: false, ...beginning() };
  return {
    push: (fragment) => pushFragment(reading, newPartOf(reading, fragment)),
    end: () => endReading(reading),
  };
}

function beginning(): Pick<Reading, 'scan' | 'raw' | 'extra' | 'key' | 'hasKey' | 'isHeld'> {
  return { scan: startScan(), raw: '', extra: '', key: '', hasKey: false, isHeld: false };
}

/** The part of a fragment that is new: some providers send all of the text so far each time. */
function newPartOf(reading: Reading, fragment: string): string {
  const { raw, scan, isHeld } = reading;
  if (raw === '' || isHeld || fragment.length < raw.length || !fragment.startsWith(raw)) return fragment;
  const mayNest = !scan.isInString && (scan.position === 'value' || scan.position === 'nested');
  reading.isCumulative ||= !mayNest;
  return reading.isCumulative ? fragment.slice(raw.length) : fragment;
}

function pushFragment(reading: Reading, fresh: string): string {
  const { scan } = reading;
  if (scan.position === 'done') return pushBehind(reading, fresh);
  reading.raw += fresh;
  if (reading.isHeld) return '';
  scan.text += fresh;
  const out = passOn(reading);
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
      reading.key = textOf(scan.text.slice(scan.stringAt, scan.cursor));
    } else if (stop === 'string-value') {
      out += fitValue(reading);
    } else {
      reading.isHeld = stop === 'no-object';
      return reading.hasKey ? out + takeScanned(scan, certainLength(reading)) : out;
    }
  }
}

/** What was scanned, without a string at the object's own level that is needed whole: a key, or a value to be decoded. */
function certainLength({ scan, properties, key }: Reading): number {
  if (!scan.isInString || scan.depth !== 1) return scan.cursor;
  const isNeeded = scan.position === 'key' || (scan.position === 'value' && isEncoded(properties, key));
  return isNeeded ? scan.stringAt : scan.cursor;
}

/** Replaces a string value that its schema does not allow by what it holds. */
function fitValue({ scan, properties, key }: Reading): string {
  if (!isEncoded(properties, key)) return '';
  const before = takeScanned(scan, scan.stringAt);
  const given = parseJson(scan.text.slice(0, scan.cursor));
  const fitted = fitParameter(given, own(properties, key));
  if (fitted === given) return before;
  takeScanned(scan, scan.cursor);
  return before + JSON.stringify(fitted);
}

function isEncoded(properties: JsonObject, key: string): boolean {
  return !takes(own(properties, key), 'string');
}

function endReading({ scan, raw, extra, hasKey, schema }: Reading): { text: string; problem?: string } {
  if (!hasKey) return endUnpassed(raw, schema);
  const { text } = scan;
  if (scan.position !== 'done') return { text, problem: 'are cut off' };
  if (parseJson(raw) === undefined && parseJson(withoutControls(raw)) === undefined)
    return { text, problem: 'are not JSON' };
  if (extra.trim() === '' || sameJson(extra, raw)) return { text };
  return { text, problem: 'were followed by a second value, which was dropped' };
}

/** Nothing was passed on: it is an empty object, none at all, or the beginning of one. */
function endUnpassed(raw: string, schema: JsonObject): { text: string; problem?: string } {
  const text = raw.replace(emptyBefore, '').replace(fence, '$1');
  const value = readObjectInput(text, schema);
  if (!value) return { text: raw, problem: 'are not a JSON object' };
  return { text: text === raw && isObject(parseJson(raw)) ? raw : JSON.stringify(value) };
}

/** What stands for no arguments, in front of the real ones. */
const emptyBefore = /^\s*(?:null|"")\s*(?=\{)/;

/** A block of code around all of it. */
const fence = /^\s*```(?:json)?\s*([{[][^]*[}\]])\s*```\s*$/;

function textOf(json: string): string {
  const parsed = parseJson(json);
  return typeof parsed === 'string' ? parsed : '';
}

/** Whether both are JSON of the same value. */
export function sameJson(a: string, b: string): boolean {
  const [first, second] = [parseJson(a), parseJson(b)];
  return first !== undefined && JSON.stringify(first) === JSON.stringify(second);
}
