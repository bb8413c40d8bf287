import { GatewayError } from '../canonical/errors.ts';
import { frameEnd, type DataFrame, type FrameShape, type ReadFrame } from './frame.ts';
import { closesJson, createLineReader, heartbeatWithin, valueStart } from './lines.ts';

/** A provider that sends more than this within one event, without ending it, is not speaking SSE. Characters. */
const maxEventLength = 64 * 1024 * 1024;

/** A piece of which a copy costs more than a second turn. Characters. */
const longPiece = 8 * 1024;

/**
 * Reads frames from the text of a provider's stream, in whatever pieces it arrives. A line that is JSON without a field name
 * is a frame of its own: some servers write errors so between events, some all of their events. So are lines that are no fields
 * at all: a proxy's page, words, JSON over several lines (toolhive#6085).
 *
 * Written by hand, since this runs for every event of every stream: an event in its usual form, one line of data with or without
 * the line of its name, is found by two searches and copied once. Those that follow an event of their shape are taken together, as
 * far as they came together. All other forms are read line by line.
 */
export function readFrames(emit: (frame: ReadFrame) => void): { push(text: string): void; end(): void } {
  const lines = createLineReader(emit);
  const readPlainEvents = createPlainReader(emit);
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

  function readPiece(text: string): void {
    const hasReturn = text.includes('\r');
    if (rest.length > 0 && !hasReturn && !text.includes('\n')) return keep(text);
    const whole = take(text);
    const isPlain = !hasReturn && !lines.isWithinEvent();
    let start = isPlain ? readPlainEvents(whole) : 0;
    // What is left is the beginning of a plain event, or lines in another form.
    if (!isPlain || !mayBePlain(whole, start)) start = lines.read(whole, start);
    keep(whole.slice(start));
  }

  return {
    push(text) {
      // The event that has begun ends here. With all that follows it would become one text, which is a copy of a long piece.
      const end = rest.length > 0 && text.length > longPiece ? text.indexOf(frameEnd) : -1;
      if (end < 0) return readPiece(text);
      readPiece(text.slice(0, end + frameEnd.length));
      readPiece(text.slice(end + frameEnd.length));
    },
    // Some providers close right after their last line, without the blank one that ends an event.
    end: () => void lines.read(take(frameEnd), 0),
  };
}

const [dataField, eventField] = ['data:', 'event:'];

/**
 * Returns a function that emits the events at the start of a text that have the usual form, and returns where the first thing starts
 * that is not one of them.
 */
function createPlainReader(emit: (frame: ReadFrame) => void): (text: string) => number {
  /** What the reader of the frames has learnt of the last one whose shape may come again. */
  let shape: FrameShape | undefined;

  return (text) => {
    let start = 0;
    for (;;) {
      const run = shape?.read(text, start);
      if (run) {
        emit(run);
        start += run.raw.length;
      }
      const end = text.indexOf(frameEnd, start);
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
      const frame: DataFrame = isUsual
        ? { event, data, raw: text.slice(start, end + frameEnd.length) }
        : { event, data };
      emit(frame);
      if (isUsual && typeof frame.reading === 'object') shape = frame.reading;
      start = end + frameEnd.length;
    }
  };
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

function endlessEvent(): GatewayError {
  return new GatewayError('protocol', 'The provider sent a stream event that is too long (over 64 MB).');
}
