import Anthropic, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { StreamEvent } from '../../../../src/canonical/events.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import { writeFrame, type SseFrame } from '../../../../src/sse/frame.ts';
import { joinPieces } from '../../../../src/sse/pieces.ts';
import { exampleTurn, makeContext, write, writeEvents } from './support.ts';

const body = { model: 'm', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] };

/** The official SDK, with `answer` as its server. */
function sdk(answer: () => Response): Anthropic {
  return new Anthropic({ apiKey: 'none', baseURL: 'http://127.0.0.1', maxRetries: 0, fetch: async () => answer() });
}

function streaming(frames: SseFrame[]): Anthropic {
  const text = joinPieces(frames.flatMap(writeFrame));
  return sdk(() => new Response(text, { headers: { 'content-type': 'text/event-stream' } }));
}

const finalMessage = (frames: SseFrame[]) => streaming(frames).messages.stream(body).finalMessage();

/** The SDK appends blocks but applies deltas by index, so its result is right only if both agree. */
describe('the official SDK', () => {
  it('builds the whole example turn', async () => {
    const message = await finalMessage(writeEvents(exampleTurn));
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Let me think: 漢字 🙂.\n', signature: 'EqQB+/=' },
      { type: 'text', text: 'I will run both.' },
      { type: 'tool_use', id: 'toolu_a', name: 'Bash', input: { command: 'ls' } },
      { type: 'tool_use', id: 'functions.Bash:1', name: 'Bash', input: { command: 'pwd' } },
    ]);
    expect(message).toMatchObject({
      model: 'some-model',
      stop_reason: 'tool_use',
      usage: { input_tokens: 50, cache_read_input_tokens: 40, cache_creation_input_tokens: 10, output_tokens: 20 },
    });
  });

  it('reports text, thinking and input as they arrive', async () => {
    const heard = { text: '', thinking: '', json: '' };
    const stream = streaming(writeEvents(exampleTurn)).messages.stream(body);
    stream.on('text', (delta) => (heard.text += delta));
    stream.on('thinking', (delta) => (heard.thinking += delta));
    stream.on('inputJson', (delta) => (heard.json += delta));
    await stream.finalMessage();
    expect(heard).toEqual({
      text: 'I will run both.',
      thinking: 'Let me think: 漢字 🙂.\n',
      json: '{"command":"ls"}{"command":"pwd"}',
    });
  });

  it('accepts keep-alives anywhere', async () => {
    const frames = write((writer) => {
      writer.keepAlive();
      for (const event of exampleTurn) {
        writer.keepAlive();
        writer.push(event);
      }
    });
    expect((await finalMessage(frames)).content).toHaveLength(4);
  });

  it('accepts a call without input, hidden thinking and native blocks', async () => {
    const json = { type: 'web_search_tool_result', tool_use_id: 's', content: [] };
    const events: StreamEvent[] = [
      { type: 'start' },
      { type: 'block-start', index: 0, block: { type: 'reasoning' } },
      { type: 'block-end', index: 0, proof: { type: 'signature', signature: 'S' } },
      { type: 'block-start', index: 1, block: { type: 'native', dialect: 'anthropic-messages', json } },
      { type: 'block-end', index: 1 },
      { type: 'block-start', index: 2, block: { type: 'tool-call', kind: 'function', id: '', name: 'f' } },
      { type: 'block-end', index: 2 },
      { type: 'finish', reason: 'tool-calls', raw: '' },
    ];
    expect((await finalMessage(writeEvents(events))).content).toEqual([
      { type: 'thinking', thinking: '', signature: 'S' },
      json,
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
    ]);
  });

  it('throws if the stream fails', async () => {
    const frames = write((writer) => {
      for (const event of exampleTurn.slice(0, 9)) writer.push(event);
      writer.fail(new GatewayError('connection', 'Gone.'));
    });
    await expect(finalMessage(frames)).rejects.toThrow(/Gone\./);
  });

  it('accepts a reply that is not streamed', async () => {
    const reply = anthropicMessages.writeReply(
      { blocks: [{ type: 'text', text: 'Hello.' }], finish: 'stop' },
      makeContext(),
    );
    const message = await sdk(() => Response.json(reply)).messages.create(body);
    expect(message).toMatchObject({ content: [{ text: 'Hello.' }], stop_reason: 'end_turn' });
  });

  it.each([
    ['rate-limited', RateLimitError],
    ['auth', AuthenticationError],
    ['permission', PermissionDeniedError],
    ['not-found', NotFoundError],
    ['invalid-request', BadRequestError],
    ['upstream', InternalServerError],
  ] as const)('throws its own error for %s', async (kind, errorClass) => {
    const reply = anthropicMessages.writeError(new GatewayError(kind, 'What happened.'), makeContext());
    if (reply.type !== 'json') throw new Error('expected JSON');
    const client = sdk(() => Response.json(reply.body, { status: reply.status, headers: reply.headers }));
    const failure = await client.messages.create(body).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(errorClass);
    expect(String(failure)).toContain('What happened.');
  });
});
