/**
 * The one error of the gateway. Retry decides on `kind`, never on message text; the message is for the person who reads
 * it: what happened, to which provider, what to do.
 */
export type ErrorKind =
  | 'invalid-request'
  | 'auth'
  | 'permission'
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
  | 'cancelled'
  | 'internal';

export type ErrorDetails = {
  /** HTTP status that the provider answered with. */
  status?: number | undefined;
  /** The provider's own error code, for the person who looks it up. */
  code?: string | undefined;
  /** The wire field at fault. */
  param?: string | undefined;
  /** Milliseconds until the provider wants to be asked again. */
  retryAfterMs?: number | undefined;
  /** Which limit was hit: connecting, the first event, silence within the stream, or the whole attempt. */
  stage?: 'connect' | 'first-event' | 'idle' | 'total' | undefined;
  /**
   * What of the request was no good, when it can do without: proofs of reasoning that another provider made, or an
   * effort of reasoning that the model does not have.
   */
  rejected?: 'proofs' | 'effort' | undefined;
  /** `provider,model` that failed. */
  target?: string | undefined;
  cause?: unknown;
};

export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.details = details;
  }
}

/** Anything thrown, as a GatewayError. A stranger is a defect of ours and says so. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', `CCR failed on this request: ${messageOf(thrown)}`, { cause: thrown });
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
