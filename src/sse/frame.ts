import type { WrittenText } from '../canonical/writtenText.ts';
import type { Pieces } from './pieces.ts';

/**
 * An event of a stream. `raw` is its text with the blank line that ends it, if it is one that a client can be given as it is. Of a
 * provider's frame, a reader notes in `reading` what it found, and the text that it read by its shape in `said`.
 */
export type DataFrame = {
  event?: string | undefined;
  data: string;
  raw?: string | Pieces | undefined;
  reading?: FrameReading | undefined;
  said?: WrittenText | undefined;
};

/** One server-sent event. `comment` frames carry no data. */
export type SseFrame = DataFrame | { comment: string };

/** `json`: the data is one JSON text. A shape: it is a JSON text that differs from others by a piece of text alone. */
export type FrameReading = 'json' | FrameShape;

/** What events have in common that differ in a piece of text alone, as most events of a stream do. */
export type FrameShape = {
  event: string | undefined;
  /** What the data begin with, before the text and before a number that counts the events. */
  head: string;
  /** What the data end with, after the text and after what counts the events or hides their length. */
  tail: string;
  /** Takes the events of this shape that `text` has from `start` on; undefined if there is none. */
  read(text: string, start: number): FrameRun | undefined;
  /** Reads an event with this text. */
  again(text: string): void;
};

/**
 * Events that came together, each of one shape. `parts`: what each has between the head and the tail of the shape. `texts` are their
 * pieces of text, or all of it, `said`, if the pieces may be joined.
 */
export type FrameRun = {
  shape: FrameShape;
  raw: string;
  parts: readonly string[];
  texts: readonly string[];
  said: WrittenText | undefined;
};

/** What ends an event: a blank line. */
export const frameEnd = '\n\n';

/** What a provider's stream is read as. */
export type ReadFrame = SseFrame | FrameRun;

/** The events of a run, each for itself. */
export function splitRun({ shape, raw }: FrameRun): DataFrame[] {
  const { event } = shape;
  const start = fieldsOf(event).length;
  return raw
    .slice(0, -frameEnd.length)
    .split(frameEnd)
    .map((text) => ({ event, data: text.slice(start), raw: text + frameEnd, reading: shape }));
}

/** What comes before an event's data. */
export function fieldsOf(event: string | undefined): string {
  return event === undefined ? 'data: ' : `event: ${event}\ndata: `;
}

/** An event whose data, one line in pieces, are not copied before they become bytes. `raw`: the data, if some are bytes already. */
export function frameOf(event: string | undefined, pieces: readonly string[], raw: Pieces = pieces): DataFrame {
  const data = pieces.reduce((before, piece) => before + piece);
  if (raw.length === 1) return { event, data, raw: fieldsOf(event) + data + frameEnd };
  return { event, data, raw: [fieldsOf(event), ...raw, frameEnd] };
}

/** One frame as it goes over the wire. Only a provider's own data holds line ends: each line is a field of its own. */
export function writeFrame(frame: SseFrame): string | Pieces {
  if ('comment' in frame) return `: ${frame.comment}\n\n`;
  if (frame.raw !== undefined) return frame.raw;
  const data = frame.data.includes('\n') ? frame.data.replaceAll('\n', '\ndata: ') : frame.data;
  return [fieldsOf(frame.event), data, frameEnd];
}
