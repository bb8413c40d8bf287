import { GatewayError } from '../canonical/errors.ts';
import { isObject, parseJson } from '../canonical/json.ts';
import { parseLenient } from '../canonical/lenientJson.ts';
import { readErrorInside } from '../canonical/providerError.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { ReadFrame, SseFrame } from '../sse/frame.ts';
import type { ReadOptions } from './dialect.ts';
import { unwrap } from './envelope.ts';
import { quote } from './eventJson.ts';
import { createShapeMemory, type SaidText } from './frameShape.ts';

/** What a dialect does with the events of a provider's stream. */
export type EventHandlers = {
  /** @returns what the event said, if that is one piece of text and nothing else. */
  event(json: JsonObject, name: string | undefined): SaidText | undefined;
  /** `[DONE]`. */
  done(): void;
  /** Nothing is read after it. */
  fail(error: GatewayError): void;
  /** Whether the stream is over, so that the rest of a frame is skipped. */
  isOver(): boolean;
};

/** `[DONE]` as providers write it. */
const doneMark = /^["'<[]{0,2}(?:done|end)["'>\]]{0,2}$/i;
const longestDone = '"[DONE]"'.length;

/** Events by which some servers end a stream, in place of the mark. */
const doneEvent = /^(?:done|end|complete|finish|close)$/i;

/**
 * The error of a stream that `[DONE]` ended in the middle of an item or a block: in protocols that have an end of their own, the
 * mark says that the stream is over, not that the answer is (9router#1648).
 */
export function unfinished(): GatewayError {
  return new GatewayError('connection', 'The provider ended the stream before its answer was complete.');
}

/** Whether a frame's data end the stream. */
export function isDone(data: string): boolean {
  return doneMark.test(data.trim());
}

/**
 * Matches a frame that is not JSON and reports a failure. Any other frame that is not JSON is a heartbeat or was damaged in
 * transit.
 */
const failureWords =
  /\b(?:errors?|exceptions?|fail(?:ed|ure)?|denied|refused|unauthori[sz]ed|forbidden|exceeded|exhausted|unavailable|overloaded|out of memory|timed? ?out|traceback|invalid)\b/i;

/** A page of a proxy. */
const webPage = /^<(?:!doctype|html|head|body|\?xml)\b/i;

const heartbeat = /^[[(<]?\s*(?:ping|pong|heart-?beat|keep-?alive|processing|null|""|\{\})\s*[\])>]?$/i;

/**
 * Reads the frames of a provider's stream, in any dialect: one JSON object each, or several where the blank line between them
 * got lost (zai-org/GLM-5#66), heartbeats that are not JSON, and errors in any form. A frame that can't be read costs one
 * warning, not the answer.
 */
export function createFrameReader(
  { editJson, errors, warn }: ReadOptions,
  handlers: EventHandlers,
): (frame: ReadFrame) => void {
  const shapes = createShapeMemory();
  let hasWarned = false;

  function pushValue(given: unknown, name: string | undefined): SaidText | undefined {
    const value = isObject(given) ? unwrap(given) : given;
    const json = editJson && isObject(value) ? editJson(value) : value;
    const error = readErrorInside(json, name, errors);
    if (error) return void handlers.fail(error);
    if (isObject(json) && saysDone(json, name)) return endWith(json, name);
    if (isObject(json)) return handlers.event(json, name);
    if (Array.isArray(json)) for (const each of json) if (!handlers.isOver()) pushValue(each, name);
    // A number, a text or null alone is a heartbeat.
    return undefined;
  }

  /** The last frame may count the tokens. */
  function endWith(json: JsonObject, name: string | undefined): undefined {
    if (isObject(json['usage'])) handlers.event(json, name ?? 'done');
    if (!handlers.isOver()) handlers.done();
  }

  function pushUnreadable(text: string, name: string | undefined): void {
    const isError = name === 'error' || webPage.test(text) || failureWords.test(text);
    if (isError) {
      const error = readErrorInside(text, 'error', errors);
      handlers.fail(error ?? new GatewayError('protocol', `The provider sent an error: ${quote(text)}`));
      return;
    }
    if (hasWarned || heartbeat.test(text)) return;
    hasWarned = true;
    warn?.(`The provider sent something that can't be read, which was skipped: ${quote(text)}`);
  }

  return (frame) => {
    if ('comment' in frame || handlers.isOver()) return;
    if ('texts' in frame) {
      for (const text of frame.texts) frame.shape.again(text);
      return;
    }
    if (shapes.readAgain(frame)) return;
    const { data, event } = frame;
    const text = data.trim();
    if (text === '') return event === 'error' ? void pushValue('', event) : undefined;
    if (text.length <= longestDone && doneMark.test(text)) return handlers.done();
    const own = parseJson(text);
    const json = own ?? parseLenient(text);
    if (json !== undefined) {
      if (isObject(own)) frame.reading = 'json';
      const said = pushValue(json, event);
      // An edit may depend on the text.
      return said && !editJson ? shapes.learn(frame, said) : undefined;
    }
    for (const part of separate(text)) {
      if (handlers.isOver()) return;
      if (doneMark.test(part)) return handlers.done();
      const value = parseJson(part);
      if (value === undefined) pushUnreadable(part, event);
      else pushValue(value, event);
    }
  };
}

function saysDone({ done, choices, type }: JsonObject, name: string | undefined): boolean {
  if (choices !== undefined || type !== undefined) return false;
  return done === true || (name !== undefined && doneEvent.test(name));
}

/**
 * A provider's frame as clients can read it: heartbeats and what can't be read are left out, and events that share a frame get
 * one each.
 */
export function readableFrames(frame: SseFrame): SseFrame[] {
  if ('comment' in frame) return [];
  if (frame.reading !== undefined) return [frame];
  const text = frame.data.trim();
  if (doneMark.test(text)) return [{ event: frame.event, data: '[DONE]' }];
  return separate(text)
    .filter((part) => doneMark.test(part) || isObject(parseJson(part)))
    .map((data) => ({ event: frame.event, data }));
}

/** The parts of a frame that is not one JSON text: its lines, and objects that follow each other in one line. */
function separate(text: string): string[] {
  const lines = text.split(/[\r\n]+/).map((line) =>
    line
      .replace(/^\s*data:/i, '')
      .replace(writtenLineEnds, '')
      .trim(),
  );
  const parts = lines.filter((line) => line !== '').flatMap(separateObjects);
  // A JSON text that was broken over several lines is one frame, readable or not.
  return parts.some((part) => doneMark.test(part) || parseJson(part) !== undefined) ? parts : [text];
}

/** Line ends that a server wrote as text. */
const writtenLineEnds = /(?<!\\[nr])(?:\\[nr])+$/;

/** What stands between two objects of a line, perhaps with the name of a field that lost its line end. */
const seam = /\}\s*(?:data:\s*)?(?=\{|\[done\]$)/gi;

function separateObjects(line: string): string[] {
  if (line.search(seam) < 0 || parseJson(line) !== undefined) return [line];
  const parts: string[] = [];
  let start = 0;
  for (const { index, 0: between } of line.matchAll(seam)) {
    const part = line.slice(start, index + 1);
    if (parseJson(part) === undefined) continue;
    parts.push(part);
    start = index + between.length;
  }
  return [...parts, line.slice(start)];
}
