import type { GatewayError } from '../../canonical/errors.ts';
import type { ClientKind } from '../dialect.ts';

export type Failure = { code: string; message: string };

/**
 * The error of a `response.failed`. What Codex does depends on the code alone: `invalid_prompt` is shown once, word for
 * word; `rate_limit_exceeded` is tried again after the time in its text; any code that it does not know, such as
 * `server_error`, is tried again at once, which is right when an answer broke off.
 */
export function describeFailure(error: GatewayError, client: ClientKind, afterContent: boolean): Failure {
  const code = afterContent ? 'server_error' : failureCode(error, client);
  return { code, message: code === rateLimitCode ? withRetryHint(error) : error.message };
}

export const rateLimitCode = 'rate_limit_exceeded';
export const contextLengthCode = 'context_length_exceeded';

function failureCode(error: GatewayError, client: ClientKind): string {
  switch (error.kind) {
    case 'rate-limited':
      return rateLimitCode;
    case 'context-length':
      return contextLengthCode;
    case 'invalid-request':
    case 'unsupported':
    case 'too-large':
      return 'invalid_prompt';
    case 'auth':
    case 'permission':
    case 'not-found':
    case 'overloaded':
    case 'timeout':
    case 'connection':
    case 'upstream':
    case 'protocol':
    case 'empty':
    case 'cancelled':
    case 'internal':
      return client === 'codex' ? 'invalid_prompt' : 'server_error';
    default:
      return error.kind satisfies never;
  }
}

/** Codex reads the time to wait out of the text. */
function withRetryHint({ message, details }: GatewayError): string {
  if (details.retryAfterMs === undefined || /try again in \d/i.test(message)) return message;
  return `${message} Please try again in ${retryAfterSeconds(details.retryAfterMs)}s.`;
}

/** Whole seconds, at least one: a client that comes back at once only makes it worse. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}
