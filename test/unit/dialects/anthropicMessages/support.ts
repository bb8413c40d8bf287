import { readFileSync, readdirSync } from 'node:fs';
import { collectReply } from '../../../../src/canonical/collectReply.ts';
import type { Delta, Reply, StreamEvent } from '../../../../src/canonical/events.ts';
import { frameBlocks } from '../../../../src/canonical/frameBlocks.ts';
import type { ChatRequest, JsonObject, Message } from '../../../../src/canonical/request.ts';
import { runStage } from '../../../../src/canonical/stage.ts';
import type { ReplyContext, StreamWriter } from '../../../../src/dialects/dialect.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import { readFrames, type SseFrame } from '../../../../src/sse.ts';

export const emptyRequest: ChatRequest = {
  messages: [],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: true,
  sampling: {},
};

/** A request with these messages, and what else is given. */
export function request(messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { ...emptyRequest, messages, ...more };
}

/** Ids count up by prefix: `msg_1`, `toolu_1`. */
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
  drive(anthropicMessages.streamWriter(context)((frame) => frames.push(frame)));
  return frames;
}

export function writeEvents(events: StreamEvent[], context?: ReplyContext): SseFrame[] {
  return write((writer) => {
    for (const event of events) writer.push(event);
    writer.end();
  }, context);
}

const call = (index: number, id: string): StreamEvent => ({
  type: 'block-start',
  index,
  block: { type: 'tool-call', kind: 'function', id, name: 'Bash' },
});

/** Reasoning, text and two calls whose deltas are interleaved, as chat providers send them. */
export const exampleTurn: StreamEvent[] = [
  { type: 'start' },
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  { type: 'block-delta', index: 0, text: 'Let me ' },
  { type: 'block-delta', index: 0, text: 'think: 漢字 🙂.\n' },
  { type: 'block-end', index: 0, proof: { type: 'signature', signature: 'EqQB+/=' } },
  { type: 'block-start', index: 1, block: { type: 'text' } },
  { type: 'block-delta', index: 1, text: 'I will run ' },
  { type: 'block-delta', index: 1, text: 'both.' },
  { type: 'block-end', index: 1 },
  call(2, 'toolu_a'),
  { type: 'block-delta', index: 2, text: '{"command":' },
  call(3, 'functions.Bash:1'),
  { type: 'block-delta', index: 3, text: '{"command"' },
  { type: 'block-delta', index: 2, text: '"ls"}' },
  { type: 'block-delta', index: 3, text: ':"pwd"}' },
  { type: 'block-end', index: 3 },
  { type: 'block-end', index: 2 },
  {
    type: 'finish',
    reason: 'tool-calls',
    raw: 'tool_calls',
    usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 40, cacheWriteTokens: 10, reasoningTokens: 5 },
  },
];

const folder = new URL('../../../fixtures/providers/', import.meta.url);

/** Names of the Messages streams among the fixtures. */
export function fixtures(): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('anthropic-'))
    .map((name) => name.replace(/\.sse$/, ''));
}

export function fixture(name: string): string {
  return readFileSync(new URL(`${name}.sse`, folder), 'utf8');
}

/** What the reader makes of a stream's text, fed in pieces of `size` characters. */
export function readText(text: string, size = text.length): Delta[] {
  const deltas: Delta[] = [];
  const reader = anthropicMessages.streamReader((delta) => deltas.push(delta));
  const frames = readFrames((frame) => reader.push(frame));
  for (let start = 0; start < text.length; start += size) frames.push(text.slice(start, start + size));
  frames.end();
  reader.end();
  return deltas;
}

/** What the reader makes of these events. A text goes as it is. */
export function readDeltas(...events: (WireEvent | string)[]): Delta[] {
  return runStage(
    anthropicMessages.streamReader,
    events.map((event): SseFrame =>
      typeof event === 'string' ? { data: event } : { event: event.type, data: JSON.stringify(event) },
    ),
  );
}

/** The reply that a client gets; throws what the stream ended in. */
export function toReply(deltas: Delta[]): Reply {
  let count = 0;
  const reply = collectReply();
  for (const event of runStage(frameBlocks({ newCallId: () => `fresh_${++count}` }), deltas)) reply.push(event);
  return reply.reply();
}
