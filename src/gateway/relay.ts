import type { Reply, StreamEvent } from '../canonical/events.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';
import { readableFrames } from '../dialects/readFrame.ts';
import {
  fieldsOf,
  frameEnd,
  splitRun,
  type DataFrame,
  type FrameRun,
  type FrameShape,
  type ReadFrame,
  type SseFrame,
} from '../sse/frame.ts';
import type { Pieces } from '../sse/pieces.ts';
import type { ClientStream } from './clientStream.ts';

/** Characters. */
const longEvent = 1024;

/** Passes a provider's own frames on to a client that speaks the same dialect. */
export type Relay = {
  push(frames: readonly ReadFrame[]): void;
  /** Ends the relay early, after `reply`, so that the stream's writer can write the rest: an error. */
  breakOff(reply: Reply): void;
  /** Adds the event that ends the stream, for a provider that sent the finish reason and then closed the connection. */
  complete(reply: Reply): void;
};

export function startRelay(stream: ClientStream, dialect: Dialect, context: ReplyContext): Relay {
  stream.beginRelay();
  const pushRelayed = (relayed: SseFrame | undefined): void => {
    if (relayed) stream.pushFrame(relayed);
  };
  const relay = createFrameRelay(dialect, context);
  return {
    push(frames) {
      for (const frame of frames) {
        // A provider's keep-alives are not relayed: the client gets ours, which also reset its idle timer.
        if ('comment' in frame) continue;
        if ('texts' in frame) {
          const text = relay.textOf(frame);
          if (text !== undefined) stream.pushRun(frame, text);
          else for (const each of splitRun(frame)) pushRelayed(relay.frame(each));
        } else if (frame.reading !== undefined) pushRelayed(relay.frame(frame));
        else for (const readable of readableFrames(frame)) pushRelayed(dialect.relayFrame(readable, context));
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

/**
 * What the dialect makes of frames. Those that differ in a piece of text alone are changed in the same way: what comes before the
 * text is exchanged, without a look at the rest.
 */
function createFrameRelay(dialect: Dialect, context: ReplyContext) {
  /** The beginning that frames of a shape get; undefined if such frames stay as they are. */
  let known: { shape: FrameShape; head: string | undefined } | undefined;

  function learn(frame: DataFrame, relayed: SseFrame | undefined): void {
    const { reading, data } = frame;
    if (typeof reading !== 'object' || !relayed || 'comment' in relayed || relayed.event !== frame.event) return;
    const rest = data.slice(reading.head.length);
    if (relayed.data === data) known = { shape: reading, head: undefined };
    else if (relayed.data.endsWith(rest))
      known = { shape: reading, head: relayed.data.slice(0, relayed.data.length - rest.length) };
  }

  return {
    frame(frame: DataFrame): SseFrame | undefined {
      const { reading, event, data } = frame;
      if (typeof reading === 'object' && known?.shape === reading)
        return known.head === undefined ? frame : { event, data: known.head + data.slice(reading.head.length) };
      const relayed = dialect.relayFrame(frame, context);
      learn(frame, relayed);
      return relayed;
    },
    /** What the client gets of a run; undefined if it is not known yet what becomes of its events. */
    textOf({ shape, raw, parts }: FrameRun): string | Pieces | undefined {
      if (known?.shape !== shape) return undefined;
      if (known.head === undefined) return raw;
      const begin = fieldsOf(shape.event) + known.head;
      const end = shape.tail + frameEnd;
      // Joined, they are copied once, which costs less than to write short ones one by one, and more for long ones.
      const isShort = raw.length < longEvent * parts.length;
      return isShort ? begin + parts.join(end + begin) + end : parts.flatMap((part) => [begin, part, end]);
    },
  };
}

function eventsOf(block: Reply['blocks'][number], index: number): StreamEvent[] {
  return [
    { type: 'block-start', index, block },
    { type: 'block-delta', index, text: block.text },
  ];
}
