import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ErrorContext, ErrorReply } from '../dialect.ts';
import { openAiErrors, retryAfterSeconds } from '../openaiErrors.ts';

/** `code` is for programs. Null passes on the provider's own code. */
type Shape = { status: number; type: string; code: string | null };

/** As specified in contract.md, "Attempts, failover, time", column "other". */
const shapes: Record<ErrorKind, Shape> = {
  ...openAiErrors,
  'invalid-request': { status: 400, type: 'invalid_request_error', code: null },
  permission: { status: 403, type: 'permission_error', code: null },
  'not-found': { status: 404, type: 'not_found_error', code: 'model_not_found' },
  stopped: { status: 403, type: 'permission_error', code: 'stopped' },
  cancelled: { status: 499, type: 'cancelled', code: 'cancelled' },
};

export function writeError(error: GatewayError, context: ErrorContext): ErrorReply {
  const { status } = shapes[error.kind];
  if (context.client === 'codex' && !codexUnderstands(error.kind)) {
    return { type: 'text', status: 400, headers: {}, body: error.message };
  }
  return { type: 'json', status, headers: retryHeaders(error, status), body: { error: writeErrorObject(error) } };
}

/**
 * Codex, which also speaks Chat Completions up to 0.94, retries most statuses up to 30 times and replaces our text with its own.
 * It shows the body of a 400 once and unchanged, so other errors go out as a 400. Rate limits keep their status, since retrying
 * them is right, and so does a full context, whose code Codex knows.
 */
function codexUnderstands(kind: ErrorKind): boolean {
  return kind === 'rate-limited' || kind === 'context-length' || kind === 'cancelled';
}

/** The `error` object of a body and of a stream's last frame. */
export function writeErrorObject(error: GatewayError): JsonObject {
  const { type, code } = shapes[error.kind];
  return { message: error.message, type, param: error.details.param ?? null, code: code ?? error.details.code ?? null };
}

function retryHeaders({ kind, details }: GatewayError, status: number): Record<string, string> {
  const isTimed = kind === 'quota' || status === 503;
  if (kind !== 'rate-limited' && (!isTimed || details.retryAfterMs === undefined)) return {};
  return { 'retry-after': String(retryAfterSeconds(details.retryAfterMs)) };
}
