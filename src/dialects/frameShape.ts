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

type Piece = 'text' | 'number' | 'padding' | { literal: string };

/** The shape of a frame whose JSON holds `text`; undefined if the place of the text can't be told. */
function shapeOf(data: string, text: string): FrameShape | undefined {
  const quoted = JSON.stringify(text);
  const at = data.indexOf(quoted);
  if (text === '' || at < 0 || data.includes(quoted, at + 1)) return undefined;
  const before = splitAt(data.slice(0, at + 1));
  const after = splitAt(data.slice(at + quoted.length - 1));
  if (!before || !after) return undefined;
  const pieces: Piece[] = [...before, 'text', ...after];
  const [first] = pieces;
  return { head: typeof first === 'object' ? first.literal : '', match: (frame) => matchPieces(pieces, frame) };
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

function matchPieces(pieces: readonly Piece[], data: string): string | undefined {
  let at = 0;
  let text: string | undefined;
  for (const piece of pieces) {
    if (typeof piece === 'object') {
      if (!data.startsWith(piece.literal, at)) return undefined;
      at += piece.literal.length;
    } else {
      const end = piece === 'number' ? numberEnd(data, at) : stringEnd(data, at);
      if (end < 0) return undefined;
      if (piece === 'text') text = stringValue(data.slice(at, end));
      else if (piece === 'padding' && !isSimple(data.slice(at, end))) return undefined;
      at = end;
    }
  }
  return at === data.length && text !== '' ? text : undefined;
}

function numberEnd(data: string, start: number): number {
  let end = start;
  for (let code = data.charCodeAt(end); code >= 0x30 && code <= 0x39; code = data.charCodeAt(++end));
  // JSON has no number with a zero before it.
  return end === start || (end > start + 1 && data.charCodeAt(start) === 0x30) ? -1 : end;
}

const backslash = 0x5c;

/** Where the quote is that ends the string whose characters start at `start`. */
function stringEnd(data: string, start: number): number {
  for (let end = data.indexOf('"', start); end >= 0; end = data.indexOf('"', end + 1)) {
    let slashes = 0;
    while (end - slashes > start && data.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** Whether a string is written in JSON as it is. */
function isSimple(written: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\\\u0000-\u001f]/.test(written);
}

function stringValue(written: string): string | undefined {
  if (isSimple(written)) return written;
  const value = parseJson(`"${written}"`);
  return typeof value === 'string' ? value : undefined;
}
