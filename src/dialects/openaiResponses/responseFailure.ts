import type { GatewayError } from '../../canonical/errors.ts';
import type { ClientKind } from '../dialect.ts';
import { retryAfterSeconds } from '../openaiErrors.ts';

export type ResponseError = { code: string; message: string };

/**
 * The error of a `response.failed` event. Codex acts on the code alone: it shows `invalid_prompt` once, verbatim; it retries
 * `rate_limit_exceeded` after the time given in the message; it retries unknown codes such as `server_error` at once, which
 * is what an interrupted answer needs.
 */
export function describeFailure(error: GatewayError, client: ClientKind, afterContent: boolean): ResponseError {
  const code = afterContent ? 'server_error' : failureCode(error, client);
  return { code, message: code === rateLimitCode ? withRetryHint(error) : error.message };
}

export const rateLimitCode = 'rate_limit_exceeded';
export const contextLengthCode = 'context_length_exceeded';

function failureCode(error: GatewayError, client: ClientKind): string {
  switch (error.kind) {
    case 'rate-limited':
      return client === 'codex' && isLong(error) ? 'invalid_prompt' : rateLimitCode;
    case 'context-length':
      return contextLengthCode;
    case 'invalid-request':
    case 'unsupported':
    case 'too-large':
      return 'invalid_prompt';
    case 'auth':
    case 'permission':
    case 'quota':
    case 'not-found':
    case 'overloaded':
    case 'timeout':
    case 'connection':
    case 'upstream':
    case 'protocol':
    case 'empty':
    case 'stopped':
    case 'cancelled':
    case 'internal':
      return client === 'codex' ? 'invalid_prompt' : 'server_error';
    default:
      return error.kind satisfies never;
  }
}

/** Longer waits are for people to read in the provider's own words: Codex would sleep for them. Milliseconds. */
const longestHintMs = 3_600_000;

function isLong({ details }: Pick<GatewayError, 'details'>): boolean {
  return (details.retryAfterMs ?? 0) > longestHintMs;
}

/** Codex parses the time to wait from the message. */
function withRetryHint({ message, details }: GatewayError): string {
  if (details.retryAfterMs === undefined || isLong({ details }) || /try again in \d/i.test(message)) return message;
  return `${message} Please try again in ${retryAfterSeconds(details.retryAfterMs)}s.`;
}
