import type { Reply, StreamEvent } from '../canonical/events.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';
import type { SseFrame } from '../sse.ts';
import type { ClientStream } from './clientStream.ts';

/** A provider's own frames on their way to a client that speaks the same dialect. */
export type Relay = {
  push(frames: readonly SseFrame[]): void;
  /** The relay ends before its time, after `reply`: what follows is for the stream's writer to say. */
  breakOff(reply: Reply): void;
  /** The provider has said how its answer ended, and broke off before the event that ends the stream. */
  complete(reply: Reply): void;
};

/** The writer of the client's stream is silent meanwhile, but knows where the stream stands: it may have to keep it alive. */
export function startRelay(stream: ClientStream, dialect: Dialect, context: ReplyContext): Relay {
  stream.retell([{ type: 'start' }]);
  return {
    push(frames) {
      for (const frame of frames) {
        // A provider's sign of life is for us; the client gets ours, which resets its idle timer too.
        const says = !('comment' in frame) && frame.data.trim() !== '';
        const relayed = says ? dialect.relayFrame(frame, context) : undefined;
        if (relayed) stream.pushFrame(relayed);
      }
    },
    breakOff({ blocks }) {
      stream.retell(blocks.flatMap(eventsOf));
    },
    complete({ finish, usage }) {
      const last = stream.retell([{ type: 'finish', reason: finish, raw: '', usage }]);
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
