import type { ErrorKind } from '../canonical/errors.ts';

/** The status and fields of an error response of OpenAI's APIs. `code` is meant for programs. */
export type OpenAiError = { status: number; type: string; code: string };

/** The kinds that Chat Completions and Responses report alike (contract.md, "Attempts, failover, time", column "other"). */
export const openAiErrors = {
  unsupported: { status: 400, type: 'invalid_request_error', code: 'unsupported' },
  'context-length': { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  'too-large': { status: 413, type: 'invalid_request_error', code: 'request_too_large' },
  auth: { status: 401, type: 'authentication_error', code: 'invalid_api_key' },
  'rate-limited': { status: 429, type: 'rate_limit_error', code: 'rate_limited' },
  overloaded: { status: 503, type: 'server_error', code: 'overloaded' },
  timeout: { status: 504, type: 'server_error', code: 'timeout' },
  connection: { status: 502, type: 'server_error', code: 'connection_failed' },
  upstream: { status: 502, type: 'server_error', code: 'upstream_error' },
  protocol: { status: 502, type: 'server_error', code: 'upstream_protocol_error' },
  empty: { status: 502, type: 'server_error', code: 'empty_answer' },
  internal: { status: 500, type: 'server_error', code: 'internal_error' },
} as const satisfies Partial<Record<ErrorKind, OpenAiError>>;

/**
 * Seconds to wait if no provider named a time: without a Retry-After header, Codex gives up at once and hides the error's text.
 */
const defaultRetryAfter = 5;

/** The value of a Retry-After header: whole seconds, at least one, so that no client retries at once. */
export function retryAfterSeconds(retryAfterMs: number | undefined): number {
  return retryAfterMs === undefined ? defaultRetryAfter : Math.max(1, Math.ceil(retryAfterMs / 1000));
}
