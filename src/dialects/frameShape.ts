import { parseJson } from '../canonical/json.ts';
import type { SseFrame } from '../sse.ts';

/**
 * Most frames of a stream differ from the one before in the text of their delta alone. Such a frame is recognised by comparing
 * what surrounds the text, which costs a fraction of parsing it as JSON.
 */
type FrameShape = {
  /** What comes before the text, or before the number that counts the events. */
  head: string;
  /** Returns the text of a frame with this shape, undefined for any other frame. */
  match(data: string): string | undefined;
};

/** How many frames in a row may differ from the shape that was learnt before no more shapes are. */
const mostMisses = 16;

/** Remembers the shape of the last event that said one piece of text. */
export function createShapeMemory() {
  let learnt: { shape: FrameShape; event: string | undefined; again(text: string): void } | undefined;
  let misses = 0;
  return {
    /** Reads a frame that has the learnt shape. False for any other frame. */
    readAgain(frame: DataFrame): boolean {
      if (!learnt || frame.event !== learnt.event) return false;
      const text = learnt.shape.match(frame.data);
      if (text === undefined) return false;
      misses = 0;
      frame.reading = learnt.shape;
      learnt.again(text);
      return true;
    },
    learn(frame: DataFrame, { text, again }: { text: string; again(text: string): void }): void {
      if (misses > mostMisses) return;
      misses++;
      const shape = shapeOf(frame.data, text);
      if (!shape) return;
      learnt = { shape, event: frame.event, again };
      frame.reading = shape;
    },
  };
}

type DataFrame = Extract<SseFrame, { data: string }>;

/** Fields that differ from event to event and mean nothing to a reader: a counter, and padding against guesses by length. */
const counter = /"sequence_number":\d+/;
const padding = /"obfuscation":"[^"\\]*"/;

type Piece = 'number' | 'padding' | { literal: string };

/** The shape of a frame whose JSON holds `text`; undefined if the place of the text can't be told. */
function shapeOf(data: string, text: string): FrameShape | undefined {
  const quoted = JSON.stringify(text);
  const at = data.indexOf(quoted);
  if (text === '' || at < 0 || data.includes(quoted, at + 1)) return undefined;
  const before = splitAt(data.slice(0, at + 1));
  const after = splitAt(data.slice(at + quoted.length - 1));
  if (!before || !after) return undefined;
  const [first] = before;
  const backwards = after.toReversed();
  return {
    head: typeof first === 'object' ? first.literal : '',
    match(frame) {
      const start = endOf(before, frame);
      const end = start < 0 ? -1 : startOf(backwards, frame);
      if (end <= start) return undefined;
      return stringValue(frame.slice(start, end));
    },
  };
}

/** Cuts the fields that differ out of a part of the frame. Undefined if one of them is there twice. */
function splitAt(part: string): Piece[] | undefined {
  let pieces: Piece[] = [{ literal: part }];
  for (const [field, name] of [
    [counter, 'number'],
    [padding, 'padding'],
  ] as const) {
    pieces = pieces.flatMap((piece): Piece[] => {
      if (typeof piece !== 'object') return [piece];
      const found = field.exec(piece.literal);
      if (!found) return [piece];
      const valueAt = found.index + found[0].indexOf(':') + (name === 'padding' ? 2 : 1);
      const valueEnd = found.index + found[0].length - (name === 'padding' ? 1 : 0);
      return [{ literal: piece.literal.slice(0, valueAt) }, name, { literal: piece.literal.slice(valueEnd) }];
    });
  }
  return pieces.some(
    (piece) => typeof piece === 'object' && (counter.test(piece.literal) || padding.test(piece.literal)),
  )
    ? undefined
    : pieces;
}

/** Where the pieces end that a frame begins with; -1 if it does not. Two slices are compared several times as fast as by `startsWith`. */
function endOf(pieces: readonly Piece[], data: string): number {
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece !== 'object') {
      const end = piece === 'number' ? numberEnd(data, at) : data.indexOf('"', at);
      if (end < 0 || !isValue(piece, data.slice(at, end))) return -1;
      at = end;
    } else {
      const end = at + piece.literal.length;
      if (data.slice(at, end) !== piece.literal) return -1;
      at = end;
    }
  }
  return at;
}

/** Where the pieces start that a frame ends with; -1 if it does not. `pieces`: the last one first. */
function startOf(pieces: readonly Piece[], data: string): number {
  let at = data.length;
  for (const piece of pieces) {
    if (typeof piece !== 'object') {
      const start = piece === 'number' ? numberStart(data, at) : data.lastIndexOf('"', at - 1) + 1;
      if (!isValue(piece, data.slice(start, at))) return -1;
      at = start;
    } else {
      const start = at - piece.literal.length;
      if (start < 0 || data.slice(start, at) !== piece.literal) return -1;
      at = start;
    }
  }
  return at;
}

function numberEnd(data: string, start: number): number {
  let end = start;
  while (isDigit(data.charCodeAt(end))) end++;
  return end;
}

function numberStart(data: string, end: number): number {
  let start = end;
  while (isDigit(data.charCodeAt(start - 1))) start--;
  return start;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** JSON has no number with a zero before it. */
function isValue(piece: 'number' | 'padding', written: string): boolean {
  return piece === 'number' ? written !== '' && (written === '0' || !written.startsWith('0')) : isSimple(written);
}

/** Whether a string is written in JSON as it is. */
function isSimple(written: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/["\\\u0000-\u001f]/.test(written);
}

/** Undefined if what is written between two quotes is not one string. */
function stringValue(written: string): string | undefined {
  if (isSimple(written)) return written;
  const value = parseJson(`"${written}"`);
  return typeof value === 'string' ? value : undefined;
}
