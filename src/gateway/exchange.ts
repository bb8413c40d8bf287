import type { ClientKind, Dialect } from '../dialects/dialect.ts';

/** The socket side of one answer, so that the gateway knows nothing of the HTTP server. */
export type ClientResponse = {
  /** Whether status and headers are out, so that an error can only be told within the stream. */
  readonly opened: boolean;
  open(status: number, headers: Record<string, string>): void;
  /** Writes text that holds `frames` frames. A promise comes back while the client is too far behind to be sent more. */
  write(text: string, frames: number): Promise<void> | undefined;
  end(text?: string): void;
};

/** One request of a client, authenticated and parsed, and the way back to it. */
export type Exchange = {
  id: string;
  dialect: Dialect;
  client: ClientKind;
  body: unknown;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** From the URL. */
  preset?: string | undefined;
  scope?: string | undefined;
  /** The URL's query with its question mark, or nothing. */
  query: string;
  /** Aborts when the client hangs up. */
  signal: AbortSignal;
  response: ClientResponse;
};
