import { createParser } from 'eventsource-parser';
import { GatewayError } from './canonical/errors.ts';

/** One server-sent event. `comment` frames carry no data. */
export type SseFrame = { event?: string | undefined; data: string } | { comment: string };

/** A provider that sends more than this within one event, without ending it, is not speaking SSE. Characters. */
const maxEventLength = 64 * 1024 * 1024;

/** Text of a provider's stream, in whatever pieces it arrives, to frames. */
export function readFrames(emit: (frame: SseFrame) => void): { push(text: string): void; end(): void } {
  const parser = createParser({
    onEvent: (event) => emit({ event: event.event, data: event.data }),
    onComment: (comment) => emit({ comment }),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') {
        throw new GatewayError('protocol', 'The provider sent an event that never ends.', { cause: error });
      }
    },
    maxBufferSize: maxEventLength,
  });
  return {
    push: (text) => parser.feed(text),
    // Some providers close right after their last line, without the blank one that ends an event.
    end: () => parser.feed('\n\n'),
  };
}

/** One frame as it goes over the wire. Only a provider's own data holds line ends: each line is a field of its own. */
export function writeFrame(frame: SseFrame): string {
  if ('comment' in frame) return `: ${frame.comment}\n\n`;
  const data = frame.data.includes('\n') ? frame.data.replaceAll('\n', '\ndata: ') : frame.data;
  return frame.event === undefined ? `data: ${data}\n\n` : `event: ${frame.event}\ndata: ${data}\n\n`;
}
