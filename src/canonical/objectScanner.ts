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
  /** Where the last string at the object's own level begins, while that is still in `text`. */
  stringAt: number;
};

/**
 * Why a scan stopped: at the end of the text so far, after a key or a string value of the object itself, after the object, or
 * at anything that is not an object.
 */
export type ScanStop = 'text-end' | 'key' | 'string-value' | 'done' | 'no-object';

export function startScan(): ObjectScan {
  return { text: '', cursor: 0, position: 'start', depth: 0, isInString: false, stringAt: 0 };
}

/** Drops the first `length` characters. */
export function takeScanned(scan: ObjectScan, length: number): string {
  const taken = scan.text.slice(0, length);
  scan.text = scan.text.slice(length);
  scan.cursor -= length;
  scan.stringAt -= length;
  return taken;
}

/**
 * Scans to the next stop. Control characters within strings, which JSON does not allow, are escaped. Only the structure is read:
 * invalid JSON between the brackets is not noticed.
 */
export function scanOn(scan: ObjectScan): ScanStop {
  while (scan.cursor < scan.text.length) {
    if (scan.isInString) {
      if (!closeString(scan)) return 'text-end';
      if (scan.depth === 1 && scan.position === 'key') return stopAt(scan, 'colon', 'key');
      if (scan.depth === 1 && scan.position === 'value') return stopAt(scan, 'comma', 'string-value');
      continue;
    }
    const char = scan.text.charCodeAt(scan.cursor);
    if (scan.position === 'start' && !isSpace(char) && char !== openBrace) return 'no-object';
    scan.cursor++;
    if (!isSpace(char)) step(scan, char);
    if (scan.position === 'done') return 'done';
  }
  return 'text-end';
}

function stopAt(scan: ObjectScan, position: Position, stop: ScanStop): ScanStop {
  scan.position = position;
  return stop;
}

/** One character outside of strings, which `cursor` has passed. */
function step(scan: ObjectScan, char: number): void {
  switch (char) {
    case quote:
      scan.isInString = true;
      if (scan.depth === 1) scan.stringAt = scan.cursor - 1;
      return;
    case openBrace:
    case openBracket:
      scan.depth++;
      scan.position = scan.depth === 1 ? 'key' : 'nested';
      return;
    case closeBrace:
    case closeBracket:
      scan.depth--;
      scan.position = scan.depth === 0 ? 'done' : scan.depth === 1 ? 'comma' : 'nested';
      return;
    case colon:
      if (scan.depth === 1) scan.position = 'value';
      return;
    case comma:
      if (scan.depth === 1) scan.position = 'key';
      return;
    default:
  }
}

// oxlint-disable-next-line no-control-regex
const special = /["\\\u0000-\u001f]/g;

/** The same text with the control characters within its strings escaped. */
export function withoutControls(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\[^])*(?:"|\\?$)/g, (string) => {
    let escaped = '';
    for (const char of string) escaped += char < ' ' ? escape(char) : char;
    return escaped;
  });
}

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
    // An escape whose second character has not arrived is scanned again later.
    scan.cursor = found.index;
    if (found.index + 1 >= scan.text.length) return false;
    scan.cursor = found.index + 2;
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
