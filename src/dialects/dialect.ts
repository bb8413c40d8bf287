import type { GatewayError } from '../canonical/errors.ts';
import type { ErrorReading } from '../canonical/providerError.ts';
import type { Delta, Reply, StreamEvent } from '../canonical/events.ts';
import type { ChatRequest, DialectId, JsonObject } from '../canonical/request.ts';
import type { Sink } from '../canonical/stage.ts';
import type { Opener, Sealer } from '../reasoning/sealer.ts';
import type { SseFrame } from '../sse.ts';

/** Who asks, since Codex and Claude Code each show errors in a way of their own. Found from the headers by the server. */
export type ClientKind = 'codex' | 'claude-code' | 'other';

/** What a writer needs to know of the request that it answers. Time and ids are given, so goldens are stable. */
export type ReplyContext = {
  /** The model name that the client asked for: what really answered is in the headers. */
  model: string;
  request: ChatRequest;
  client: ClientKind;
  /** For what clients keep for us in fields that hold an opaque text. */
  sealer: Sealer;
  /** Unix time in seconds. */
  createdAt: number;
  /** The id of a reply that the client may refer to later; without it the writer makes one up. */
  replyId?: string | undefined;
  /** A fresh id such as `resp_…`; `prefix` is without the underscore. */
  newId(prefix: string): string;
};

/** The writer of a client's stream. */
export type StreamWriter = {
  push(event: StreamEvent): void;
  end(): void;
  /** Closes what is open in the stream's own terms and tells the client what went wrong. Nothing follows. */
  fail(error: GatewayError): void;
  /** Says that the gateway is alive; before anything else was written it opens the stream. */
  keepAlive(): void;
  /**
   * A provider's own frame goes out in a relay: what the writer has to say later goes on from there. Returns the frame as it
   * goes on from what the writer has said.
   */
  adoptFrame?(frame: SseFrame): SseFrame;
};

/** What is known of a request that may not even have been readable. */
export type ErrorContext = Pick<ReplyContext, 'client' | 'createdAt' | 'newId' | 'model'> & { stream: boolean };

/**
 * An error before any byte was sent. `stream` is a 200 whose frames carry the error: Codex shows exactly our text then,
 * and only then, without retrying. `text` is a plain body, which Codex shows raw.
 */
export type ErrorReply =
  | { type: 'json'; status: number; headers: Record<string, string>; body: JsonObject }
  | { type: 'text'; status: number; headers: Record<string, string>; body: string }
  | { type: 'stream'; frames: SseFrame[] };

/** How one provider's replies depart from the dialect. */
export type ReadOptions = {
  /** Edits each frame's JSON, or the whole reply's, before the dialect reads it. */
  editJson?: ((json: JsonObject) => JsonObject) | undefined;
  errors?: ErrorReading | undefined;
};

export interface Dialect {
  readonly id: DialectId;
  /** Where a provider serves this dialect, below its base URL. */
  readonly path: string;
  /** The body with what it only names of earlier replies in its place. `read` is a reply as its client got it, by its id. */
  resolveReferences?(body: unknown, read: (replyId: string) => JsonObject | undefined): unknown;
  /**
   * `opener` opens the envelopes of ours that clients echo. Nothing of the request, its `source` included, holds one
   * afterwards, and what can't be opened counts for nothing: no provider ever gets an envelope.
   * @throws GatewayError `invalid-request`, naming the field.
   */
  readRequest(body: unknown, opener: Opener): ChatRequest;
  /** The body for a provider. `model` is the provider's own name for it. */
  writeRequest(request: ChatRequest, model: string): JsonObject;
  /**
   * The body for a relay: a copy of the client's own JSON (`request.source.body`) with the provider's model name, what a
   * preset sets and the client does not, and the stream options that the gateway needs. Nothing else is touched.
   */
  patchSource(source: JsonObject, request: ChatRequest, model: string): JsonObject;
  /** Whether a provider would take the client's own JSON as it stands: its history may be in an order that none accepts. */
  canRelay(request: ChatRequest): boolean;
  /**
   * A provider's own frame as a client of the same dialect gets it: under the model name that it asked for, and without
   * what it did not ask for. Undefined: the client does not get it.
   */
  relayFrame(frame: SseFrame, context: ReplyContext): SseFrame | undefined;
  /** A `Stage` that may know the provider that it reads from. */
  streamReader(emit: (delta: Delta) => void, options?: ReadOptions): Sink<SseFrame>;
  streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter;
  /** A provider's whole reply as the deltas of a stream, ending in finish and done; an error inside a 200 is an error delta. */
  readReply(body: unknown, options?: ReadOptions): Delta[];
  writeReply(reply: Reply, context: ReplyContext): JsonObject;
  /** In the client's dialect, by contract.md's error table. */
  writeError(error: GatewayError, context: ErrorContext): ErrorReply;
}
