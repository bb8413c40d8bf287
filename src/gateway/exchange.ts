import type { ClientKind, Dialect } from '../dialects/dialect.ts';
import type { Pieces } from '../sse/pieces.ts';
import type { RequestCapture } from './requestCapture.ts';

/** The way back to the client, which keeps the gateway independent of the HTTP server. */
export type ClientResponse = {
  /** Whether status and headers were sent, after which an error can only go into the stream. */
  isOpen(): boolean;
  open(status: number, headers: Record<string, string>): void;
  /** Writes text that holds `frames` frames. Returns a promise while the client is too slow; it resolves on drain. */
  write(text: string | Pieces, frames: number): Promise<void> | undefined;
  end(text?: string | Pieces): void;
};

/** An authenticated and parsed request of a client, with the way to answer it. */
export type Exchange = {
  id: string;
  dialect: Dialect;
  client: ClientKind;
  /** Tells clients apart, so that one can't take all places. */
  caller?: string | undefined;
  body: unknown;
  /** The body is so long that others get a turn between the steps of the request. */
  isLong?: boolean | undefined;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** From the URL. */
  preset?: string | undefined;
  scope?: string | undefined;
  /** The URL's query with its question mark; may be empty. */
  query: string;
  /** Aborts when the client disconnects. */
  signal: AbortSignal;
  response: ClientResponse;
  /** Copies what happens to the request, for `DebugCapture`. */
  capture?: RequestCapture | undefined;
};
