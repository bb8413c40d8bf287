import { GatewayError } from './canonical/errors.ts';
import { parseJson } from './canonical/json.ts';

/**
 * One server-sent event. `comment` frames carry no data. `raw` is its text with the blank line that ends it, if it is one that
 * a client can be given as it is. Of a provider's frame, a reader notes in `reading` what it found.
 */
export type SseFrame =
  | { event?: string | undefined; data: string; raw?: string | undefined; reading?: FrameReading | undefined }
  | { comment: string };

/** `json`: the data is one JSON text. A shape: it is a JSON text that differs from an earlier one by a piece of text alone. */
export type FrameReading = 'json' | { head: string };

/** A provider that sends more than this within one event, without ending it, is not speaking SSE. Characters. */
const maxEventLength = 64 * 1024 * 1024;

/**
 * Reads frames from the text of a provider's stream, in whatever pieces it arrives. A line that is JSON without a field name
 * is a frame of its own: some servers write errors so between events, some all of their events. So are lines that are no fields
 * at all: a proxy's page, words, JSON over several lines (toolhive#6085).
 *
 * Written by hand, since this runs for every event of every stream: an event in its usual form, one line of data with or without
 * the line of its name, is found by two searches and copied once. All other forms are read line by line.
 */
export function readFrames(emit: (frame: SseFrame) => void): { push(text: string): void; end(): void } {
  const lines = createLineReader(emit);
  /** What has arrived of an event, or of a line, that has not ended. In pieces, since joining them for each would be quadratic. */
  let rest: string[] = [];
  let restLength = 0;

  function keep(text: string): void {
    if (text === '') return;
    rest.push(text);
    restLength += text.length;
    if (restLength + lines.size() > maxEventLength) throw endlessEvent();
  }

  function take(text: string): string {
    const taken = rest.length === 0 ? text : rest.join('') + text;
    rest = [];
    restLength = 0;
    return taken;
  }

  return {
    push(text) {
      const hasReturn = text.includes('\r');
      if (rest.length > 0 && !hasReturn && !text.includes('\n')) return keep(text);
      const whole = take(text);
      const isPlain = !hasReturn && !lines.isWithinEvent();
      let start = isPlain ? readPlainEvents(whole, emit) : 0;
      // What is left is the beginning of a plain event, or lines in another form.
      if (!isPlain || !mayBePlain(whole, start)) start = lines.read(whole, start);
      keep(whole.slice(start));
    },
    // Some providers close right after their last line, without the blank one that ends an event.
    end: () => void lines.read(take('\n\n'), 0),
  };
}

const [dataField, eventField] = ['data:', 'event:'];

/**
 * Emits the events at the start of `text` that have the usual form.
 * @returns where the first thing that is not one of them starts
 */
function readPlainEvents(text: string, emit: (frame: SseFrame) => void): number {
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n\n', start);
    if (end < 0) return start;
    let dataStart = start;
    let event: string | undefined;
    if (text.startsWith(eventField, start)) {
      dataStart = text.indexOf('\n', start) + 1;
      event = text.slice(valueStart(text, start + eventField.length), dataStart - 1) || undefined;
    }
    if (!text.startsWith(dataField, dataStart)) return start;
    const value = valueStart(text, dataStart + dataField.length);
    const data = text.slice(value, end);
    if (data.includes('\n') || (!closesJson(data) && heartbeatWithin.test(data))) return start;
    // Every client reads a field with a space after its colon.
    const isUsual = value > dataStart + dataField.length && (event === undefined || text.startsWith(': ', start + 5));
    emit(isUsual ? { event, data, raw: text.slice(start, end + 2) } : { event, data });
    start = end + 2;
  }
}

/**
 * The end of data into which a gateway wrote a heartbeat, a comment with the blank line that ends it, since it passes on bytes
 * rather than events: the rest of the data follows (bifrost#5905, codex2api#696).
 */
const heartbeatWithin = /^([[{][^]*?): ?(?:heart-?beat|keep-?alive|ping|processing)$/i;

/** So many heartbeats may be within one event: each is another search of all of its data. */
const mostCuts = 100;

/** Most data end so, which rules out a heartbeat without a search. */
function closesJson(data: string): boolean {
  const last = data.charCodeAt(data.length - 1);
  return last === 0x7d || last === 0x5d;
}

/** One space after the colon is not part of a field's value. */
function valueStart(text: string, start: number): number {
  return text.charCodeAt(start) === 0x20 ? start + 1 : start;
}

/**
 * Whether what starts at `start` may become an event in the usual form: then it waits for its end. As soon as a line follows that
 * such an event does not have, it is read line by line, since what waits is searched again with each piece that arrives.
 */
function mayBePlain(text: string, start: number): boolean {
  const end = text.indexOf('\n', start);
  if (end < 0) return startsLike(text, start, dataField) || startsLike(text, start, eventField);
  if (text.startsWith(dataField, start)) return end + 1 === text.length;
  if (!text.startsWith(eventField, start)) return false;
  const dataEnd = text.indexOf('\n', end + 1);
  return startsLike(text, end + 1, dataField) && (dataEnd < 0 || dataEnd + 1 === text.length);
}

function startsLike(text: string, start: number, field: string): boolean {
  const length = Math.min(field.length, text.length - start);
  return text.startsWith(field.slice(0, length), start);
}

const fieldLine = /^(?:data|event|id|retry)?:/i;

/** Whether a line is no field: JSON, a tag, or words. What has a name before its colon is a field, if an unknown one. */
function isLoose(line: string): boolean {
  return /^\s*[{[<]/.test(line) || (/\S\s+\S/.test(line) && !/^\s*[\w-]+:/.test(line));
}

/** Reads events line by line, in any form that they may have. */
function createLineReader(emit: (frame: SseFrame) => void) {
  let event: string | undefined;
  let data: string[] = [];
  /** Data that a heartbeat cut: what follows in the next line continues it. */
  let cut: string | undefined;
  let cuts = 0;
  /** Lines outside of an event that are no fields. */
  let loose: string[] = [];
  let size = 0;
  /** The last line ended with a carriage return, at the end of what had come: a line feed may belong to it. */
  let isAfterReturn = false;

  function endEvent(): void {
    const last = data.at(-1) ?? '';
    const whole = closesJson(last) || cuts === mostCuts ? undefined : heartbeatWithin.exec(last)?.[1];
    if (whole !== undefined) {
      cut = whole;
      cuts++;
      return;
    }
    const said = data.length > 0 ? data : loose;
    if (said.length > 0) emit({ event, data: said.join('\n') });
    event = undefined;
    data = [];
    loose = [];
    size = 0;
    cuts = 0;
  }

  function readLine(line: string): void {
    if (cut !== undefined) {
      data[data.length - 1] = cut + line;
      cut = undefined;
      return;
    }
    if (line === '') return endEvent();
    if (data.length > 0 && !fieldLine.test(line) && isOpenJson(data, size)) return keepData(line);
    if (loose.length > 0 && !fieldLine.test(line)) return keepLoose(line);
    if (loose.length > 0) endEvent();
    if (line.startsWith('{') && line.trimEnd().endsWith('}')) return emit({ data: line });
    const colon = line.indexOf(':');
    if (colon === 0) return emit({ comment: line.slice(valueStart(line, 1)) });
    if (isLoose(line)) return data.length > 0 ? undefined : keepLoose(line);
    const field = (colon < 0 ? line : line.slice(0, colon)).trim().toLowerCase();
    const value = colon < 0 ? '' : line.slice(valueStart(line, colon + 1));
    if (field === 'event') event = value || undefined;
    if (field === 'error') event = 'error';
    if (field === 'data' || field === 'error') keepData(value);
  }

  function keepData(value: string): void {
    data.push(value);
    size += value.length;
  }

  function keepLoose(line: string): void {
    loose.push(line);
    size += line.length;
  }

  return {
    isWithinEvent: () => data.length > 0 || loose.length > 0 || event !== undefined || isAfterReturn,
    size: () => size,
    /** Reads whole lines from `start` on. Returns where the unfinished one starts. */
    read(text: string, start: number): number {
      const skipsFeed = isAfterReturn && text.charCodeAt(start) === lineFeed;
      const from = eachLine(text, skipsFeed ? start + 1 : start, readLine);
      isAfterReturn = from === text.length && from > start && text.charCodeAt(from - 1) === carriageReturn;
      return from;
    },
  };
}

/** JSON that continues in lines of its own is tried at each line that may end it, up to here; what is longer ends at an empty line. */
const mostTried = { lines: 500, characters: 1024 * 1024 };

/** Whether data are JSON that continues in lines without the name of the field. */
function isOpenJson(data: readonly string[], size: number): boolean {
  if (!/^\s*[{[]/.test(data[0] ?? '')) return false;
  if (!closesJson((data.at(-1) ?? '').trimEnd())) return true;
  return data.length > mostTried.lines || size > mostTried.characters || parseJson(data.join('\n')) === undefined;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Calls `readLine` with each whole line from `start` on, searching for each kind of line end once. Returns where the unfinished line starts. */
function eachLine(text: string, start: number, readLine: (line: string) => void): number {
  let from = start;
  let feed = text.indexOf('\n', from);
  let carriage = text.indexOf('\r', from);
  for (;;) {
    const end = feed < 0 || (carriage >= 0 && carriage < feed) ? carriage : feed;
    if (end < 0) return from;
    readLine(text.slice(from, end));
    from = end + 1;
    if (end === carriage) {
      if (text.charCodeAt(from) === lineFeed) from++;
      carriage = text.indexOf('\r', from);
    }
    if (feed >= 0 && feed < from) feed = text.indexOf('\n', from);
  }
}

function endlessEvent(): GatewayError {
  return new GatewayError('protocol', 'The provider sent a stream event that is too long (over 64 MB).');
}

/** One frame as it goes over the wire. Only a provider's own data holds line ends: each line is a field of its own. */
export function writeFrame(frame: SseFrame): string {
  if ('comment' in frame) return `: ${frame.comment}\n\n`;
  if (frame.raw !== undefined) return frame.raw;
  const data = frame.data.includes('\n') ? frame.data.replaceAll('\n', '\ndata: ') : frame.data;
  return frame.event === undefined ? `data: ${data}\n\n` : `event: ${frame.event}\ndata: ${data}\n\n`;
}
