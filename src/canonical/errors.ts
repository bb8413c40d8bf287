import type { Remedy } from './remedies.ts';
import { oneLine, visibleText } from './visibleText.ts';

/**
 * Decides how a failure is handled: retries, failover and the client's status depend on the kind, never on the message.
 */
export type ErrorKind =
  | 'invalid-request'
  | 'auth'
  | 'permission'
  /** The account has no credit, an unpaid bill, or has used up its allowance: its other keys and other providers may work. */
  | 'quota'
  | 'not-found'
  | 'too-large'
  | 'context-length'
  | 'unsupported'
  | 'rate-limited'
  | 'overloaded'
  | 'timeout'
  | 'connection'
  | 'upstream'
  | 'protocol'
  | 'empty'
  /** CCR ended the turn by a limit of the config: nothing is wrong with the request or a provider. */
  | 'stopped'
  | 'cancelled'
  | 'internal';

export type ErrorDetails = {
  /** HTTP status that the provider answered with. */
  status?: number | undefined;
  /** The provider's own error code, for users to look up. */
  code?: string | undefined;
  /** The wire field at fault. */
  param?: string | undefined;
  /** Milliseconds after which the provider accepts another request. */
  retryAfterMs?: number | undefined;
  /** The time limit that was hit: for the first event, for silence within the stream, or for the whole attempt. */
  stage?: 'first-event' | 'idle' | 'total' | undefined;
  /**
   * The part of the request that the provider rejected, if the request works without it: proofs of reasoning that another
   * provider made, or a reasoning effort that the model lacks.
   */
  rejected?: 'proofs' | 'effort' | undefined;
  /** A content filter refused the request or the answer. */
  filtered?: boolean | undefined;
  /** The message is CCR's own from end to end, without a quotation, so logs show it whole. */
  isOwn?: boolean | undefined;
  /** Changes to the request after which the same target may accept it. */
  remedies?: readonly Remedy[] | undefined;
  cause?: unknown;
};

/** The messages of several targets are joined; one provider's is far shorter. Characters. */
const longestMessage = 32_000;

/** A code or the path of a field. Characters. */
const longestName = 300;

/**
 * The gateway's only error type. The message is for users: what happened, to which provider, what to do. It may quote a
 * client or a provider, and ends in terminals and logs: its texts are bounded and hold no control characters but line breaks.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(visibleText(message, longestMessage), details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.details = { ...details, ...visibleNames(details) };
  }
}

function visibleNames({ code, param }: ErrorDetails): ErrorDetails {
  return {
    ...(code === undefined ? {} : { code: oneLine(code, longestName) }),
    ...(param === undefined ? {} : { param: oneLine(param, longestName) }),
  };
}

/** Anything thrown, as a GatewayError. Other errors are defects of CCR and become `internal`. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', `CCR failed on this request: ${messageOf(thrown)}`, { cause: thrown });
}

/** The message of anything thrown, which need not be an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
