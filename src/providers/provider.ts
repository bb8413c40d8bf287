import type { ChatRequest, DialectId, JsonObject } from '../canonical/request.ts';
import type { ErrorRule } from '../canonical/providerError.ts';
import type { Delta } from '../canonical/events.ts';
import type { Stage } from '../canonical/stage.ts';
import type { NameRule } from '../canonical/fittingName.ts';
import type { NamedTransform } from '../transformers/transform.ts';
import type { Reduced } from './declarations.ts';

/** What a provider's wire can carry. What it can't is flattened (tools) or left out with a warning (hosted tools). */
export type Features = {
  customTools: boolean;
  namespaces: boolean;
  /** Which names of tools it takes. The others are rewritten, and restored in the reply. */
  toolNames: NameRule;
  /** The same for the names of a tool's parameters, at any depth. */
  parameterNames: NameRule;
  hostedTools: boolean;
  images: boolean;
  /** Whether it condenses a conversation itself, into an item of its own. */
  compaction: boolean;
};

/**
 * What an assistant turn's reasoning becomes when the conversation goes back to the provider:
 * `required` a turn of a conversation that used tools must have it, empty if it was lost (DeepSeek);
 * `real` sent when there is some, never a placeholder (Kimi, GLM);
 * `named` the same in the field `reasoning` (Ollama, vLLM);
 * `details` as the provider's own `reasoning_details`, verbatim (MiniMax, OpenRouter);
 * `content-parts` as thinking parts of the content (Mistral);
 * `extra-content` its signatures alone, each on the call that it was given for (Gemini);
 * `none` not sent.
 * Wires with a place for reasoning take it as `real`; a provider that accepts only what it signed or encrypted
 * itself uses `keepProven`.
 */
export type ReasoningReplay = 'required' | 'real' | 'named' | 'details' | 'content-parts' | 'extra-content' | 'none';

export type Quirks = {
  /** Names for `ccr_transformer_applied_total`, of what takes part in every request. */
  names: string[];
  replay: ReasoningReplay;
  /** An edit of the canonical request. Whatever it changes beyond parameters must drop `source`. */
  request?: (request: ChatRequest) => ChatRequest;
  /**
   * An edit of the wire body, relay or not. Returns a copy. `reduced` receives the name of each tool whose schema says less
   * than before.
   */
  body?: (body: JsonObject, reduced?: Reduced) => JsonObject;
  /** Leaves out what this surface of the wire does not take, except for `wanted`. Absent: it takes everything. */
  surface?: (body: JsonObject, wanted: readonly string[]) => JsonObject;
  /**
   * Whether a client of the same wire may get the provider's frames as they come: it is known to write them well, and no
   * quirk looks inside. Other streams are read and rewritten.
   */
  relaysFrames: boolean;
  /** An edit of the raw JSON of each frame or of the whole reply, before the dialect's reader. Absent: no cost. */
  editReply?: (json: JsonObject) => JsonObject;
  /** Consulted before the general classification of errors. */
  errors?: readonly ErrorRule[];
  /** Between the dialect's reader and the canonical blocks. A fresh stage for each reply. */
  deltas?: Stage<Delta, Delta>;
  /** What the user asked for beyond the provider's own needs. They count where they take part. */
  transforms?: readonly NamedTransform[];
  /** What an empty answer of this provider mostly means, as a sentence. */
  emptyMeans?: string;
  headers?: Record<string, string>;
  /** The header that carries the key as it is, in lower case; without it the key goes as `Authorization: Bearer`. */
  keyHeader?: string;
};

/** A provider as the gateway uses it: the wire it speaks and how it departs from it. */
export type Provider = {
  protocol: DialectId;
  features: Features;
  quirks: Quirks;
};
