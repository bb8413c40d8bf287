import type { IncomingMessage } from 'node:http';
import type { Gateway } from '../gateway/gateway.ts';
import type { Address } from './address.ts';

/** The answer to `GET` and `DELETE /v1/responses/{id}` in OpenAI's shape; undefined when that was not asked. */
export function answerStored(
  { method }: IncomingMessage,
  { path }: Address,
  stored: Gateway['stored'],
): { status: number; body: object } | undefined {
  const id = /^\/responses\/([\w-]+)$/.exec(path)?.[1];
  if (id === undefined || (method !== 'GET' && method !== 'DELETE')) return undefined;
  const found = method === 'GET' ? stored.read(id) : stored.remove(id) && { id, object: 'response', deleted: true };
  if (found) return { status: 200, body: found };
  const message = `Response with id '${id}' not found. CCR keeps the latest responses that were to be stored, in memory.`;
  return {
    status: 404,
    body: { error: { message, type: 'invalid_request_error', param: 'response_id', code: 'response_not_found' } },
  };
}
