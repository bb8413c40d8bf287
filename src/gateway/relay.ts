import type { Reply, StreamEvent } from '../canonical/events.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';
import { readableFrames } from '../dialects/readFrame.ts';
import type { SseFrame } from '../sse.ts';
import type { ClientStream } from './clientStream.ts';

/** Passes a provider's own frames on to a client that speaks the same dialect. */
export type Relay = {
  push(frames: readonly SseFrame[]): void;
  /** Ends the relay early, after `reply`, so that the stream's writer can write the rest: an error. */
  breakOff(reply: Reply): void;
  /** Adds the event that ends the stream, for a provider that sent the finish reason and then closed the connection. */
  complete(reply: Reply): void;
};

/** During a relay the stream's writer writes nothing, but tracks the stream's state: it may have to send keep-alives. */
export function startRelay(stream: ClientStream, dialect: Dialect, context: ReplyContext): Relay {
  stream.replayIntoWriter([{ type: 'start' }]);
  return {
    push(frames) {
      for (const frame of frames) {
        // A provider's keep-alives are not relayed: the client gets ours, which also reset its idle timer.
        for (const readable of readableFrames(frame)) {
          const relayed = dialect.relayFrame(readable, context);
          if (relayed) stream.pushFrame(relayed);
        }
      }
    },
    breakOff({ blocks }) {
      stream.replayIntoWriter(blocks.flatMap(eventsOf));
    },
    complete({ finish, usage }) {
      const last = stream.replayIntoWriter([{ type: 'finish', reason: finish, raw: '', usage }]);
      if (last) stream.pushFrame(last);
    },
  };
}

function eventsOf(block: Reply['blocks'][number], index: number): StreamEvent[] {
  return [
    { type: 'block-start', index, block },
    { type: 'block-delta', index, text: block.text },
  ];
}
