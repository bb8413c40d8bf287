import type { GatewayError } from './errors.ts';
import type { DialectId, JsonObject, Proof, ToolIdentity } from './request.ts';
import type { WrittenText } from './writtenText.ts';

/** Tokens. `inputTokens` includes the cached ones, `outputTokens` the reasoning ones. */
export type Usage = {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens?: number | undefined;
  cacheWriteTokens?: number | undefined;
  /** The part of `cacheWriteTokens` that the cache keeps for an hour. */
  cacheWriteHourTokens?: number | undefined;
  reasoningTokens?: number | undefined;
  /** The cost of the answer as the provider reports it. USD. */
  costUsd?: number | undefined;
};

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter';

/** A page that a text refers to. `start` and `end` are characters of the block's text: the passage that it supports. */
export type Link = {
  url: string;
  title?: string | undefined;
  start?: number | undefined;
  end?: number | undefined;
};

/**
 * What a text refers to: `links` for every dialect, `items` as the provider's dialect has them, and `fields` of the whole
 * reply that belong to it (Perplexity's `search_results`).
 */
export type Citations = { dialect: DialectId; items: JsonObject[]; links: Link[]; fields?: JsonObject | undefined };

/** An image or a sound in an answer. `own` is its form in the provider's dialect. */
export type Media = {
  kind: 'image' | 'audio';
  /** A link or a data URL. */
  url?: string | undefined;
  /** What is said in a sound. */
  transcript?: string | undefined;
  own: { dialect: DialectId; json: JsonObject };
};

/**
 * What a reader of a provider's stream yields. `key` names the block that a delta belongs to; keys are the reader's own
 * and mean nothing outside it. Nothing is promised about order: frameBlocks makes it well formed.
 */
export type Delta =
  | { type: 'start'; id?: string | undefined; model?: string | undefined }
  | { type: 'text-delta'; key: string; text: string; phase?: string | undefined; written?: WrittenText | undefined }
  | { type: 'reasoning-delta'; key: string; text: string; written?: WrittenText | undefined }
  | { type: 'refusal-delta'; key: string; text: string }
  | ToolDelta
  | {
      type: 'block-end';
      key: string;
      proof?: Proof | undefined;
      citations?: Citations | undefined;
      /** For a call: its whole input, if that differs from the deltas. It takes precedence over them. */
      input?: string | undefined;
    }
  | { type: 'native'; key: string; dialect: DialectId; json: JsonObject }
  | { type: 'media'; key: string; media: Media }
  /** The probabilities of tokens of the text or refusal with this key, in the form that both OpenAI dialects share. */
  | { type: 'logprobs'; key: string; tokens: JsonObject[] }
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; reason: FinishReason; raw: string; stopSequence?: string | undefined }
  | { type: 'done' }
  | { type: 'error'; error: GatewayError };

export type DeltaOf<Type extends Delta['type']> = Extract<Delta, { type: Type }>;

/** Id and name come with the first delta of a call or later, once each. `kind` defaults to function. */
export type ToolDelta = {
  type: 'tool-delta';
  key: string;
  id?: string | undefined;
  name?: string | undefined;
  namespace?: string | undefined;
  kind?: ToolIdentity['kind'] | undefined;
  text: string;
};

/** A block as its writer needs to know it when it opens. */
export type Block =
  | { type: 'text'; phase?: string | undefined }
  | { type: 'reasoning' }
  | { type: 'refusal' }
  | ({ type: 'tool-call'; id: string } & ToolIdentity)
  | { type: 'native'; dialect: DialectId; json: JsonObject }
  | { type: 'media'; media: Media };

/** What a writer of a client's stream receives: every start has one end, prose blocks never overlap, finish is last. */
export type StreamEvent =
  | { type: 'start' }
  | { type: 'block-start'; index: number; block: Block }
  | { type: 'block-delta'; index: number; text: string; written?: WrittenText | undefined }
  | { type: 'logprobs'; index: number; tokens: JsonObject[] }
  | {
      type: 'block-end';
      index: number;
      proof?: Proof | undefined;
      citations?: Citations | undefined;
      /** See Delta. A writer that has sent the deltas can't take them back. */
      input?: string | undefined;
    }
  | {
      type: 'finish';
      reason: FinishReason;
      raw: string;
      stopSequence?: string | undefined;
      usage?: Usage | undefined;
    };

/** A whole reply, for clients that do not stream. */
export type Reply = {
  blocks: ReplyBlock[];
  finish: FinishReason;
  /** The client's stop sequence that ended the answer. */
  stopSequence?: string | undefined;
  usage?: Usage | undefined;
};

export type ReplyBlock = Block & {
  text: string;
  proof?: Proof | undefined;
  citations?: Citations | undefined;
  logprobs?: JsonObject[] | undefined;
};
