/** A refused request. The provider's profile turns it into that provider's error body. */
export class Refusal extends Error {
  readonly status: number;
  /** The provider's own code or type, where it has one for this case. */
  readonly code: string | undefined;

  constructor(message: string, status = 400, code?: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}
