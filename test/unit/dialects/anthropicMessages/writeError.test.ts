import { describe, expect, it } from 'vitest';
import { GatewayError, type ErrorDetails, type ErrorKind } from '../../../../src/canonical/errors.ts';
import type { ClientKind } from '../../../../src/dialects/dialect.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import { makeContext } from './support.ts';

function reply(kind: ErrorKind, client: ClientKind, details: ErrorDetails = {}) {
  const written = anthropicMessages.writeError(
    new GatewayError(kind, 'What happened.', details),
    makeContext({ client }),
  );
  if (written.type !== 'json') throw new Error('expected JSON');
  const { type, error } = written.body as { type: string; error: { type: string; message: string } };
  expect(type).toBe('error');
  return { ...written, error };
}

// contract.md, "Attempts, failover, time".
describe.each<[ErrorKind, number, string, number, string]>([
  ['invalid-request', 400, 'invalid_request_error', 400, 'invalid_request_error'],
  ['unsupported', 400, 'invalid_request_error', 400, 'invalid_request_error'],
  ['context-length', 400, 'invalid_request_error', 400, 'invalid_request_error'],
  ['too-large', 413, 'request_too_large', 413, 'request_too_large'],
  ['auth', 403, 'permission_error', 401, 'authentication_error'],
  ['permission', 403, 'permission_error', 403, 'permission_error'],
  ['quota', 402, 'billing_error', 403, 'billing_error'],
  ['stopped', 412, 'permission_error', 403, 'permission_error'],
  ['not-found', 404, 'not_found_error', 404, 'not_found_error'],
  ['rate-limited', 429, 'rate_limit_error', 429, 'rate_limit_error'],
  ['overloaded', 529, 'overloaded_error', 503, 'overloaded_error'],
  ['timeout', 529, 'overloaded_error', 504, 'timeout_error'],
  ['connection', 529, 'overloaded_error', 502, 'api_error'],
  ['upstream', 529, 'overloaded_error', 502, 'api_error'],
  ['protocol', 529, 'overloaded_error', 502, 'api_error'],
  ['empty', 529, 'overloaded_error', 502, 'api_error'],
  ['internal', 500, 'api_error', 500, 'api_error'],
])('%s', (kind, claudeStatus, claudeType, status, type) => {
  it('for Claude Code', () => {
    expect(reply(kind, 'claude-code')).toMatchObject({ status: claudeStatus, error: { type: claudeType } });
  });

  it('for others', () => {
    expect(reply(kind, 'other')).toMatchObject({ status, error: { type } });
  });

  it('keeps our message', () => {
    expect(reply(kind, 'other').error.message).toContain('What happened.');
  });
});

it('says "prompt is too long" once', () => {
  const message = 'Prompt is too long: 9 tokens > 8 maximum';
  const written = anthropicMessages.writeError(new GatewayError('context-length', message), makeContext());
  expect(written).toMatchObject({ body: { error: { message } } });
});

it('sends the SDK the code to continue without a thread, and no other code', () => {
  const details = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };
  expect(reply('unsupported', 'other', { code: 'thread_unsupported_request' }).error).toMatchObject({ details });
  expect(reply('unsupported', 'other', { code: 'unknown_parameter' }).error).not.toHaveProperty('details');
});

it('says when to retry', () => {
  const headers = (kind: ErrorKind, retryAfterMs?: number) => reply(kind, 'claude-code', { retryAfterMs }).headers;
  expect(headers('rate-limited', 1500)).toEqual({ 'retry-after': '2' });
  expect(headers('rate-limited', 0)).toEqual({ 'retry-after': '1' });
  expect(headers('rate-limited')).toEqual({ 'retry-after': '5' });
  expect(headers('overloaded', 3000)).toEqual({ 'retry-after': '3' });
  expect(headers('overloaded')).toEqual({});
  expect(headers('invalid-request', 3000)).toEqual({});
});
