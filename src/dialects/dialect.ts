import type { GatewayError } from '../canonical/errors.ts';
import type { ErrorReading } from '../canonical/providerError.ts';
import type { Delta, Reply, StreamEvent } from '../canonical/events.ts';
import type { ChatRequest, DialectId, JsonObject } from '../canonical/request.ts';
import type { Sink } from '../canonical/stage.ts';
import type { Opener, Sealer } from '../reasoning/sealer.ts';
import type { FrameRun, ReadFrame, SseFrame } from '../sse/frame.ts';

/** The client program, detected from the headers by the server: Codex and Claude Code each display errors differently. */
export type ClientKind = 'codex' | 'claude-code' | 'other';

/** What a writer needs to know about the request that it answers. Time and ids are passed in to keep goldens stable. */
export type ReplyContext = {
  /** The model name that the client requested. The model that answered is in the response headers. */
  model: string;
  request: ChatRequest;
  client: ClientKind;
  /** Seals data that clients store for us in opaque text fields. */
  sealer: Sealer;
  /** Unix time in seconds. */
  createdAt: number;
  /** The reply's id, if the client may refer to it later. Otherwise the writer generates one. */
  replyId?: string | undefined;
  /** A new id such as `resp_…`. `prefix` has no underscore. */
  newId(prefix: string): string;
};

/** The writer of a client's stream. */
export type StreamWriter = {
  push(event: StreamEvent): void;
  end(): void;
  /** Ends the stream with an error event, as the dialect requires. Later calls do nothing. */
  fail(error: GatewayError): void;
  /** Writes a keep-alive frame. Opens the stream if nothing has been written yet. */
  keepAlive(): void;
  /**
   * Registers a provider's frame that is relayed to the client, so that frames written later continue from it. Returns the
   * frame adjusted to continue from what was written before.
   */
  adoptFrame?(frame: SseFrame): SseFrame;
  /** The same for a run of them. False if it can't continue as it is: then its events come each for itself. */
  adoptRun?(run: FrameRun): boolean;
};

/** What is known about a request that fails, which may have been unreadable. */
export type ErrorContext = Pick<ReplyContext, 'client' | 'createdAt' | 'newId' | 'model'> & { stream: boolean };

/**
 * An error response, possible until the first byte is sent. `stream` is a 200 whose frames carry the error: only then does
 * Codex show exactly our text and not retry. `text` is a plain body, which Codex shows as it is.
 */
export type ErrorReply =
  | { type: 'json'; status: number; headers: Record<string, string>; body: JsonObject }
  | { type: 'text'; status: number; headers: Record<string, string>; body: string }
  | { type: 'stream'; frames: SseFrame[] };

/** What a reply contained before it ended. */
export type ContentSeen = { content: boolean; calls: boolean };

/** How one provider's replies depart from the dialect. */
export type ReadOptions = {
  /** Edits each frame's JSON, or the whole reply's, before the dialect reads it. */
  editJson?: ((json: JsonObject) => JsonObject) | undefined;
  errors?: ErrorReading | undefined;
  /** Takes what of the reply could not be read, as a sentence. */
  warn?: ((message: string) => void) | undefined;
};

export interface Dialect {
  readonly id: DialectId;
  /** The path of this dialect's endpoint, relative to a provider's base URL. */
  readonly path: string;
  /** Replaces references to earlier replies in the body by their content. `read` returns a reply as its client got it, by id. */
  resolveReferences?(body: unknown, read: (replyId: string) => JsonObject | undefined): unknown;
  /**
   * `opener` opens our sealed envelopes that clients send back. Neither the request nor its `source` contains an envelope
   * afterwards, so no provider gets one. Envelopes that can't be opened are dropped.
   * @throws GatewayError `invalid-request`, naming the field.
   */
  readRequest(body: unknown, opener: Opener): ChatRequest;
  /** The body for a provider. `model` is the provider's name for the model. */
  writeRequest(request: ChatRequest, model: string): JsonObject;
  /**
   * The body for a relay: a copy of the client's JSON (`request.source.body`) with the provider's model name, the preset's
   * parameters that the client did not set, and the stream options that the gateway needs. All else is unchanged.
   */
  patchSource(source: JsonObject, request: ChatRequest, model: string): JsonObject;
  /** Whether providers accept the client's JSON unchanged. They refuse, for example, a history with tool results out of order. */
  canRelay(request: ChatRequest): boolean;
  /**
   * Prepares a provider's frame for a client of the same dialect: sets the model name that the client requested and removes
   * what it did not request. Undefined if the client must not get the frame.
   */
  relayFrame(frame: SseFrame, context: ReplyContext): SseFrame | undefined;
  /** Whether the fields of a provider's whole reply have types that clients can read. Absent: always. */
  canRelayReply?(body: unknown): boolean;
  /** A `Stage` that may know the provider that it reads from. */
  streamReader(emit: (delta: Delta) => void, options?: ReadOptions): Sink<ReadFrame>;
  streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter;
  /** Reads a provider's whole reply as deltas that end with finish and done. An error inside a 200 becomes an error delta. */
  readReply(body: unknown, options?: ReadOptions): Delta[];
  writeReply(reply: Reply, context: ReplyContext): JsonObject;
  /** The error in the client's dialect, following contract.md's error table. */
  writeError(error: GatewayError, context: ErrorContext): ErrorReply;
}
