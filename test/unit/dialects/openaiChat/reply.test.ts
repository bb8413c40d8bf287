import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { ErrorKind } from '../../../../src/canonical/errors.ts';
import type { Reply } from '../../../../src/canonical/events.ts';
import { openaiChat } from '../../../../src/dialects/openaiChat/index.ts';
import { readReply, writeReply } from '../../../../src/dialects/openaiChat/reply.ts';
import { fixture, replyContext, toReply } from './replay.ts';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function completion(message: object, finishReason: string | null = 'stop'): object {
  return {
    id: 'c',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason }],
    usage,
  };
}

describe('readReply', () => {
  it('reads a message as the deltas of a stream', () => {
    const message = {
      content: 'Look.',
      reasoning_content: 'Hm',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'custom', custom: { name: 'p', input: 'y' } },
      ],
    };
    expect(readReply(completion(message, 'tool_calls'))).toEqual([
      { type: 'start', id: 'c', model: 'm' },
      { type: 'reasoning-delta', key: 'reasoning', text: 'Hm' },
      { type: 'text-delta', key: 'text', text: 'Look.' },
      { type: 'tool-delta', key: 'tool-0', id: 'a', name: 'f', text: '{"x":1}' },
      { type: 'tool-delta', key: 'tool-1', id: 'b', name: 'p', kind: 'custom', text: 'y' },
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 5 } },
      { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
      { type: 'done' },
    ]);
  });

  it('keeps reasoning details as a proof', () => {
    const details = [{ type: 'reasoning.text', id: 'r', index: 0, text: 'Hm' }];
    expect(
      toReply(readReply(completion({ content: 'a', reasoning_content: 'Hm', reasoning_details: details }))).blocks,
    ).toEqual([
      { type: 'reasoning', text: 'Hm', proof: { type: 'details', details } },
      { type: 'text', text: 'a' },
    ]);
  });

  it.each([
    [
      'stop despite calls',
      completion({
        content: null,
        tool_calls: [{ function: { name: 'f', arguments: {} } }, { function: { name: 'f', arguments: {} } }],
      }),
      'tool-calls',
      2,
    ],
    ['no finish reason', completion({ content: 'a' }, null), 'stop', 1],
    ['a delta instead of a message', { choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] }, 'stop', 1],
  ])('reads %s', (_, body, finish, blocks) => {
    const reply = toReply(readReply(body));
    expect([reply.finish, reply.blocks.length]).toEqual([finish, blocks]);
  });

  it.each<[string, unknown, ErrorKind]>([
    ['an error', { error: { message: 'Boom', code: 'context_length_exceeded' } }, 'context-length'],
    ['a list', [{ error: { code: 400, message: 'x', status: 'INVALID_ARGUMENT' } }], 'invalid-request'],
    ['base_resp', JSON.parse(fixture('minimax-base-resp-error.json')), 'auth'],
    ['no choices', { id: 'c', choices: [] }, 'protocol'],
    ['text', 'Hello', 'protocol'],
    ['null', null, 'protocol'],
    ['a broken-off answer', completion({ content: 'a' }, 'network_error'), 'upstream'],
  ])('reads %s as an error', (_, body, kind) => {
    const last = readReply(body).at(-1);
    expect(last?.type === 'error' && last.error.kind).toBe(kind);
  });
});

const messageOf = (blocks: Reply['blocks']): unknown =>
  (writeReply({ blocks, finish: 'stop' }, replyContext())['choices'] as { message: unknown }[])[0]?.message;

describe('writeReply', () => {
  it('writes a completion', () => {
    const whole: Reply = {
      blocks: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Hello' },
      ],
      finish: 'length',
      usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, cacheWriteTokens: 2, reasoningTokens: 3 },
    };
    expect(writeReply(whole, replyContext())).toEqual({
      id: 'chatcmpl_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'asked',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null, reasoning_content: 'Hm' }, logprobs: null, finish_reason: 'length' }],
      usage: {
        prompt_tokens: 10, completion_tokens: 5, total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 3 },
      },
    }); // prettier-ignore
  });

  it.each<[string, Reply['blocks'], object]>([
    ['nothing', [], { content: '', refusal: null }],
    ['a refusal', [{ type: 'refusal', text: 'No.' }], { content: null, refusal: 'No.' }],
    [
      'text in two blocks',
      [
        { type: 'text', text: 'One.' },
        { type: 'text', text: 'Two.' },
      ],
      { content: 'One.\n\nTwo.', refusal: null },
    ],
    [
      'calls',
      [
        { type: 'tool-call', id: 'a', kind: 'function', name: 'f', text: '' },
        { type: 'tool-call', id: 'b', kind: 'custom', name: 'p', text: '' },
      ],
      {
        content: null,
        refusal: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'b', type: 'custom', custom: { name: 'p', input: '' } },
        ],
      },
    ],
    [
      'no native blocks',
      [
        { type: 'native', dialect: 'openai-responses', json: {}, text: '' },
        { type: 'text', text: 'a' },
      ],
      { content: 'a', refusal: null },
    ],
  ])('writes %s', (_, blocks, message) => {
    expect(messageOf(blocks)).toEqual({ role: 'assistant', ...message });
  });

  it('reads back what it wrote', () => {
    const whole: Reply = {
      blocks: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'a' },
        { type: 'tool-call', id: 'x', kind: 'function', name: 'f', text: '{"y":1}' },
      ],
      finish: 'tool-calls',
      usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, reasoningTokens: 0 },
    };
    expect(toReply(readReply(writeReply(whole, replyContext())))).toEqual(whole);
  });
});

describe('writeError', () => {
  const context = { client: 'other', createdAt: 0, newId: () => 'x', model: 'm', stream: true } as const;

  it.each<[ErrorKind, number, string, string | null]>([
    ['invalid-request', 400, 'invalid_request_error', null],
    ['unsupported', 400, 'invalid_request_error', 'unsupported'],
    ['context-length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['too-large', 413, 'invalid_request_error', 'request_too_large'],
    ['auth', 401, 'authentication_error', 'invalid_api_key'],
    ['permission', 403, 'permission_error', null],
    ['not-found', 404, 'not_found_error', 'model_not_found'],
    ['rate-limited', 429, 'rate_limit_error', 'rate_limited'],
    ['overloaded', 503, 'server_error', 'overloaded'],
    ['timeout', 504, 'server_error', 'timeout'],
    ['connection', 502, 'server_error', 'connection_failed'],
    ['upstream', 502, 'server_error', 'upstream_error'],
    ['protocol', 502, 'server_error', 'upstream_protocol_error'],
    ['empty', 502, 'server_error', 'empty_answer'],
    ['cancelled', 499, 'cancelled', 'cancelled'],
    ['internal', 500, 'server_error', 'internal_error'],
  ])('%s is a %i', (kind, status, type, code) => {
    const written = openaiChat.writeError(new GatewayError(kind, 'Why.', { param: 'messages[0]' }), context);
    expect(written).toMatchObject({
      type: 'json',
      status,
      body: { error: { message: 'Why.', type, param: 'messages[0]', code } },
    });
  });

  it.each([
    [undefined, '5'],
    [0, '1'],
    [20, '1'],
    [1500, '2'],
    [60_000, '60'],
  ])('says when to retry after a rate limit (%s ms)', (retryAfterMs, seconds) => {
    for (const client of ['other', 'codex'] as const) {
      const written = openaiChat.writeError(new GatewayError('rate-limited', 'Wait.', { retryAfterMs }), {
        ...context,
        client,
      });
      expect(written).toMatchObject({ status: 429, headers: { 'retry-after': seconds } });
    }
  });

  it('passes on when to retry an overloaded provider, if it said so', () => {
    expect(openaiChat.writeError(new GatewayError('overloaded', 'x', { retryAfterMs: 3000 }), context)).toMatchObject({
      headers: { 'retry-after': '3' },
    });
    expect(openaiChat.writeError(new GatewayError('overloaded', 'x'), context)).toMatchObject({ headers: {} });
  });

  it.each<ErrorKind>([
    'auth',
    'permission',
    'not-found',
    'upstream',
    'timeout',
    'overloaded',
    'internal',
    'invalid-request',
    'too-large',
  ])('sends %s to Codex as a 400 with our text', (kind) => {
    expect(openaiChat.writeError(new GatewayError(kind, 'Why.'), { ...context, client: 'codex' })).toEqual({
      type: 'text',
      status: 400,
      headers: {},
      body: 'Why.',
    });
  });

  it('reports a full context to Codex by its code', () => {
    expect(
      openaiChat.writeError(new GatewayError('context-length', 'Why.'), { ...context, client: 'codex' }),
    ).toMatchObject({ type: 'json', status: 400, body: { error: { code: 'context_length_exceeded' } } });
  });
});
