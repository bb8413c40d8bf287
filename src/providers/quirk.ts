import type { Delta } from '../canonical/events.ts';
import type { ErrorRule } from '../canonical/providerError.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import type { Stage } from '../canonical/stage.ts';
import type { BodyEdit } from './bodyEdits.ts';
import type { Cited, Statement } from './cite.ts';
import type { Features, Relayed } from './provider.ts';
import type { ReplayRule, RequestChange } from './replay.ts';
import type { SurfaceRule } from './surfaces.ts';
import type { SchemaProfile } from './toolSchemas.ts';

/** One entry of `transformer.use`, with its options. */
export type Transformer = { name: string; options?: JsonObject | undefined };

/** The provider and model for which a quirk is evaluated. */
export type QuirkContext = {
  /** Lower case. */
  model: string;
  /** The host name of the base URL; '' if it is not a URL. */
  hostname: string;
  /**
   * Whether this is the maker's own API (by `transformer.use`, host or provider name), or its model at another host, which
   * may refuse fields that only the maker has. For other hosts, edits only remove fields.
   */
  own: boolean;
  /** The options in `transformer.use: [[name, options]]`. */
  options: JsonObject;
};

/**
 * How a provider deviates from a protocol. Absent fields are as for an unknown provider. Every entry cites its source, which
 * docs/providers.md shows.
 */
export type WireQuirks = {
  features?: { has: Partial<Features>; source: string };
  /** What it takes of the protocol, if that is not what `commonSurfaces` says. */
  surface?: SurfaceRule;
  replay?: ReplayRule;
  /** The protocol that requests with tools need, at the same base URL. */
  toolTurns?: Cited<Statement & { protocol: DialectId }>;
  /** Edits of the canonical request, in order. Whatever one changes beyond parameters must drop `source`. */
  requests?: Cited<RequestChange>[];
  /** Edits of the wire body, in order. */
  edits?: BodyEdit[];
  /**
   * Edits of the provider's raw JSON, each stream frame's or the whole reply's, before the dialect reads it. For fields that
   * the dialect does not know, such as reasoning under another name (`reasoningField`). Its frames are then not relayed.
   */
  replies?: BodyEdit[];
  /** Edits of the deltas that the dialect's reader emits. */
  deltas?: Cited<Statement & { stage: Stage<Delta, Delta> }>[];
  /** As in Quirks. `authorization` sends a bearer token even if the protocol has its own key header. */
  keyHeader?: Cited<Statement & { name: string }>;
  think?: ThinkRule;
  frames?: FrameRule;
  /** Which JSON Schemas of tools and answers it takes. Without it: as the model's maker, else commonSchemaProfile. */
  schemas?: SchemaRule;
  emptyAnswer?: Cited<Statement & { means: string }>;
};

/**
 * `none`: this provider never leaves thinking in its text, so its frames can be relayed without checking for tags.
 * `closer-alone`: it may omit the opening tag (ThinkTagOptions.impliedOpener).
 */
export type ThinkRule = { tags: 'none' | 'closer-alone'; source: string };

/** The source is what it says when it refuses one. */
export type SchemaRule = { profile: SchemaProfile; source: string };

/** For users. */
export const thinkDescriptions: Record<ThinkRule['tags'], string> = {
  none: 'Its text is not searched for thinking tags.',
  'closer-alone':
    'Text at the start is treated as thinking until a closing tag, even without an opening tag, as long as no answer shows that nothing is missing. Without a closing tag, it is the answer.',
};

/**
 * What clients of the same protocol get unchanged. By default whole replies, but nothing of Messages, whose blocks some
 * providers leave open.
 */
export type FrameRule = { relayed: Relayed; source: string };

/** For users. */
export function describeFrames({ relayed }: FrameRule): string {
  return relayed === 'frames'
    ? 'Streams are passed on unchanged to clients of the same protocol.'
    : 'Streams are read and rewritten block by block, even for clients of the same protocol.';
}

/**
 * `anywhere`: the code or wording can only have this meaning, so the rule applies to every provider: proxies and aggregators
 * pass errors on. Never use it for a bare number.
 */
export type ProviderErrorRule = Cited<Statement & ErrorRule> & { anywhere?: boolean };

export type ProviderQuirk = {
  /** The name in metrics, in `transformer.use` and of providers. */
  name: string;
  /** Other names, in lower case. */
  aliases?: readonly string[];
  /** Whether the provider's name must match exactly: `openai-compatible` is another provider. */
  exactName?: boolean;
  /** Domains; their subdomains count too. */
  hosts?: readonly string[];
  /** The default port of a program that runs on the user's machine. */
  localPort?: string;
  /** Matches its models, at any host. */
  family?: RegExp;
  /** How its reasoning arrives. For users, as the predicate of a sentence. */
  reasoning: { arrives: string; source: string };
  headers?: Cited<Statement & { values: Record<string, string> }>;
  /** How its errors are classified, in every protocol. Also applies to its models at other hosts. */
  errors?: ProviderErrorRule[];
  wires: Partial<Record<DialectId, (context: QuirkContext) => WireQuirks>>;
};
