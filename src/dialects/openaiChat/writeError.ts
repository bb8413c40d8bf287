import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ErrorContext, ErrorReply } from '../dialect.ts';
import { openAiErrors } from '../openaiErrors.ts';

/** `code` is what a program may look at; null leaves the provider's own. */
type Shape = { status: number; type: string; code: string | null };

/** By contract.md, "Attempts, failover, time", column "other". */
const shapes: Record<ErrorKind, Shape> = {
  ...openAiErrors,
  'invalid-request': { status: 400, type: 'invalid_request_error', code: null },
  permission: { status: 403, type: 'permission_error', code: null },
  'not-found': { status: 404, type: 'not_found_error', code: 'model_not_found' },
  cancelled: { status: 499, type: 'cancelled', code: 'cancelled' },
};

/** Seconds to wait where no provider named a time. Without any, Codex gives up at once and hides the text. */
const defaultRetryAfter = 5;

export function writeError(error: GatewayError, context: ErrorContext): ErrorReply {
  const { status } = shapes[error.kind];
  if (context.client === 'codex' && !codexUnderstands(error.kind)) {
    return { type: 'text', status: 400, headers: {}, body: error.message };
  }
  return { type: 'json', status, headers: retryHeaders(error, status), body: { error: writeErrorObject(error) } };
}

/**
 * Codex (up to 0.94 it speaks this wire too) retries most statuses up to thirty times and hides our text behind its own; a
 * 400 it shows once, its body as it is. A rate limit is worth its retries, and it knows the code of a full context.
 */
function codexUnderstands(kind: ErrorKind): boolean {
  return kind === 'rate-limited' || kind === 'context-length' || kind === 'cancelled';
}

/** The error as it stands in a body and in a stream. */
export function writeErrorObject(error: GatewayError): JsonObject {
  const { type, code } = shapes[error.kind];
  return { message: error.message, type, param: error.details.param ?? null, code: code ?? error.details.code ?? null };
}

function retryHeaders({ kind, details }: GatewayError, status: number): Record<string, string> {
  if (kind !== 'rate-limited' && (status !== 503 || details.retryAfterMs === undefined)) return {};
  const seconds = details.retryAfterMs === undefined ? defaultRetryAfter : Math.ceil(details.retryAfterMs / 1000);
  return { 'retry-after': String(Math.max(1, seconds)) };
}
