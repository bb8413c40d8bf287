import { createParser } from 'eventsource-parser';
import { GatewayError } from './canonical/errors.ts';

/** One server-sent event. `comment` frames carry no data. */
export type SseFrame = { event?: string | undefined; data: string } | { comment: string };

/** A provider that sends more than this within one event, without ending it, is not speaking SSE. Characters. */
const maxEventLength = 64 * 1024 * 1024;

/**
 * Reads frames from the text of a provider's stream, in whatever pieces it arrives. A line that is JSON without a field name
 * is a frame of its own: some servers write errors so between events, some all of their events.
 */
export function readFrames(emit: (frame: SseFrame) => void): { push(text: string): void; end(): void } {
  const parser = createParser({
    onEvent: (event) => emit({ event: event.event, data: event.data }),
    onComment: (comment) => emit({ comment }),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw endlessEvent(error);
    },
    maxBufferSize: maxEventLength,
  });
  const lines = splitBareLines(
    (text) => parser.feed(text),
    (line) => emit({ data: line }),
  );
  return {
    push: lines.push,
    // Some providers close right after their last line, without the blank one that ends an event.
    end() {
      lines.end();
      parser.feed('\n\n');
    },
  };
}

const bareStart = /[\r\n]\{/g;
const lineEnd = /[\r\n]/g;

/** Separates lines that begin with `{`, which no field does, from all other text. */
function splitBareLines(pass: (text: string) => void, emitLine: (line: string) => void) {
  let isLineStart = true;
  /** The line that is being read, if it is a bare one. */
  let bare: string | undefined;

  /** Takes one piece of `text` and returns where the next one starts. */
  function take(text: string, start: number): number {
    if (bare === undefined && isLineStart && text.startsWith('{', start)) bare = '';
    if (bare === undefined) {
      bareStart.lastIndex = start;
      const end = bareStart.test(text) ? bareStart.lastIndex - 1 : text.length;
      pass(start === 0 && end === text.length ? text : text.slice(start, end));
      isLineStart = /[\r\n]/.test(text.charAt(end - 1));
      return end;
    }
    lineEnd.lastIndex = start;
    const isEnded = lineEnd.test(text);
    const end = isEnded ? lineEnd.lastIndex : text.length;
    bare += text.slice(start, isEnded ? end - 1 : end);
    if (bare.length > maxEventLength) throw endlessEvent(undefined);
    if (isEnded) finish();
    return end;
  }

  function finish(): void {
    const line = bare;
    bare = undefined;
    isLineStart = true;
    if (line !== undefined && line.trim() !== '') emitLine(line);
  }

  return {
    push(text: string): void {
      for (let start = 0; start < text.length;) start = take(text, start);
    },
    end: finish,
  };
}

function endlessEvent(cause: unknown): GatewayError {
  return new GatewayError('protocol', 'The provider sent a stream event that is too long (over 64 MB).', { cause });
}

/** One frame as it goes over the wire. Only a provider's own data holds line ends: each line is a field of its own. */
export function writeFrame(frame: SseFrame): string {
  if ('comment' in frame) return `: ${frame.comment}\n\n`;
  const data = frame.data.includes('\n') ? frame.data.replaceAll('\n', '\ndata: ') : frame.data;
  return frame.event === undefined ? `data: ${data}\n\n` : `event: ${frame.event}\ndata: ${data}\n\n`;
}
