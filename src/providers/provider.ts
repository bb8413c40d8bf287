import type { ChatRequest, DialectId, JsonObject } from '../canonical/request.ts';
import type { ErrorRule } from '../canonical/providerError.ts';
import type { Delta } from '../canonical/events.ts';
import type { Stage } from '../canonical/stage.ts';
import type { NameRule } from '../canonical/fittingName.ts';
import type { OpenerMemory } from '../reasoning/openerMemory.ts';
import type { NamedTransform } from '../transformers/transform.ts';
import type { Reduced } from './declarations.ts';

/** What a provider's API supports. Unsupported tools are flattened; unsupported hosted tools are dropped with a warning. */
export type Features = {
  customTools: boolean;
  namespaces: boolean;
  /** Which names of tools it takes. The others are rewritten, and restored in the reply. */
  toolNames: NameRule;
  /** The same for the names of a tool's parameters, at any depth. */
  parameterNames: NameRule;
  hostedTools: boolean;
  images: boolean;
  /** Whether it compacts conversations itself, into its own kind of item. */
  compaction: boolean;
};

/**
 * How the reasoning of earlier assistant turns is sent to the provider:
 * `required` in every turn once tools were used, empty if it was lost (DeepSeek);
 * `real` if it is available, never a placeholder (Kimi, GLM);
 * `named` the same, in the field `reasoning` (Ollama, vLLM);
 * `details` as the provider's own `reasoning_details`, verbatim (MiniMax, OpenRouter);
 * `content-parts` as thinking parts of the content (Mistral);
 * `extra-content` only its signatures, each on its own call (Gemini);
 * `none` not sent.
 * Messages and Responses use `real`; a provider that only accepts reasoning that it signed or encrypted itself uses
 * `keepProven`.
 */
export type ReasoningReplay = 'required' | 'real' | 'named' | 'details' | 'content-parts' | 'extra-content' | 'none';

/**
 * What of its replies a client of the same wire may get as it came. `frames`: its stream too, since it is known to write
 * well, and no quirk looks inside. `json`: whole replies in which nothing had to be repaired. The rest is read and rewritten.
 */
export type Relayed = 'frames' | 'json' | 'nothing';

export type Quirks = {
  /** Names of the transformers that apply to every request, for `ccr_transformer_applied_total`. */
  names: string[];
  replay: ReasoningReplay;
  /** An edit of the canonical request. Whatever it changes beyond parameters must drop `source`. */
  request?: (request: ChatRequest) => ChatRequest;
  /**
   * An edit of the wire body, relay or not. Returns a copy. `reduced` receives the name of each tool whose schema says less
   * than before.
   */
  body?: (body: JsonObject, reduced?: Reduced) => JsonObject;
  relays: Relayed;
  /** Leaves out what this surface of the wire does not take, except for `wanted`. Absent: it takes everything. */
  surface?: (body: JsonObject, wanted: readonly string[]) => JsonObject;
  /** An edit of the raw JSON of each frame or of the whole reply, before the dialect's reader. Absent: no cost. */
  editReply?: (json: JsonObject) => JsonObject;
  /** Consulted before the general classification of errors. */
  errors?: readonly ErrorRule[];
  /**
   * Stages between the dialect's reader and the canonical blocks. `opener` is absent where no opening tag can be missing:
   * the request turned thinking off.
   */
  deltas?: (opener?: OpenerMemory) => Stage<Delta, Delta>;
  /** Whether its text, on any wire, may hold thoughts in complete pairs of tags. */
  leavesThoughts: boolean;
  /** Transforms that the user enabled. Metrics count them only for requests that they apply to. */
  transforms?: readonly NamedTransform[];
  /** The usual cause of an empty answer from this provider, as a sentence. */
  emptyMeans?: string;
  headers?: Record<string, string>;
  /** The header that carries the bare key, in lower case. If absent, the key is sent as `Authorization: Bearer`. */
  keyHeader?: string;
};

/** A provider as the gateway uses it: its protocol, and its deviations from it. */
export type Provider = {
  protocol: DialectId;
  features: Features;
  quirks: Quirks;
};
