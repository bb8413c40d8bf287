import { createRequest } from '../../src/canonical/editRequest.ts';
import type { StreamEvent } from '../../src/canonical/events.ts';
import type { ChatRequest, JsonObject } from '../../src/canonical/request.ts';
import type { Dialect, ReplyContext, StreamWriter } from '../../src/dialects/dialect.ts';
import type { SseFrame } from '../../src/sse/frame.ts';
import { testSealer } from './testSealer.ts';

export const emptyRequest: ChatRequest = createRequest({
  messages: [],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: true,
  sampling: {},
});

/** Ids with a counter per prefix: `msg_1`, `rs_1`, `msg_2`. */
export function makeContext(overrides: Partial<ReplyContext> = {}): ReplyContext & { stream: boolean } {
  const counts = new Map<string, number>();
  return {
    model: 'some-model',
    request: emptyRequest,
    client: 'other',
    createdAt: 1_700_000_000,
    sealer: testSealer,
    newId(prefix) {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${count}`;
    },
    stream: true,
    ...overrides,
  };
}

export type WireEvent = JsonObject & { type: string };

/** The data of frames. Checks that each `event:` line matches the type in the data. */
export function readEvents(frames: SseFrame[]): WireEvent[] {
  return frames.map((frame) => {
    if ('comment' in frame) throw new Error('A comment where an event was expected');
    const event = JSON.parse(frame.data) as WireEvent;
    if (frame.event !== event.type) throw new Error(`event: ${frame.event} with type ${event.type}`);
    return event;
  });
}

/** The two ways in which tests drive a dialect's writer. */
export function writersOf({ streamWriter }: Dialect) {
  /** All that the writer emits while `drive` uses it. */
  function write(drive: (writer: StreamWriter) => void, context: ReplyContext = makeContext()): SseFrame[] {
    const frames: SseFrame[] = [];
    drive(streamWriter(context)((frame) => frames.push(frame)));
    return frames;
  }

  function writeEvents(events: StreamEvent[], context?: ReplyContext): SseFrame[] {
    return write((writer) => {
      for (const event of events) writer.push(event);
      writer.end();
    }, context);
  }

  return { write, writeEvents };
}
