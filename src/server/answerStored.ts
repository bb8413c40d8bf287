import type { Gateway } from '../gateway/gateway.ts';

/** The answer to `GET` and `DELETE /v1/responses/{id}`, in OpenAI's format. */
export function answerStored(
  method: 'GET' | 'DELETE',
  id: string,
  stored: Gateway['stored'],
): { status: number; body: object } {
  const found = method === 'GET' ? stored.read(id) : stored.remove(id) && { id, object: 'response', deleted: true };
  if (found) return { status: 200, body: found };
  const message = `Response with id '${id}' not found. CCR keeps only the latest responses with "store": true.`;
  return {
    status: 404,
    body: { error: { message, type: 'invalid_request_error', param: 'response_id', code: 'response_not_found' } },
  };
}
