import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { StreamEvent } from '../../../../src/canonical/events.ts';
import type { StreamWriter } from '../../../../src/dialects/dialect.ts';
import { streamWriter } from '../../../../src/dialects/openaiChat/streamWriter.ts';
import { writeFrame } from '../../../../src/sse/frame.ts';
import { joinPieces } from '../../../../src/sse/pieces.ts';
import type { SseFrame } from '../../../../src/sse/frame.ts';
import { readText, replyContext, toReply } from './replay.ts';

const includeUsage = { stream: true, stream_options: { include_usage: true } };
const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, reasoningTokens: 3 };

const events: StreamEvent[] = [
  { type: 'start' },
  { type: 'block-start', index: 0, block: { type: 'reasoning' } },
  { type: 'block-delta', index: 0, text: 'Hm' },
  { type: 'block-end', index: 0 },
  { type: 'block-start', index: 1, block: { type: 'text' } },
  { type: 'block-delta', index: 1, text: 'Hel' },
  { type: 'block-delta', index: 1, text: 'lo' },
  { type: 'block-end', index: 1 },
  { type: 'block-start', index: 2, block: { type: 'native', dialect: 'openai-responses', json: {} } },
  { type: 'block-end', index: 2 },
  { type: 'block-start', index: 3, block: { type: 'tool-call', id: 'a', kind: 'function', name: 'f' } },
  { type: 'block-start', index: 4, block: { type: 'tool-call', id: 'b', kind: 'custom', name: 'p' } },
  { type: 'block-delta', index: 3, text: '{"x"' },
  { type: 'block-delta', index: 4, text: '*** Begin' },
  { type: 'block-delta', index: 3, text: ':1}' },
  { type: 'block-end', index: 3 },
  { type: 'block-end', index: 4 },
  { type: 'block-start', index: 5, block: { type: 'tool-call', id: 'c', kind: 'function', name: 'g' } },
  { type: 'block-end', index: 5 },
  { type: 'finish', reason: 'tool-calls', raw: 'tool_calls', usage },
];

function write(use: (writer: StreamWriter) => void, body: object = {}): SseFrame[] {
  const frames: SseFrame[] = [];
  use(streamWriter(replyContext(body))((frame) => frames.push(frame)));
  return frames;
}

function writeEvents(list: StreamEvent[], body: object = {}): SseFrame[] {
  return write((writer) => {
    for (const event of list) writer.push(event);
    writer.end();
  }, body);
}

function payloads(frames: SseFrame[]): unknown[] {
  return frames.map((frame) =>
    'comment' in frame ? frame : frame.data === '[DONE]' ? frame.data : (JSON.parse(frame.data) as unknown),
  );
}

function deltas(frames: SseFrame[]): unknown[] {
  return payloads(frames).flatMap((payload) => {
    const [choice] = (payload as { choices?: { delta: unknown }[] }).choices ?? [];
    return choice ? [choice.delta] : [];
  });
}

/** The official client, which receives these frames. */
function sdkStream(frames: SseFrame[]): ReturnType<OpenAI['chat']['completions']['stream']> {
  const fetch = async (): Promise<Response> =>
    new Response(joinPieces(frames.flatMap(writeFrame)), { headers: { 'content-type': 'text/event-stream' } });
  return new OpenAI({ apiKey: 'x', baseURL: 'http://127.0.0.1:1/v1', fetch, maxRetries: 0 }).chat.completions.stream({
    model: 'm',
    messages: [],
  });
}

it('writes deltas with stable tool indexes', () => {
  expect(deltas(writeEvents(events))).toEqual([
    { role: 'assistant', content: null },
    { reasoning_content: 'Hm' },
    { content: 'Hel' },
    { content: 'lo' },
    { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
    { tool_calls: [{ index: 1, id: 'b', type: 'custom', custom: { name: 'p', input: '' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
    { tool_calls: [{ index: 1, custom: { input: '*** Begin' } }] },
    { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    { tool_calls: [{ index: 2, id: 'c', type: 'function', function: { name: 'g', arguments: '' } }] },
    { tool_calls: [{ index: 2, function: { arguments: '{}' } }] },
    {},
  ]);
});

it('ends with the finish and [DONE], without usage unless it was requested', () => {
  const written = payloads(writeEvents(events));
  const head = { id: 'chatcmpl_1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'asked' };
  expect(written.slice(-2)).toEqual([
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
    '[DONE]',
  ]);
  expect(written.some((payload) => typeof payload === 'object' && payload !== null && 'usage' in payload)).toBe(false);
});

it('writes usage in a chunk of its own', () => {
  const written = payloads(writeEvents(events, includeUsage));
  expect(written.slice(-3)).toMatchObject([
    { choices: [{ finish_reason: 'tool_calls' }], usage: null },
    {
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    },
    '[DONE]',
  ]);
});

it.each([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content-filter', 'content_filter'],
] as const)('writes the finish %s', (reason, word) => {
  expect(payloads(writeEvents([{ type: 'start' }, { type: 'finish', reason, raw: '' }])).at(-2)).toMatchObject({
    choices: [{ finish_reason: word }],
  });
});

it('writes a refusal', () => {
  const refusal: StreamEvent[] = [
    { type: 'block-start', index: 0, block: { type: 'refusal' } },
    { type: 'block-delta', index: 0, text: 'No.' },
  ];
  expect(deltas(writeEvents(refusal))).toEqual([{ role: 'assistant', content: null }, { refusal: 'No.' }]);
});

it('keeps the stream alive with a comment that opens nothing', () => {
  expect(write((writer) => writer.keepAlive())).toEqual([{ comment: 'keep-alive' }]);
});

it('reads back what it wrote', () => {
  const text = joinPieces(writeEvents(events, includeUsage).flatMap(writeFrame));
  expect(toReply(readText(text))).toEqual({
    blocks: [
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', id: 'a', kind: 'function', name: 'f', text: '{"x":1}' },
      { type: 'tool-call', id: 'b', kind: 'custom', name: 'p', text: '*** Begin' },
      { type: 'tool-call', id: 'c', kind: 'function', name: 'g', text: '{}' },
    ],
    finish: 'tool-calls',
    usage,
  });
});

describe('the official client', () => {
  it('accepts the stream', async () => {
    const completion = await sdkStream(writeEvents(events, includeUsage)).finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: 'Hello',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', type: 'custom', custom: { name: 'p', input: '*** Begin' } },
          { id: 'c', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
    });
    expect(completion.usage?.total_tokens).toBe(15);
  });

  it('accepts a stream of calls only, and an empty one', async () => {
    const calls = await sdkStream(writeEvents([...events.slice(0, 1), ...events.slice(10)])).finalChatCompletion();
    expect(calls.choices[0]?.message.content).toBeNull();
    const empty = await sdkStream(
      writeEvents([{ type: 'start' }, { type: 'finish', reason: 'stop', raw: '' }]),
    ).finalChatCompletion();
    expect(empty.choices[0]?.finish_reason).toBe('stop');
  });

  it.each([0, 1, 6])('throws our text when the stream fails after %i events', async (count) => {
    const frames = write((writer) => {
      writer.keepAlive();
      for (const event of events.slice(0, count)) writer.push(event);
      writer.fail(new GatewayError('upstream', 'Both targets failed.', { code: '1234' }));
    });
    expect(payloads(frames).at(-1)).toEqual({
      error: { message: 'Both targets failed.', type: 'server_error', param: null, code: 'upstream_error' },
    });
    await expect(sdkStream(frames).finalChatCompletion()).rejects.toThrow('Both targets failed.');
  });
});
