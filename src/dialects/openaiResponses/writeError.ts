import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { SseFrame } from '../../sse.ts';
import type { ErrorContext, ErrorReply } from '../dialect.ts';
import { openAiErrors, type OpenAiError } from '../openaiErrors.ts';
import { contextLengthCode, describeFailure, rateLimitCode, retryAfterSeconds } from './responseFailure.ts';
import { createResponseObject } from './responseObject.ts';

/** Seconds to wait where no provider named a time. Without any, Codex gives up at once and hides the text. */
const defaultRetryAfter = 5;

/** By contract.md's error table. */
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

/** What is wrong with a request is best said by the one who found it: `previous_response_not_found`. */
function clientCode({ kind, details }: GatewayError): string | undefined {
  return kind === 'invalid-request' ? details.code : undefined;
}

/**
 * Codex (0.169, measured): a 400 is shown as its raw body, once; a 429 is tried again if it says when; any other status is
 * tried up to 30 times, so the rest goes out as a stream that fails with `invalid_prompt`, shown once, word for word.
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
  if (details.retryAfterMs !== undefined) return { 'retry-after': String(retryAfterSeconds(details.retryAfterMs)) };
  return kind === 'rate-limited' ? { 'retry-after': String(defaultRetryAfter) } : {};
}

function errorBody(error: GatewayError, type: string, code: string): JsonObject {
  return { error: { message: error.message, type, param: error.details.param ?? null, code } };
}

const httpErrors: Record<ErrorKind, OpenAiError> = {
  ...openAiErrors,
  'invalid-request': { status: 400, type: 'invalid_request_error', code: 'invalid_request' },
  permission: { status: 403, type: 'permission_error', code: 'permission_denied' },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  cancelled: { status: 499, type: 'server_error', code: 'cancelled' },
};
