import { parseJson } from '../canonical/json.ts';
import { writtenText, type WrittenText } from '../canonical/writtenText.ts';
import { fieldsOf, frameEnd, type DataFrame, type FrameShape } from '../sse/frame.ts';

/** What an event said, if that is one piece of text and nothing else. */
export type SaidText = {
  text: string;
  /** Whether the texts of events that came together may be read as one. Not those of calls: some providers repeat all of the input. */
  joins: boolean;
  /** Reads an event that differs from this one in its text alone. */
  again(text: string): void;
};

/** How many frames in a row may differ from the shape that was learnt before no more shapes are. */
const mostMisses = 16;

/**
 * Remembers the shape of the last event that said one piece of text. Most frames of a stream differ from the one before in the text
 * of their delta alone. Such a frame is recognised by comparing what surrounds the text, which costs a fraction of parsing it as JSON.
 */
export function createShapeMemory() {
  let learnt: { shape: FrameShape; writtenIn(data: string): string | undefined } | undefined;
  let misses = 0;

  return {
    /** Reads a frame that has the learnt shape. False for any other frame. */
    readAgain(frame: DataFrame): boolean {
      if (!learnt || frame.event !== learnt.shape.event) return false;
      const written = learnt.writtenIn(frame.data);
      const text = written === undefined ? undefined : stringValue(written);
      if (written === undefined || text === undefined) return false;
      misses = 0;
      frame.reading = learnt.shape;
      frame.said = writtenText(text, written);
      learnt.shape.again(text);
      return true;
    },
    learn(frame: DataFrame, said: SaidText): void {
      if (misses > mostMisses) return;
      misses++;
      const surroundings = surroundingsOf(frame.data, said.text);
      if (!surroundings) return;
      const { before, after } = surroundings;
      const ends = runEnds(frame.event, surroundings);
      /** Events that look like this shape were none: each is read for itself, since a run would search all that follow again after each. */
      let isDeceptive = false;
      const shape: FrameShape = {
        event: frame.event,
        head: ends.head,
        tail: ends.tail,
        read(text, start) {
          if (isDeceptive) return undefined;
          const { parts, written, end } = takeRun(text, start, ends);
          if (parts.length === 0) return undefined;
          const whole = said.joins ? joinedValue(written) : undefined;
          const texts = whole ? [whole.text] : stringValues(written);
          isDeceptive = texts === undefined;
          if (!texts) return undefined;
          misses = 0;
          const known = whole && writtenText(whole.text, whole.json);
          return { shape, raw: text.slice(start, end), parts, texts, said: known };
        },
        again: (text) => said.again(text),
      };
      learnt = { shape, writtenIn: (data) => writtenBetween(data, before, after) || undefined };
      frame.reading = shape;
    },
  };
}

/** Fields that differ from event to event and mean nothing to a reader: a counter, and padding against guesses by length. */
const counter = /"sequence_number":\d+/;
const padding = /"obfuscation":"[^"\\]*"/;

type Piece = 'number' | 'padding' | { literal: string };

/** What is around the text: `after` has the last piece first. */
type Surroundings = { before: Pieces; after: Pieces };

type Pieces = readonly [{ literal: string }, ...Piece[]];

/** Undefined if the place of the text can't be told. */
function surroundingsOf(data: string, text: string): Surroundings | undefined {
  const quoted = JSON.stringify(text);
  const at = data.indexOf(quoted);
  if (text === '' || at < 0 || data.includes(quoted, at + 1)) return undefined;
  const before = startingWithText(splitAt(data.slice(0, at + 1)));
  const after = startingWithText(splitAt(data.slice(at + quoted.length - 1))?.toReversed());
  return before && after && { before, after };
}

function startingWithText(pieces: readonly Piece[] | undefined): Pieces | undefined {
  const [first, ...others] = pieces ?? [];
  return typeof first === 'object' ? [first, ...others] : undefined;
}

/** What is written between these pieces in `data`; undefined for any other data. */
function writtenBetween(data: string, before: readonly Piece[], after: readonly Piece[]): string | undefined {
  const from = endOf(before, data);
  const to = from < 0 ? -1 : startOf(after, data);
  return to < from || to < 0 ? undefined : data.slice(from, to);
}

/** What the events of a run begin and end with, and what is between that and the text. */
type RunEnds = {
  head: string;
  tail: string;
  /** What an event begins with, and what is between two parts. */
  begin: string;
  glue: string;
  before: readonly Piece[];
  after: readonly Piece[];
};

function runEnds(event: string | undefined, surroundings: Surroundings): RunEnds {
  const [{ literal: head }, ...before] = surroundings.before;
  const [{ literal: tail }, ...after] = surroundings.after;
  const begin = fieldsOf(event) + head;
  return { head, tail, begin, glue: tail + frameEnd + begin, before, after };
}

/**
 * Takes the events with these ends that follow each other in `text` from `start` on. What ends an event and begins the next one is
 * compared at once, and by two slices, which is several times as fast as `startsWith`.
 * @returns what each has between head and tail, what of that is its text, as it is written, and where the last of them ends
 */
function takeRun(text: string, start: number, { begin, glue, tail, before, after }: RunEnds) {
  const parts: string[] = [];
  const written = before.length + after.length === 0 ? parts : [];
  let end = start;
  let at = start + begin.length;
  let isNext = text.slice(start, at) === begin;
  while (isNext) {
    const dataEnd = text.indexOf(frameEnd, at);
    const to = dataEnd - tail.length;
    if (to <= at) break;
    isNext = text.slice(to, to + glue.length) === glue;
    if (!isNext && text.slice(to, dataEnd) !== tail) break;
    const part = text.slice(at, to);
    if (written !== parts) {
      const own = writtenBetween(part, before, after);
      if (!own) break;
      written.push(own);
    }
    parts.push(part);
    end = dataEnd + frameEnd.length;
    at = to + glue.length;
  }
  return { parts, written, end };
}

/** The values of what is written between quotes; undefined if one of them is not one string. */
function stringValues(written: readonly string[]): readonly string[] | undefined {
  const values = written.map(stringValue).filter((value) => value !== undefined);
  return values.length === written.length ? values : undefined;
}

const backslash = 0x5c;
const longestEscape = String.raw`\u0000`.length;

/** Whether no escape is cut at the end of a text. False also if that can't be told by a look at its end. */
function endsWhole(written: string): boolean {
  for (let left = 1; left < longestEscape; left++) {
    if (written.charCodeAt(written.length - left) !== backslash) continue;
    return left > 1 && written[written.length - left + 1] !== 'u';
  }
  return true;
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

/** Where the pieces end that `data` begin with; -1 for other data. Slices are compared several times as fast as by `startsWith`. */
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

/** Where the pieces start that `data` end with; -1 for other data. `pieces`: the last one first. */
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

/** The value of what is written between quotes in all of these, and that together; undefined if they can't be read as one. */
function joinedValue(written: readonly string[]): WrittenText | undefined {
  // With its quotes, since to add them later would copy all of it again.
  const quoted = ['"', ...written, '"'].join('');
  const json = quoted.slice(1, -1);
  if (isSimple(json)) return { text: json, json };
  const text = written.every(endsWhole) ? parseJson(quoted) : undefined;
  return typeof text === 'string' ? { text, json } : undefined;
}

/** Undefined if what is written between two quotes is not one string. */
function stringValue(written: string): string | undefined {
  if (isSimple(written)) return written;
  const value = parseJson(`"${written}"`);
  return typeof value === 'string' ? value : undefined;
}
