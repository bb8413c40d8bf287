import { readFileSync, readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectReply } from '../../../src/canonical/collectReply.ts';
import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Delta, StreamEvent } from '../../../src/canonical/events.ts';
import { flattenTools } from '../../../src/canonical/flattenTools.ts';
import { frameBlocks } from '../../../src/canonical/frameBlocks.ts';
import type { ChatRequest } from '../../../src/canonical/request.ts';
import { runStage } from '../../../src/canonical/stage.ts';
import type { Dialect, ReplyContext } from '../../../src/dialects/dialect.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import { findProvider } from '../../../src/providers/findProvider.ts';
import type { SseFrame } from '../../../src/sse/frame.ts';
import { readFrames } from '../../../src/sse/readFrames.ts';
import { eachFrame } from '../../support/eachFrame.ts';
import { TheirFault, type MatrixClient } from '../matrix/answer.ts';
import { cases, protocols, readFixture, type Protocol } from '../matrix/cases.ts';
import { clients } from '../matrix/paths.ts';
import { askedModel } from '../matrix/question.ts';
import { runsOf } from '../matrix/sampling.ts';
import { mutated } from './mutations.ts';
import { testSealer } from '../../support/testSealer.ts';

const runs = { seed: 5, numRuns: runsOf(400) };

/** Runs `act`, which may refuse its input, but only by an error of ours that blames no defect. */
function refuses<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.kind === 'internal') throw thrown;
    expect(thrown.message).not.toBe('');
    return undefined;
  }
}

function recordedRequests(folder: string): unknown[] {
  const url = new URL(`../../fixtures/${folder}/`, import.meta.url);
  return readdirSync(url).flatMap((name) => {
    const { requests } = JSON.parse(readFileSync(new URL(name, url), 'utf8')) as { requests?: { body?: unknown }[] };
    return (requests ?? []).flatMap(({ body }) => (typeof body === 'object' && body ? [body] : []));
  });
}

/** Requests as clients send them, by dialect. */
const bodies: Record<Protocol, unknown[]> = {
  'openai-chat': recordedRequests('codex').filter((body) => 'messages' in (body as object)),
  'openai-responses': recordedRequests('codex').filter((body) => 'input' in (body as object)),
  'anthropic-messages': recordedRequests('claude').filter((body) => 'messages' in (body as object)),
};
for (const client of clients) for (const { question } of cases) bodies[client.dialect].push(client.ask(question, true));

const providers = [
  ['deepseek', 'https://api.deepseek.com', 'deepseek-v4'],
  ['zai', 'https://api.z.ai/api/paas/v4', 'glm-5'],
  ['minimax', 'https://api.minimax.io/v1', 'MiniMax-M2'],
  ['moonshot', 'https://api.moonshot.ai/v1', 'kimi-k2.5'],
  ['mistral', 'https://api.mistral.ai/v1', 'mistral-large'],
  ['gemini', 'https://generativelanguage.googleapis.com/v1beta/openai', 'gemini-3'],
  ['openrouter', 'https://openrouter.ai/api/v1', 'some/model'],
  ['openai', 'https://api.openai.com/v1', 'gpt-5.6'],
  ['anthropic', 'https://api.anthropic.com', 'claude-sonnet-4-5'],
  ['some', 'http://provider.test/v1', 'some-model'],
] as const;

/** What becomes of a request that was read, at every kind of provider. */
function writeEverywhere(request: ChatRequest): void {
  for (const [name, baseUrl, model] of providers) {
    for (const protocol of ['openai', 'responses', 'anthropic'] as const) {
      const provider = findProvider({ name, baseUrl, model, protocol });
      const dialect = dialectById(provider.protocol);
      refuses(() => {
        const edited = provider.quirks.request?.(request) ?? request;
        const body = dialect.writeRequest(flattenTools(edited, provider.features), model);
        JSON.stringify(provider.quirks.body?.(body) ?? body);
        if (request.source?.dialect === dialect.id)
          JSON.stringify(provider.quirks.body?.(dialect.patchSource(request.source.body, request, model)));
      });
    }
  }
}

const dialects = protocols.map((id) => ({ id, dialect: dialectById(id) }));

describe.each(dialects)('$id', ({ id, dialect }) => {
  it('refuses invalid requests with a GatewayError, and can write the accepted ones', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated(bodies[id]) }, fc.jsonValue()), (body) => {
        const request = refuses(() => dialect.readRequest(body, testSealer));
        if (request) writeEverywhere(request);
      }),
      { ...runs, numRuns: runsOf(150) },
    );
  });

  it('does not mutate a request while reading and writing it', () => {
    for (const body of bodies[id]) {
      const before = JSON.stringify(body);
      writeEverywhere(dialect.readRequest(body, testSealer));
      expect(JSON.stringify(body)).toBe(before);
    }
  });

  it('reads any stream into deltas that can be written for every client', () => {
    fc.assert(
      fc.property(streams(id), (frames) => {
        const deltas = refuses(() => runStage(dialect.streamReader, frames));
        if (deltas) for (const client of clients) answer(deltas, client);
      }),
      runs,
    );
  });

  it('reads any reply into deltas', () => {
    const replies = cases.map(({ name }) => JSON.parse(readFixture(name, id, 'json')) as unknown);
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated(replies) }, fc.jsonValue()), (reply) => {
        const deltas = refuses(() => dialect.readReply(reply));
        if (deltas) for (const client of clients) answer(deltas, client);
      }),
      runs,
    );
  });
});

/** Streams of the matrix with frames changed, left out, repeated or swapped, and with frames of nonsense. */
function streams(protocol: Protocol): fc.Arbitrary<SseFrame[]> {
  const wholes = cases.map(({ name }) => framesIn(readFixture(name, protocol, 'sse')));
  const nonsense = fc.record({ event: fc.constantFrom(undefined, 'error', 'ping'), data: fc.string() });
  return fc.constantFrom(...wholes).chain((frames) => {
    const payloads = frames.map((frame) =>
      'data' in frame && frame.data !== '[DONE]' ? (JSON.parse(frame.data) as unknown) : '[DONE]',
    );
    return mutated([payloads]).chain((edited) => {
      const list = (Array.isArray(edited) ? edited : [edited]).map((payload: unknown, index): SseFrame => {
        const frame = frames[index];
        const event = frame && 'event' in frame ? frame.event : undefined;
        return { event, data: payload === '[DONE]' ? '[DONE]' : (JSON.stringify(payload) ?? '') };
      });
      return fc.oneof(
        { weight: 4, arbitrary: fc.constant(list) },
        fc.shuffledSubarray(list),
        nonsense.map((frame) => [...list, frame]),
      );
    });
  });
}

function framesIn(text: string): SseFrame[] {
  const frames: SseFrame[] = [];
  const parser = readFrames(eachFrame((frame) => frames.push(frame)));
  parser.push(text);
  parser.end();
  return frames;
}

/** Frames the deltas and writes them for a client, streamed and whole; what it gets must keep the rules of its wire. */
function answer(deltas: readonly Delta[], client: MatrixClient): void {
  const dialect: Dialect = dialectById(client.dialect);
  const context = replyContext(dialect, client);
  let text = '';
  const writer = dialect.streamWriter(context)((frame) => {
    if ('data' in frame) text += `${frame.event ? `event: ${frame.event}\n` : ''}data: ${frame.data}\n\n`;
  });
  const collector = collectReply();
  let ids = 0;
  const framer = frameBlocks({ newCallId: () => `call_new${++ids}` })((event: StreamEvent) => {
    writer.push(event);
    collector.push(event);
  });
  const whole = refuses(() => {
    for (const delta of deltas) framer.push(delta);
    framer.end();
    return true;
  });
  if (whole) writer.end();
  else writer.fail(new GatewayError('upstream', 'It broke.'));
  understands(() => client.readStream(text));
  if (whole) understands(() => client.readWhole(JSON.stringify(dialect.writeReply(collector.reply(), context))));
}

/** Broken arguments and unknown items reach the client as they are. */
function understands(read: () => unknown): void {
  try {
    read();
  } catch (thrown) {
    if (!(thrown instanceof TheirFault)) throw thrown;
  }
}

function replyContext(dialect: Dialect, client: MatrixClient): ReplyContext {
  let ids = 0;
  return {
    model: askedModel,
    request: dialect.readRequest(client.ask({}, true), testSealer),
    client: 'other',
    sealer: testSealer,
    createdAt: 1_700_000_000,
    newId: (prefix) => `${prefix}_${++ids}`,
  };
}

/** `raw` depends on how the text is cut. */
function withoutRaw(frame: SseFrame): SseFrame {
  return 'comment' in frame ? frame : { event: frame.event, data: frame.data };
}

it('reads the same frames from any text, however it is cut', () => {
  const line = fc.oneof(
    fc.constantFrom('data: ', 'event: ', ': ', 'id', 'retry: x', '\n', '\r\n', '\r', '\n\n', '{', '\u2028'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 7 }), (lines, size) => {
      const text = lines.join('');
      const pieces: SseFrame[] = [];
      const parser = readFrames(eachFrame((frame) => pieces.push(frame)));
      for (let start = 0; start < text.length; start += size) parser.push(text.slice(start, start + size));
      parser.end();
      expect(pieces.map(withoutRaw)).toEqual(framesIn(text).map(withoutRaw));
    }),
    runs,
  );
});
