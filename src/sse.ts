import { createParser } from 'eventsource-parser';
import { GatewayError } from './canonical/errors.ts';

/** One server-sent event. `comment` frames carry no data. */
export type SseFrame = { event?: string | undefined; data: string } | { comment: string };

/** The maximum length of one event. A provider that exceeds it is not sending SSE. Characters. */
const maxEventLength = 64 * 1024 * 1024;

/** Parses the text of a provider's stream, cut anywhere, into frames. @throws GatewayError if an event is too long. */
export function readFrames(emit: (frame: SseFrame) => void): { push(text: string): void; end(): void } {
  const parser = createParser({
    onEvent: (event) => emit({ event: event.event, data: event.data }),
    onComment: (comment) => emit({ comment }),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') {
        throw new GatewayError('protocol', 'The provider sent a stream event that is too long (over 64 MB).', {
          cause: error,
        });
      }
    },
    maxBufferSize: maxEventLength,
  });
  return {
    push: (text) => parser.feed(text),
    // Some providers close the stream without the blank line that ends the last event.
    end: () => parser.feed('\n\n'),
  };
}

/** Serializes one frame. Only relayed data can contain line ends: each line becomes a `data` field. */
export function writeFrame(frame: SseFrame): string {
  if ('comment' in frame) return `: ${frame.comment}\n\n`;
  const data = frame.data.includes('\n') ? frame.data.replaceAll('\n', '\ndata: ') : frame.data;
  return frame.event === undefined ? `data: ${data}\n\n` : `event: ${frame.event}\ndata: ${data}\n\n`;
}
