import { repairToken, readEscape } from './tokenRepair.ts';

/** Where the scanner is. `key` and `value` are positions at the object's own level. */
type Position = 'start' | 'key' | 'colon' | 'value' | 'comma' | 'nested' | 'done';

/** The scan of one JSON object whose text arrives in pieces. */
export type ObjectScan = {
  /** Text that has arrived and was not dropped yet. */
  text: string;
  /** `text` has been scanned up to this index. */
  cursor: number;
  position: Position;
  depth: number;
  isInString: boolean;
  /** Where the member of the object that was scanned last begins, with the comma in front of it. */
  memberAt: number;
  /** Where its value begins, and of which JSON type it is; '' until it begins. */
  valueAt: number;
  valueType: string;
  /** Whether the object has a member before that one. */
  hasMembers: boolean;
};

/**
 * Why a scan stopped: at the end of the text so far, after a key or a value of the object itself, after the object, or at
 * anything that is not an object.
 */
export type ScanStop = 'text-end' | 'key' | 'value' | 'done' | 'no-object';

export function startScan(): ObjectScan {
  return { text: '', cursor: 0, position: 'start', depth: 0, isInString: false, memberAt: 0, valueAt: 0, valueType: '', hasMembers: false };
} // prettier-ignore

/** Removes the member that was scanned last, of which no text was taken. */
export function removeMember(scan: ObjectScan): void {
  scan.text = scan.text.slice(0, scan.memberAt) + scan.text.slice(scan.cursor);
  scan.cursor = scan.memberAt;
}

/** Drops the first `length` characters. */
export function takeScanned(scan: ObjectScan, length: number): string {
  const taken = scan.text.slice(0, length);
  scan.text = scan.text.slice(length);
  scan.cursor -= length;
  scan.memberAt -= length;
  scan.valueAt -= length;
  return taken;
}

/**
 * Scans to the next stop. What JSON does not allow is repaired where it has one meaning: control characters and other escapes within
 * strings, and see repairToken. Other invalid JSON between the brackets is not noticed.
 */
export function scanOn(scan: ObjectScan): ScanStop {
  while (scan.cursor < scan.text.length) {
    if (scan.isInString) {
      if (!closeString(scan)) return 'text-end';
      if (scan.depth === 1 && scan.position === 'key') return stopAt(scan, 'colon', 'key');
      if (scan.depth === 1 && scan.position === 'value') return stopAt(scan, 'comma', 'value');
      continue;
    }
    const char = scan.text.charCodeAt(scan.cursor);
    if (isSpace(char)) {
      scan.cursor++;
      continue;
    }
    if (scan.position === 'start' && char !== openBrace) return 'no-object';
    const token = repairToken(scan.text, scan.cursor, scan.position === 'key');
    if (token === undefined) return 'text-end';
    scan.text = token.text;
    const stop = step(scan, token.length);
    if (stop) return stop;
  }
  return 'text-end';
}

function stopAt(scan: ObjectScan, position: Position, stop: ScanStop): ScanStop {
  scan.position = position;
  return stop;
}

/** One token outside of strings: a character, or a word of `length` characters. */
function step(scan: ObjectScan, length: number): ScanStop | undefined {
  if (length === 0) return undefined;
  const at = scan.cursor;
  const isOwn = scan.depth === 1;
  const char = scan.text.charCodeAt(at);
  scan.cursor += length;
  if (isOwn && scan.position === 'value') beginValue(scan, at);
  switch (char) {
    case quote:
      scan.isInString = true;
      return undefined;
    case openBrace:
    case openBracket:
      scan.depth++;
      scan.position = 'nested';
      if (scan.depth === 1) beginMember(scan, scan.cursor);
      return undefined;
    case closeBrace:
    case closeBracket:
      return closeBracketOf(scan);
    case colon:
      if (isOwn) scan.position = 'value';
      return undefined;
    case comma:
      if (isOwn) passComma(scan, at);
      return undefined;
    default:
      return isOwn && scan.position === 'value' ? stopAt(scan, 'comma', 'value') : undefined;
  }
}

function closeBracketOf(scan: ObjectScan): ScanStop | undefined {
  scan.depth--;
  if (scan.depth === 1) return stopAt(scan, 'comma', 'value');
  scan.position = scan.depth === 0 ? 'done' : 'nested';
  return scan.depth === 0 ? 'done' : undefined;
}

/** A comma whose member was removed goes too if nothing is in front of it. */
function passComma(scan: ObjectScan, at: number): void {
  if (!scan.hasMembers) {
    scan.text = scan.text.slice(0, at) + scan.text.slice(at + 1);
    scan.cursor = at;
  }
  beginMember(scan, at);
}

function beginMember(scan: ObjectScan, at: number): void {
  scan.position = 'key';
  scan.memberAt = at;
  scan.valueType = '';
}

function beginValue(scan: ObjectScan, at: number): void {
  scan.valueAt = at;
  scan.valueType = typeAt(scan.text.charAt(at));
}

function typeAt(char: string): string {
  switch (char) {
    case '"':
      return 'string';
    case '{':
      return 'object';
    case '[':
      return 'array';
    case 't':
    case 'f':
      return 'boolean';
    default:
      return char === 'n' ? 'null' : 'number';
  }
}

// oxlint-disable-next-line no-control-regex
const special = /["\\\u0000-\u001f]/g;

function escape(char: string): string {
  return JSON.stringify(char).slice(1, -1);
}

/** Moves the cursor past the end of the string that it is in; false when the text ends before. */
function closeString(scan: ObjectScan): boolean {
  for (;;) {
    special.lastIndex = scan.cursor;
    const found = special.exec(scan.text);
    if (!found) {
      scan.cursor = scan.text.length;
      return false;
    }
    if (found[0] === '"') {
      scan.cursor = found.index + 1;
      scan.isInString = false;
      return true;
    }
    if (found[0] !== '\\') {
      const escaped = escape(found[0]);
      scan.text = scan.text.slice(0, found.index) + escaped + scan.text.slice(found.index + 1);
      scan.cursor = found.index + escaped.length;
      continue;
    }
    // An escape that has not arrived whole is scanned again later.
    scan.cursor = found.index;
    const escaped = readEscape(scan.text, found.index);
    if (escaped === undefined) return false;
    scan.text = escaped.text;
    scan.cursor = found.index + escaped.length;
  }
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
