import { parseJson } from '../canonical/json.ts';
import type { SseFrame } from './frame.ts';

/**
 * The end of data into which a gateway wrote a heartbeat, a comment with the blank line that ends it, since it passes on bytes
 * rather than events: the rest of the data follows (bifrost#5905, codex2api#696).
 */
export const heartbeatWithin = /^([[{][^]*?): ?(?:heart-?beat|keep-?alive|ping|processing)$/i;

/** So many heartbeats may be within one event: each is another search of all of its data. */
const mostCuts = 100;

/** Most data end so, which rules out a heartbeat without a search. */
export function closesJson(data: string): boolean {
  const last = data.charCodeAt(data.length - 1);
  return last === 0x7d || last === 0x5d;
}

/** One space after the colon is not part of a field's value. */
export function valueStart(text: string, start: number): number {
  return text.charCodeAt(start) === 0x20 ? start + 1 : start;
}

const fieldLine = /^(?:data|event|id|retry)?:/i;

/** Whether a line is no field: JSON, a tag, or words. What has a name before its colon is a field, if an unknown one. */
function isLoose(line: string): boolean {
  return /^\s*[{[<]/.test(line) || (/\S\s+\S/.test(line) && !/^\s*[\w-]+:/.test(line));
}

/** Reads events line by line, in any form that they may have. */
export function createLineReader(emit: (frame: SseFrame) => void) {
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
