import OpenAI, {
  RateLimitError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  BadRequestError,
  InternalServerError,
} from 'openai';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { StreamEvent } from '../../../../src/canonical/events.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { writeFrame, type SseFrame } from '../../../../src/sse/frame.ts';
import { joinPieces } from '../../../../src/sse/pieces.ts';
import { exampleTurn, makeContext, write, writeEvents } from './support.ts';

/** The official SDK, connected to `answer`. It checks all indexes and ids of a stream, and their order. */
function sdk(answer: () => Response): OpenAI {
  return new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1/v1', maxRetries: 0, fetch: async () => answer() });
}

function streaming(frames: SseFrame[]): OpenAI {
  const body = joinPieces(frames.flatMap(writeFrame));
  return sdk(() => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
}

async function finalResponse(frames: SseFrame[]) {
  return streaming(frames).responses.stream({ model: 'some-model', input: 'hi' }).finalResponse();
}

describe('the official SDK', () => {
  it('accepts the whole example turn', async () => {
    const response = await finalResponse(writeEvents(exampleTurn));
    expect(response.status).toBe('completed');
    expect(response.output_text).toBe('I will run a command.');
    expect(response.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'custom_tool_call',
      'function_call',
    ]);
    expect(response.usage?.total_tokens).toBe(120);
  });

  it('builds from the deltas the response that the end repeats', async () => {
    const stream = streaming(writeEvents(exampleTurn)).responses.stream({ model: 'm', input: 'hi' });
    let args = '';
    let text = '';
    stream.on('response.function_call_arguments.delta', (event) => {
      if (event.output_index === 2) args = event.snapshot;
    });
    stream.on('response.output_text.delta', (event) => {
      text = event.snapshot;
    });
    await stream.finalResponse();
    expect({ args, text }).toEqual({ args: '{"cmd":"echo FULL-OK"}', text: 'I will run a command.' });
  });

  it('accepts keep-alives anywhere', async () => {
    const frames = write((writer) => {
      writer.keepAlive();
      for (const event of exampleTurn) {
        writer.keepAlive();
        writer.push(event);
      }
    });
    expect((await finalResponse(frames)).output).toHaveLength(5);
  });

  it('accepts refusals, empty blocks, proofs without text, and hosted items', async () => {
    const json = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } };
    const events: StreamEvent[] = [
      { type: 'start' },
      { type: 'block-start', index: 0, block: { type: 'reasoning' } },
      { type: 'block-end', index: 0, proof: { type: 'encrypted', data: 'E' } },
      { type: 'block-start', index: 1, block: { type: 'native', dialect: 'openai-responses', json } },
      { type: 'block-end', index: 1 },
      {
        type: 'block-start',
        index: 2,
        block: { type: 'native', dialect: 'openai-responses', json: { type: 'compaction' } },
      },
      { type: 'block-end', index: 2 },
      { type: 'block-start', index: 3, block: { type: 'refusal' } },
      { type: 'block-delta', index: 3, text: 'I will not.' },
      { type: 'block-end', index: 3 },
      { type: 'block-start', index: 4, block: { type: 'text', phase: 'final_answer' } },
      { type: 'block-end', index: 4 },
      { type: 'block-start', index: 5, block: { type: 'tool-call', kind: 'function', id: '', name: 'f' } },
      { type: 'block-end', index: 5 },
      { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
    ];
    const response = await finalResponse(writeEvents(events));
    expect(response.output).toHaveLength(6);
    expect(response.output[3]).toMatchObject({ content: [{ type: 'refusal', refusal: 'I will not.' }] });
  });

  it('reads a length stop as incomplete, with the text so far', async () => {
    const events = [...exampleTurn.slice(0, 11), { type: 'finish', reason: 'length', raw: 'length' } as const];
    const response = await finalResponse(writeEvents(events));
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.output_text).toBe('I will run a command.');
  });

  it('reads a broken stream as failed, with its output so far', async () => {
    const frames = write((writer) => {
      for (const event of exampleTurn.slice(0, 9)) writer.push(event);
      writer.fail(new GatewayError('connection', 'Gone.'));
    });
    const response = await finalResponse(frames);
    expect(response).toMatchObject({ status: 'failed', error: { code: 'server_error', message: 'Gone.' } });
    expect(response.output_text).toBe('I will run a com');
  });

  it('refuses a stream without the content part of reasoning, which proves that it checks', async () => {
    const frames = writeEvents(exampleTurn).filter(
      (frame) => !('event' in frame && frame.event === 'response.content_part.added'),
    );
    await expect(finalResponse(frames)).rejects.toThrow(/content/);
  });

  it('accepts a reply that is not streamed', async () => {
    const reply = {
      blocks: [
        { type: 'reasoning' as const, text: 'Hm.' },
        { type: 'text' as const, text: 'Hello.' },
      ],
      finish: 'stop' as const,
      usage: { inputTokens: 1, outputTokens: 2 },
    };
    const body = openaiResponses.writeReply(reply, makeContext());
    const response = await sdk(() => Response.json(body)).responses.create({ model: 'm', input: 'hi' });
    expect(response.output_text).toBe('Hello.');
    expect(response.status).toBe('completed');
  });

  it.each([
    ['rate-limited', RateLimitError, 'rate_limited'],
    ['auth', AuthenticationError, 'invalid_api_key'],
    ['permission', PermissionDeniedError, 'permission_denied'],
    ['not-found', NotFoundError, 'model_not_found'],
    ['invalid-request', BadRequestError, 'invalid_request'],
    ['upstream', InternalServerError, 'upstream_error'],
  ] as const)('throws its own error for %s', async (kind, errorClass, code) => {
    const reply = openaiResponses.writeError(new GatewayError(kind, 'What happened.'), makeContext());
    if (reply.type !== 'json') throw new Error('expected JSON');
    const client = sdk(() => Response.json(reply.body, { status: reply.status, headers: reply.headers }));
    const failure = await client.responses.create({ model: 'm', input: 'hi' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(errorClass);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toContain('What happened.');
  });
});
