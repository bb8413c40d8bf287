import type { JsonObject } from './json.ts';
import type { Refusal } from './refusal.ts';
import type { Conversation, Turn } from './turn.ts';

/** One write to the client. `content` marks those that carry reasoning, text or a tool call. */
export type Frame = { text: string; content: boolean };

/** A turn that the stand-in has sent, kept to check what the client sends back. */
export type SentTurn = {
  turn: Turn;
  callIds: string[];
  /** The provider's own form of the reasoning, where it must come back in that form. */
  proof?: unknown;
};

/** How one assistant turn in a request compares with what was sent. */
export type Replay = {
  /** Its index in `messages` or `input`. */
  index: number;
  sent: string;
  /** undefined: the client sent no reasoning back. */
  received: string | undefined;
  verbatim: boolean;
};

export type Reply = {
  turn: Turn;
  callIds: string[];
  id: string;
  model: string;
  /** Tokens, roughly a quarter of the characters. */
  usage: { prompt: number; cached: number; reasoning: number; completion: number };
  body: JsonObject;
  /** The result of the profile's `proof` for this turn. */
  proof: unknown;
  /** Cuts a text into pieces of this stand-in's configured sizes. */
  pieces: (text: string) => string[];
};

/** A provider: what it refuses and how it answers. Pure functions; the server in standIn.ts does the I/O. */
export type Profile = {
  path: '/chat/completions' | '/responses' | '/messages';
  /** The header that carries the bare key. Absent: the key is a bearer token. */
  keyHeader?: string;
  /** Whether a streamed request is refused inside a stream with status 200. */
  refusesInStream?: boolean;
  /** Throws a Refusal. */
  check: (body: JsonObject, sent: readonly SentTurn[]) => void;
  read: (body: JsonObject) => Conversation;
  replays: (body: JsonObject, sent: readonly SentTurn[]) => Replay[];
  callId: (call: { name: string; index: number; serial: number; body: JsonObject }) => string;
  /** `id` and `model` are the reply's: a signature is bound to them. */
  proof: (turn: Turn, reply: { id: string; model: string }) => unknown;
  /** The body of an HTTP error: JSON, or a string that is sent as it is. */
  errorBody: (refusal: Refusal, body: JsonObject) => unknown;
  /** The whole stream of a good answer, end marker included. */
  frames: (reply: Reply) => Frame[];
  /** The error shape inside a stream that began well. */
  errorFrame: (refusal: Refusal) => Frame;
  replyBody: (reply: Reply) => unknown;
};

export function dataFrame(payload: unknown, content = false): Frame {
  return { text: `data: ${JSON.stringify(payload)}\n\n`, content };
}
