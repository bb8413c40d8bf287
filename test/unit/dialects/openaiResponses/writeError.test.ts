import { describe, expect, it } from 'vitest';
import { GatewayError, type ErrorKind } from '../../../../src/canonical/errors.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { makeContext, readEvents } from './support.ts';

const text = 'What happened, and what to do.';

function writeError(kind: ErrorKind, client: 'codex' | 'other', details = {}, stream = true) {
  return openaiResponses.writeError(new GatewayError(kind, text, details), { ...makeContext({ client }), stream });
}

describe('to Codex', () => {
  it.each(['invalid-request', 'unsupported', 'too-large'] as const)('%s is a 400 with our text as the body', (kind) => {
    expect(writeError(kind, 'codex')).toEqual({ type: 'text', status: 400, headers: {}, body: text });
  });

  it('context-length is a 400 with the code that Codex knows', () => {
    expect(writeError('context-length', 'codex')).toMatchObject({
      type: 'json',
      status: 400,
      body: { error: { code: 'context_length_exceeded', message: text } },
    });
  });

  it.each([
    [{ retryAfterMs: 1500 }, '2'],
    [{ retryAfterMs: 0 }, '1'],
    [{}, '5'],
  ])('a rate limit with %j is a 429 that always says when', (details, seconds) => {
    expect(writeError('rate-limited', 'codex', details)).toMatchObject({
      status: 429,
      headers: { 'retry-after': seconds },
      body: { error: { code: 'rate_limit_exceeded', message: text } },
    });
  });

  it.each([
    'auth',
    'permission',
    'stopped',
    'not-found',
    'overloaded',
    'timeout',
    'connection',
    'upstream',
    'protocol',
    'empty',
    'internal',
  ] as const)('%s is a stream that fails with our text', (kind) => {
    const reply = writeError(kind, 'codex');
    if (reply.type !== 'stream') throw new Error('expected a stream');
    const events = readEvents(reply.frames);
    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed']);
    expect(events.at(-1)?.['response']).toMatchObject({
      id: 'resp_1',
      status: 'failed',
      error: { code: 'invalid_prompt', message: text },
    });
  });

  it('is JSON if the client did not ask for a stream', () => {
    expect(writeError('auth', 'codex', {}, false)).toMatchObject({ type: 'json', status: 401 });
  });
});

describe('to other clients', () => {
  it.each([
    ['invalid-request', 400, 'invalid_request_error'],
    ['unsupported', 400, 'invalid_request_error'],
    ['context-length', 400, 'invalid_request_error'],
    ['auth', 401, 'authentication_error'],
    ['permission', 403, 'permission_error'],
    ['not-found', 404, 'invalid_request_error'],
    ['too-large', 413, 'invalid_request_error'],
    ['rate-limited', 429, 'rate_limit_error'],
    ['cancelled', 499, 'server_error'],
    ['internal', 500, 'server_error'],
    ['upstream', 502, 'server_error'],
    ['connection', 502, 'server_error'],
    ['protocol', 502, 'server_error'],
    ['empty', 502, 'server_error'],
    ['overloaded', 503, 'server_error'],
    ['timeout', 504, 'server_error'],
  ] as const)('%s is %i %s', (kind, status, type) => {
    expect(writeError(kind, 'other')).toMatchObject({ type: 'json', status, body: { error: { message: text, type } } });
  });

  it('names the field and says when to retry', () => {
    expect(writeError('invalid-request', 'other', { param: 'input[0]' })).toMatchObject({
      body: { error: { param: 'input[0]' } },
    });
    expect(writeError('rate-limited', 'other', { retryAfterMs: 7000 })).toMatchObject({
      headers: { 'retry-after': '7' },
      body: { error: { code: 'rate_limited' } },
    });
    expect(writeError('overloaded', 'other', { retryAfterMs: 7000 })).toMatchObject({
      headers: { 'retry-after': '7' },
    });
  });
});
