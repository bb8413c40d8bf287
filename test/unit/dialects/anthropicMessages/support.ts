import { readFileSync, readdirSync } from 'node:fs';
import { createRequest } from '../../../../src/canonical/editRequest.ts';
import { collectReply } from '../../../../src/canonical/collectReply.ts';
import type { Delta, Reply, StreamEvent } from '../../../../src/canonical/events.ts';
import { frameBlocks } from '../../../../src/canonical/frameBlocks.ts';
import type { ChatRequest, Message } from '../../../../src/canonical/request.ts';
import { runStage } from '../../../../src/canonical/stage.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';
import { readFrames } from '../../../../src/sse/readFrames.ts';
import { emptyRequest, writersOf, type WireEvent } from '../../../support/dialectWriter.ts';

export { makeContext, readEvents, type WireEvent } from '../../../support/dialectWriter.ts';

/** A request with these messages and fields. */
export function request(messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return createRequest({ ...emptyRequest, messages, ...more });
}

export const { write, writeEvents } = writersOf(anthropicMessages);

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

/** Reads a stream's text, fed in pieces of `size` characters, and returns the deltas. */
export function readText(text: string, size = text.length): Delta[] {
  const deltas: Delta[] = [];
  const reader = anthropicMessages.streamReader((delta) => deltas.push(delta));
  const frames = readFrames((frame) => reader.push(frame));
  for (let start = 0; start < text.length; start += size) frames.push(text.slice(start, start + size));
  frames.end();
  reader.end();
  return deltas;
}

/** Reads these events and returns the deltas. A string is sent as raw data. */
export function readDeltas(...events: (WireEvent | string)[]): Delta[] {
  return runStage(
    anthropicMessages.streamReader,
    events.map((event): SseFrame =>
      typeof event === 'string' ? { data: event } : { event: event.type, data: JSON.stringify(event) },
    ),
  );
}

/** Collects the reply that a client gets. Throws the error that ended the stream. */
export function toReply(deltas: Delta[]): Reply {
  let count = 0;
  const reply = collectReply();
  for (const event of runStage(frameBlocks({ newCallId: () => `fresh_${++count}` }), deltas)) reply.push(event);
  return reply.reply();
}
