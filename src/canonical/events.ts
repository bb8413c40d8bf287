import type { GatewayError } from './errors.ts';
import type { DialectId, JsonObject, Proof, ToolIdentity } from './request.ts';

/** Tokens. `inputTokens` includes the cached ones, `outputTokens` the reasoning ones. */
export type Usage = {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens?: number | undefined;
  cacheWriteTokens?: number | undefined;
  reasoningTokens?: number | undefined;
};

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter';

/** What a text refers to, as its dialect puts it: others leave it out. */
export type Citations = { dialect: DialectId; items: JsonObject[] };

/**
 * What a reader of a provider's stream yields. `key` names the block that a delta belongs to; keys are the reader's own
 * and mean nothing outside it. Nothing is promised about order: frameBlocks makes it well formed.
 */
export type Delta =
  | { type: 'start'; id?: string | undefined; model?: string | undefined }
  | { type: 'text-delta'; key: string; text: string; phase?: string | undefined }
  | { type: 'reasoning-delta'; key: string; text: string }
  | { type: 'refusal-delta'; key: string; text: string }
  | ToolDelta
  | { type: 'block-end'; key: string; proof?: Proof | undefined; citations?: Citations | undefined }
  | { type: 'native'; key: string; dialect: DialectId; json: JsonObject }
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
  | { type: 'native'; dialect: DialectId; json: JsonObject };

/** What a writer of a client's stream receives: every start has one end, prose blocks never overlap, finish is last. */
export type StreamEvent =
  | { type: 'start' }
  | { type: 'block-start'; index: number; block: Block }
  | { type: 'block-delta'; index: number; text: string }
  | { type: 'block-end'; index: number; proof?: Proof | undefined; citations?: Citations | undefined }
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
  /** Of those that the client named, the one that ended the answer. */
  stopSequence?: string | undefined;
  usage?: Usage | undefined;
};

export type ReplyBlock = Block & {
  text: string;
  proof?: Proof | undefined;
  citations?: Citations | undefined;
};
