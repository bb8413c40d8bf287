import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { SseFrame } from '../../sse/frame.ts';
import type { ErrorContext, ErrorReply } from '../dialect.ts';
import { openAiErrors, retryAfterSeconds, type OpenAiError } from '../openaiErrors.ts';
import { contextLengthCode, describeFailure, rateLimitCode } from './responseFailure.ts';
import { createResponseObject } from './responseObject.ts';

/** As specified in contract.md's error table. */
export function writeError(error: GatewayError, context: ErrorContext): ErrorReply {
  return context.client === 'codex' ? writeCodexError(error, context) : writeSdkError(error);
}

function writeSdkError(error: GatewayError): ErrorReply {
  const { status, type, code } = httpErrors[error.kind];
  return {
    type: 'json',
    status,
    headers: retryHeaders(error),
    body: errorBody(error, type, clientCode(error) ?? code),
  };
}

/** An invalid request keeps its more specific code, such as `previous_response_not_found`. */
function clientCode({ kind, details }: GatewayError): string | undefined {
  return kind === 'invalid-request' ? details.code : undefined;
}

/**
 * Codex (0.169, measured) shows the raw body of a 400 once, and retries a 429 if it says when. It retries any other status up
 * to 30 times, so the remaining errors go out as a stream that fails with `invalid_prompt`, which it shows once, verbatim.
 */
function writeCodexError(error: GatewayError, context: ErrorContext): ErrorReply {
  const { type, status } = httpErrors[error.kind];
  switch (error.kind) {
    case 'invalid-request':
    case 'unsupported':
    case 'too-large':
      return { type: 'text', status: 400, headers: {}, body: error.message };
    case 'context-length':
      return { type: 'json', status: 400, headers: {}, body: errorBody(error, type, contextLengthCode) };
    case 'rate-limited':
      return { type: 'json', status, headers: retryHeaders(error), body: errorBody(error, type, rateLimitCode) };
    default:
      return context.stream ? { type: 'stream', frames: failedStream(error, context) } : writeSdkError(error);
  }
}

function failedStream(error: GatewayError, context: ErrorContext): SseFrame[] {
  const write = createResponseObject(context, context.newId('resp'));
  const begun = write({ status: 'in_progress' });
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    {
      type: 'response.failed',
      response: write({ status: 'failed', error: describeFailure(error, context.client, false) }),
    },
  ];
  return events.map(({ type, response }, index) => ({
    event: type,
    data: JSON.stringify({ type, sequence_number: index, response }),
  }));
}

function retryHeaders({ kind, details }: GatewayError): Record<string, string> {
  if (kind !== 'rate-limited' && details.retryAfterMs === undefined) return {};
  return { 'retry-after': String(retryAfterSeconds(details.retryAfterMs)) };
}

function errorBody(error: GatewayError, type: string, code: string): JsonObject {
  return { error: { message: error.message, type, param: error.details.param ?? null, code } };
}

const httpErrors: Record<ErrorKind, OpenAiError> = {
  ...openAiErrors,
  'invalid-request': { status: 400, type: 'invalid_request_error', code: 'invalid_request' },
  permission: { status: 403, type: 'permission_error', code: 'permission_denied' },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  stopped: { status: 403, type: 'permission_error', code: 'stopped' },
  cancelled: { status: 499, type: 'server_error', code: 'cancelled' },
};
