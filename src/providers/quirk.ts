import type { Delta } from '../canonical/events.ts';
import type { ErrorRule } from '../canonical/providerError.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';
import type { BodyEdit } from './bodyEdits.ts';
import type { Cited, Statement } from './cite.ts';
import type { Features } from './provider.ts';
import type { ReplayRule, RequestChange } from './replay.ts';
import type { SurfaceRule } from './surfaces.ts';
import type { SchemaProfile } from './toolSchemas.ts';

/** One entry of `transformer.use`, with its options. */
export type Transformer = { name: string; options?: JsonObject | undefined };

/** The provider and model that a quirk is asked about. */
export type QuirkContext = {
  /** Lower case. */
  model: string;
  /** Of the base URL; '' if that is no URL. */
  hostname: string;
  /**
   * Whether this is the maker's own API (by `transformer.use`, host or provider name), or its model at another host,
   * which may refuse fields that only the maker has. There, edits remove fields and never add any.
   */
  own: boolean;
  /** Of `transformer.use: [[name, options]]`. */
  options: JsonObject;
};

/**
 * How a provider departs from one wire. What is absent is as for an unknown provider. Every entry cites its
 * source, and docs/providers.md shows it.
 */
export type WireQuirks = {
  features?: { has: Partial<Features>; source: string };
  /** What it takes of the protocol, if that is not what `commonSurfaces` says. */
  surface?: SurfaceRule;
  replay?: ReplayRule;
  /** The protocol, at the same base URL, that requests with tools need. */
  toolTurns?: Cited<Statement & { protocol: DialectId }>;
  /** Edits of the canonical request, in order. Whatever one changes beyond parameters must drop `source`. */
  requests?: Cited<RequestChange>[];
  /** Edits of the wire body, in order. */
  edits?: BodyEdit[];
  /**
   * Edits of the provider's raw JSON, each stream frame's or the whole reply's, before the dialect reads it. For fields that
   * the dialect does not know, such as reasoning under another name (`reasoningField`). Turns off the relay of its frames.
   */
  replies?: BodyEdit[];
  /** Edits of what the dialect has read, as a stream of deltas. */
  deltas?: Cited<Statement & { stage: Stage<Delta, Delta> }>[];
  /** As in Quirks; `authorization` is for a bearer token where the wire has a header of its own. */
  keyHeader?: Cited<Statement & { name: string }>;
  think?: ThinkRule;
  frames?: FrameRule;
  /** Which JSON Schemas of tools and answers it takes. Without it: as the model's maker, else commonSchemaProfile. */
  schemas?: SchemaRule;
  emptyAnswer?: Cited<Statement & { means: string }>;
};

/**
 * `none`: this provider never leaves thinking in its text, so a relay of its frames needs no look inside. `closer-alone`: it
 * may leave out the opening tag (ThinkTagOptions.impliedOpener).
 */
export type ThinkRule = { tags: 'none' | 'closer-alone'; source: string };

/** The source is what it says when it refuses one. */
export type SchemaRule = { profile: SchemaProfile; source: string };

/** For users. */
export const thinkDescriptions: Record<ThinkRule['tags'], string> = {
  none: 'Its text is never searched for thinking.',
  'closer-alone':
    'Text at the start is thinking until a closing tag, though the opening one is missing. Where none comes it was the answer.',
};

/**
 * Whether its stream is known to be well formed, so that clients of the same wire get it as it comes. Unless stated so is
 * every stream but a Messages one, which has blocks that some leave open.
 */
export type FrameRule = { relayed: boolean; source: string };

/** For users. */
export function describeFrames({ relayed }: FrameRule): string {
  return relayed
    ? 'A stream reaches clients of the same protocol as it comes.'
    : 'A stream is read and rewritten block by block, even for clients of the same protocol.';
}

/**
 * `anywhere`: the code or wording can only mean this one thing, so it counts at every provider: proxies and aggregators pass
 * errors on. Never for a bare number.
 */
export type ProviderErrorRule = Cited<Statement & ErrorRule> & { anywhere?: boolean };

export type ProviderQuirk = {
  /** The name for metrics, `transformer.use` and providers. */
  name: string;
  /** Further names, in lower case. */
  aliases?: readonly string[];
  /** Whether the provider's name must match exactly: `openai-compatible` is another provider. */
  exactName?: boolean;
  /** Domains; their subdomains count too. */
  hosts?: readonly string[];
  /** The port of a program that runs on the user's own machine. */
  localPort?: string;
  /** Its models, at any host. */
  family?: RegExp;
  /** How its reasoning arrives. For users, as the predicate of a sentence. */
  reasoning: { arrives: string; source: string };
  headers?: Cited<Statement & { values: Record<string, string> }>;
  /** How its errors are classified, on every wire. They count for its models at other hosts too. */
  errors?: ProviderErrorRule[];
  wires: Partial<Record<DialectId, (context: QuirkContext) => WireQuirks>>;
};
