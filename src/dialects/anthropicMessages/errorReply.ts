import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ClientKind, ErrorContext, ErrorReply } from '../dialect.ts';

type Shape = { status: number; type: string };

/** Status and type for SDKs and other clients, from contract.md's error table. */
const shapes: Record<ErrorKind, Shape> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  unsupported: { status: 400, type: 'invalid_request_error' },
  'context-length': { status: 400, type: 'invalid_request_error' },
  'too-large': { status: 413, type: 'request_too_large' },
  auth: { status: 401, type: 'authentication_error' },
  permission: { status: 403, type: 'permission_error' },
  quota: { status: 403, type: 'billing_error' },
  'not-found': { status: 404, type: 'not_found_error' },
  'rate-limited': { status: 429, type: 'rate_limit_error' },
  overloaded: { status: 503, type: 'overloaded_error' },
  timeout: { status: 504, type: 'timeout_error' },
  connection: { status: 502, type: 'api_error' },
  upstream: { status: 502, type: 'api_error' },
  protocol: { status: 502, type: 'api_error' },
  empty: { status: 502, type: 'api_error' },
  stopped: { status: 403, type: 'permission_error' },
  cancelled: { status: 499, type: 'api_error' },
  internal: { status: 500, type: 'api_error' },
};

const permission: Shape = { status: 403, type: 'permission_error' };
const overloaded: Shape = { status: 529, type: 'overloaded_error' };

/**
 * Claude Code (2.1.330, measured) retries a 401 for 40 s and more, but shows a 403 at once, with "Failed to authenticate" before it,
 * and a 402 and a 412 at once without that. It asks six times after a 400.
 */
const claudeCodeShapes: Partial<Record<ErrorKind, Shape>> = {
  auth: permission,
  quota: { status: 402, type: 'billing_error' },
  stopped: { status: 412, type: 'permission_error' },
  overloaded,
  timeout: overloaded,
  connection: overloaded,
  upstream: overloaded,
  protocol: overloaded,
  empty: overloaded,
};

export const threadUnsupportedCode = 'thread_unsupported_request';

/** The wait if no provider specified one. Seconds. */
const defaultRetryAfter = 5;

/** The text at which Claude Code compacts the conversation. */
const tooLong = 'prompt is too long';

export function writeError(error: GatewayError, context: ErrorContext): ErrorReply {
  const { status } = shapeOf(error, context.client);
  return { type: 'json', status, headers: retryHeaders(error, status), body: writeErrorBody(error, context.client) };
}

/** The error as the body of a response, or as the `error` event of a stream. */
export function writeErrorBody(error: GatewayError, client: ClientKind): JsonObject {
  const message = error.kind === 'context-length' ? tooLongMessage(error.message) : error.message;
  return { type: 'error', error: { type: shapeOf(error, client).type, message, ...machineReadable(error) } };
}

/** The client reads the figures after its text, so the target's name goes to the end. */
function tooLongMessage(message: string): string {
  const [, target, words] = /^([^|]+?): (prompt is too long\b.*)$/is.exec(message) ?? [];
  if (target !== undefined) return `${words} (${target})`;
  return message.toLowerCase().startsWith(tooLong) ? message : `${tooLong}: ${message}`;
}

/** The SDK acts on this code only. Any other code comes from a provider and is left out. */
function machineReadable({ details }: GatewayError): JsonObject {
  if (details.code !== threadUnsupportedCode) return {};
  return { details: { error_code: threadUnsupportedCode, unsupported: ['thread'] } };
}

function shapeOf({ kind }: GatewayError, client: ClientKind): Shape {
  return (client === 'claude-code' ? claudeCodeShapes[kind] : undefined) ?? shapes[kind];
}

function retryHeaders({ kind, details }: GatewayError, status: number): Record<string, string> {
  const isTimed = kind === 'quota' || status === 503 || status === 529;
  const mayWait = kind === 'rate-limited' || (isTimed && details.retryAfterMs !== undefined);
  if (!mayWait) return {};
  const seconds = details.retryAfterMs === undefined ? defaultRetryAfter : Math.ceil(details.retryAfterMs / 1000);
  return { 'retry-after': String(Math.max(1, seconds)) };
}
