import type { IncomingHttpHeaders } from 'node:http';
import { visibleText } from '../canonical/visibleText.ts';
import { clientKind } from './requestHeaders.ts';

/** Why the server refuses a request before its dialect reads it. */
export type Refusal = { status: 400 | 401 | 403 | 404 | 405 | 415 | 500; message: string };

type Wording = { type: string; code: string | null };

const wordings: Record<Refusal['status'], Wording> = {
  400: { type: 'invalid_request_error', code: null },
  401: { type: 'authentication_error', code: 'invalid_api_key' },
  403: { type: 'permission_error', code: null },
  404: { type: 'not_found_error', code: 'not_found' },
  405: { type: 'invalid_request_error', code: null },
  415: { type: 'invalid_request_error', code: null },
  500: { type: 'server_error', code: 'internal' },
};

/** It may quote a header or a path. Characters. */
const longestMessage = 2000;

/** The refusal in the client's format: Anthropic's on its paths and for its clients, otherwise OpenAI's. */
export function refusalReply(
  refusal: Refusal,
  path: string,
  headers: IncomingHttpHeaders,
): { status: number; body: object } {
  const { type, code } = wordings[refusal.status];
  const message = visibleText(refusal.message, longestMessage);
  const isMessages = path === '/messages' || path.startsWith('/messages/') || 'anthropic-version' in headers;
  if (!isMessages) return { status: refusal.status, body: { error: { message, type, param: null, code } } };
  // After a 401, Claude Code (2.1.330, measured) retries for 40 s and more; it shows a 403 at once.
  if (refusal.status === 401 && clientKind(headers) === 'claude-code')
    return { status: 403, body: { type: 'error', error: { type: wordings[403].type, message } } };
  const name = refusal.status === 500 ? 'api_error' : type;
  return { status: refusal.status, body: { type: 'error', error: { type: name, message } } };
}
