import type { StreamEvent } from '../../../../src/canonical/events.ts';
import type { ChatRequest, JsonObject } from '../../../../src/canonical/request.ts';
import type { ReplyContext, StreamWriter } from '../../../../src/dialects/dialect.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import type { SseFrame } from '../../../../src/sse.ts';

export const emptyRequest: ChatRequest = {
  messages: [],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: true,
  sampling: {},
};

/** Ids count up by prefix: `rs_1`, `msg_1`, `rs_2`. */
export function makeContext(overrides: Partial<ReplyContext> = {}): ReplyContext & { stream: boolean } {
  const counts = new Map<string, number>();
  return {
    model: 'some-model',
    request: emptyRequest,
    client: 'other',
    createdAt: 1_700_000_000,
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

/** The data of frames, after checking that each `event:` line says the same as the data. */
export function readEvents(frames: SseFrame[]): WireEvent[] {
  return frames.map((frame) => {
    if ('comment' in frame) throw new Error('A comment where an event was expected');
    const event = JSON.parse(frame.data) as WireEvent;
    if (frame.event !== event.type) throw new Error(`event: ${frame.event} with type ${event.type}`);
    return event;
  });
}

/** Everything that the writer emits while `drive` uses it. */
export function write(drive: (writer: StreamWriter) => void, context: ReplyContext = makeContext()): SseFrame[] {
  const frames: SseFrame[] = [];
  drive(openaiResponses.streamWriter(context)((frame) => frames.push(frame)));
  return frames;
}

export function writeEvents(events: StreamEvent[], context?: ReplyContext): SseFrame[] {
  return write((writer) => {
    for (const event of events) writer.push(event);
    writer.end();
  }, context);
}

/** Reasoning, text, a function call, a custom call and, interleaved with it, a namespaced call. */
export const exampleTurn: StreamEvent[] = [
  { type: 'start' },
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  { type: 'block-delta', index: 0, text: 'raw reas' },
  { type: 'block-delta', index: 0, text: 'oning te' },
  { type: 'block-delta', index: 0, text: 'xt one' },
  { type: 'block-end', index: 0, proof: { type: 'encrypted', data: 'ENC1' } },
  { type: 'block-start', index: 1, block: { type: 'text' } },
  { type: 'block-delta', index: 1, text: 'I will r' },
  { type: 'block-delta', index: 1, text: 'un a com' },
  { type: 'block-delta', index: 1, text: 'mand.' },
  { type: 'block-end', index: 1 },
  { type: 'block-start', index: 2, block: { type: 'tool-call', kind: 'function', id: 'call_1', name: 'exec_command' } },
  { type: 'block-delta', index: 2, text: '{"cmd":"' },
  {
    type: 'block-start',
    index: 3,
    block: { type: 'tool-call', kind: 'custom', id: 'call_2', name: 'apply_patch' },
  },
  { type: 'block-delta', index: 3, text: '*** Begin' },
  { type: 'block-delta', index: 2, text: 'echo FULL-OK"}' },
  {
    type: 'block-start',
    index: 4,
    block: { type: 'tool-call', kind: 'function', id: 'call_3', name: 'spawn_agent', namespace: 'multi_agent_v1' },
  },
  { type: 'block-delta', index: 4, text: '{"task":' },
  { type: 'block-delta', index: 3, text: ' Patch\n*** End Patch\n' },
  { type: 'block-end', index: 3 },
  { type: 'block-delta', index: 4, text: '"x"}' },
  { type: 'block-end', index: 2 },
  { type: 'block-end', index: 4 },
  {
    type: 'finish',
    reason: 'tool-calls',
    raw: 'tool_calls',
    usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 40, reasoningTokens: 5 },
  },
];

/** `output_item.done` items, as a client gathers them to send them back. */
export function doneItems(frames: SseFrame[]): JsonObject[] {
  return readEvents(frames)
    .filter((event) => event.type === 'response.output_item.done')
    .map((event) => event['item'] as JsonObject);
}
