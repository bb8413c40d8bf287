import { readFileSync, readdirSync } from 'node:fs';
import { collectReply } from '../../../../src/canonical/collectReply.ts';
import type { Delta, Reply } from '../../../../src/canonical/events.ts';
import { frameBlocks } from '../../../../src/canonical/frameBlocks.ts';
import { runStage } from '../../../../src/canonical/stage.ts';
import type { ReplyContext } from '../../../../src/dialects/dialect.ts';
import { openaiChat } from '../../../../src/dialects/openaiChat/index.ts';
import { streamReader } from '../../../../src/dialects/openaiChat/streamReader.ts';
import { findProvider } from '../../../../src/providers/findProvider.ts';
import { readFrames } from '../../../../src/sse/readFrames.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';
import { testSealer } from '../../../support/testSealer.ts';

const folder = new URL('../../../fixtures/providers/', import.meta.url);

/** Names of the Chat Completions streams among the fixtures. */
export function chatFixtures(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sse') && !name.startsWith('responses-') && !name.startsWith('anthropic-'))
    .map((name) => name.replace(/\.sse$/, ''));
}

export function fixture(name: string): string {
  return readFileSync(new URL(name.includes('.') ? name : `${name}.sse`, folder), 'utf8');
}

/** The rules that count at every provider. */
const rules = findProvider({ name: 'any', baseUrl: '', protocol: 'openai', model: '' }).quirks.errors ?? [];

/** Reads a stream's text in pieces of `size` characters. */
export function readText(text: string, size = text.length): Delta[] {
  const deltas: Delta[] = [];
  const reader = streamReader((delta) => deltas.push(delta), { errors: { rules } });
  const frames = readFrames((frame) => reader.push(frame));
  for (let start = 0; start < text.length; start += size) frames.push(text.slice(start, start + size));
  frames.end();
  reader.end();
  return deltas;
}

/** Reads payloads, one frame each. Strings are sent unchanged. */
export function readChunks(...payloads: unknown[]): Delta[] {
  return runStage(
    streamReader,
    payloads.map((payload): SseFrame => ({ data: typeof payload === 'string' ? payload : JSON.stringify(payload) })),
  );
}

/** A chunk whose first choice has this `delta`. */
export function chunk(delta: unknown, finishReason: string | null = null): object {
  return { id: 'c1', model: 'm', choices: [{ index: 0, delta, finish_reason: finishReason }] };
}

/** Drops the start delta, which every answer has. */
export function withoutStart(deltas: Delta[]): Delta[] {
  return deltas.filter((delta) => delta.type !== 'start');
}

/** The reply that a client receives. Throws the error in which the stream ended. */
export function toReply(deltas: Delta[]): Reply {
  let count = 0;
  const collector = collectReply();
  const frame = frameBlocks({ newCallId: () => `fresh_${++count}` })((event) => collector.push(event));
  for (const delta of deltas) frame.push(delta);
  frame.end();
  return collector.reply();
}

export function textsOf(deltas: Delta[], type: 'text-delta' | 'reasoning-delta' | 'refusal-delta'): string {
  return deltas.flatMap((delta) => (delta.type === type ? [delta.text] : [])).join('');
}

/** Calls as `id name input`, assembled as by frameBlocks. */
export function callsOf(deltas: Delta[]): string[] {
  const ended: Delta[] = [...deltas.filter((delta) => delta.type === 'tool-delta'), { type: 'done' }];
  return toReply(ended).blocks.map((block) =>
    block.type === 'tool-call' ? `${block.id} ${block.name} ${block.text}` : block.type,
  );
}

export function replyContext(body: object = {}, overrides: Partial<ReplyContext> = {}): ReplyContext {
  const request = openaiChat.readRequest({ messages: [{ role: 'user', content: 'Hi' }], ...body }, testSealer);
  return {
    model: 'asked',
    request,
    client: 'other',
    sealer: testSealer,
    createdAt: 1_700_000_000,
    newId: (prefix) => `${prefix}_1`,
    ...overrides,
  };
}
