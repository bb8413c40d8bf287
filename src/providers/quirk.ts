import type { DialectId, JsonObject } from '../canonical/request.ts';
import type { ThinkTagOptions } from '../reasoning/thinkTags.ts';
import type { BodyEdit } from './bodyEdits.ts';
import type { Features, Quirks, ReasoningReplay } from './provider.ts';
import type { DetailsForm } from './replay.ts';

/** One entry of `transformer.use`, with its options. */
export type Transformer = { name: string; options?: JsonObject | undefined };

/** The provider and model that a quirk is asked about. */
export type QuirkContext = {
  /** Lower case. */
  model: string;
  /** Of the base URL; '' if that is no URL. */
  hostname: string;
  /**
   * Whether this is the maker's own API (by `transformer.use`, host or provider name), or its model at somebody else's,
   * who may refuse fields that only the maker has. There, edits take away and never add.
   */
  own: boolean;
  /** Of `transformer.use: [[name, options]]`. */
  options: JsonObject;
};

/** How a provider departs from one wire. What is absent is as for a provider that nobody knows. */
export type WireQuirks = {
  features?: Partial<Features>;
  replay?: ReasoningReplay;
  /** How the provider writes `reasoning_details`, for the replay `details`. */
  details?: DetailsForm;
  request?: Quirks['request'];
  /** Edits of the wire body, in order. */
  edits?: BodyEdit[];
  deltas?: Quirks['deltas'];
  keyHeader?: string;
  /** false: this provider never leaves thinking in its text, so a relay of its frames needs no look inside. */
  think?: ThinkTagOptions | false;
};

export type ProviderQuirk = {
  /** The name for metrics, `transformer.use` and providers. */
  name: string;
  /** Further names, in lower case. */
  aliases?: readonly string[];
  /** Whether a provider must be called just that: `openai-compatible` is somebody else. */
  exactName?: boolean;
  /** Domains; their subdomains count too. */
  hosts?: readonly string[];
  /** The port of a program that runs on the user's own machine. */
  localPort?: string;
  /** Its models, at whoever's host. */
  family?: RegExp;
  headers?: Record<string, string>;
  wires: Partial<Record<DialectId, (context: QuirkContext) => WireQuirks>>;
};
