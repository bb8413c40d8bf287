import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { createRequestIds } from '../../../src/server/requestHeaders.ts';

const request = (headers: Record<string, string>): IncomingMessage => ({ headers }) as unknown as IncomingMessage;

it("keeps a client's id, and numbers its repetitions: Codex sends that of its thread with each request", () => {
  const idOf = createRequestIds();
  const thread = request({ 'x-client-request-id': '01a21c88-0fa0-76e3-8615-f03c8b76561a' });
  expect([idOf(thread), idOf(thread), idOf(request({ 'x-request-id': 'other' })), idOf(thread)]).toEqual([
    '01a21c88-0fa0-76e3-8615-f03c8b76561a',
    '01a21c88-0fa0-76e3-8615-f03c8b76561a-2',
    'other',
    '01a21c88-0fa0-76e3-8615-f03c8b76561a-3',
  ]);
});

it('makes one of its own where the client sends none, or one that could forge a line of the log', () => {
  const idOf = createRequestIds();
  const made = [request({}), request({ 'x-request-id': 'a\nb' }), request({ 'x-request-id': 'x'.repeat(65) })].map(
    idOf,
  );
  expect(made).toEqual(Array(3).fill(expect.stringMatching(/^req_[0-9a-f]{32}$/)));
  expect(new Set(made).size).toBe(3);
});
