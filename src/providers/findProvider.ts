import type { DialectId } from '../canonical/request.ts';
import { anthropic } from './anthropic.ts';
import { applyEdits, developerToSystem, dropFields, useMaxTokens, type BodyChange } from './bodyEdits.ts';
import { capCallIds } from './callIds.ts';
import { cite } from './cite.ts';
import { fitAnswerFormat, fitDeclarations } from './declarations.ts';
import { deepseek } from './deepseek.ts';
import { anyName, commonFeatures } from './features.ts';
import { gemini } from './gemini.ts';
import { glm } from './glm.ts';
import { groq } from './groq.ts';
import { hostnameOf, isBelow, isLocal } from './hosts.ts';
import { kimi } from './kimi.ts';
import { llamacpp } from './llamacpp.ts';
import { lmstudio } from './lmstudio.ts';
import { everyProvider } from './everyProvider.ts';
import { plainMessages } from './messagesEdits.ts';
import { minimax } from './minimax.ts';
import { mistral } from './mistral.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import type { Provider, Quirks, Relayed } from './provider.ts';
import type { ProviderQuirk, QuirkContext, SchemaRule, Transformer, WireQuirks } from './quirk.ts';
import { qwen } from './qwen.ts';
import { dropForeignIds } from './responsesItems.ts';
import { applyReplay, type Replay } from './replay.ts';
import { fitToSurface, surfaceOf, writeAnew } from './surfaces.ts';
import { countedTransformers, namedTransforms, transformerEdits, transformerEffects } from './transformers.ts';
import { deltaStages, mayLeaveThoughts } from './thinking.ts';
import { commonSchemaProfile, type SchemaProfile } from './toolSchemas.ts';
import { vscodeModels } from './vscodeModels.ts';
import { vllm } from './vllm.ts';
import { xai } from './xai.ts';

/** Hosts of other makers' models come first: the host counts before the model's family. */
export const providerQuirks: readonly ProviderQuirk[] = [
  vscodeModels, openrouter, groq, ollama, lmstudio, vllm, llamacpp, qwen, openai, anthropic, gemini, mistral, xai, deepseek, glm, minimax, kimi,
]; // prettier-ignore

/** A configured provider, for one of its models. */
export type ProviderIdentity = {
  name: string;
  baseUrl: string;
  /** As in config.json. */
  protocol: 'openai' | 'anthropic' | 'responses';
  /** What `transformer.use` says for this model. */
  transformers?: readonly Transformer[];
  model: string;
  /** Whether the request declares tools, which a provider may take on another protocol alone. */
  tools?: boolean;
  /** As in config.json: the header `anthropic-version`. */
  anthropicVersion?: string | undefined;
};

/** The only version of the Messages API so far. */
const anthropicVersion = '2023-06-01';

const dialects = {
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  responses: 'openai-responses',
} as const satisfies Record<ProviderIdentity['protocol'], DialectId>;

const commonSchemas: SchemaRule = {
  profile: commonSchemaProfile,
  source:
    "\"schema must have type 'object' and not have 'oneOf'/…\" (OpenAI), \"got 'type: null'\" (DeepSeek; codex#37786)",
};

/** The quirks of an unknown provider, per wire. */
export const unknownProvider: Record<DialectId, WireQuirks> = {
  // The older names, which all providers understand, and nothing that only some accept.
  'openai-chat': {
    schemas: commonSchemas,
    edits: [
      cite('caution: `developer` is refused by many (9router#773)', developerToSystem),
      cite('caution: all providers know the older name', useMaxTokens),
      cite('vercel/ai#5171', capCallIds),
      cite('caution: some refuse what they do not know', dropFields('prompt_cache_key', 'verbosity', 'store')),
    ],
  },
  'openai-responses': {
    schemas: commonSchemas,
    edits: [cite('caution: it may be OpenAI behind a proxy (sub2api#3785)', dropForeignIds)],
  },
  'anthropic-messages': {
    schemas: commonSchemas,
    edits: [...plainMessages],
    frames: { relayed: 'nothing', source: 'test/fixtures/providers/anthropic-compatible-surface.sse' },
  },
};

/** What `transformer.use` may say. */
export const transformerNames: readonly string[] = [
  ...Object.keys(transformerEffects),
  ...providerQuirks
    .flatMap(({ name, aliases = [] }) => [name, ...aliases])
    .filter((name) => !Object.hasOwn(transformerEffects, name)),
];

/** Those of `names` that are unknown, for a warning. */
export function unknownTransformers(names: readonly string[]): string[] {
  return names.filter((name) => !transformerNames.includes(name));
}

/**
 * How a provider departs from its wire: by `transformer.use`, else its host, else its name, else the model's family.
 * Cheap enough to call per request.
 */
export function findProvider(identity: ProviderIdentity): Provider {
  return findOnWire(identity, dialects[identity.protocol]);
}

function findOnWire(identity: ProviderIdentity, protocol: DialectId): Provider {
  const { transformers = [] } = identity;
  const ofWire = wireHeaders(protocol, identity);
  const found = findQuirks(identity);
  if (transformers.some(({ name }) => name === 'identity')) {
    return {
      protocol,
      features: { ...commonFeatures[protocol], toolNames: anyName },
      // Classifying an error changes nothing that is sent.
      quirks: {
        names: ['identity'],
        replay: 'none',
        relays: 'frames',
        leavesThoughts: false,
        ...ofWire,
        ...errorRules(identity, found),
      },
    };
  }
  const wires = found.map(({ quirk, context }) => quirk.wires[protocol]?.(context) ?? {});
  const forTools = wires.find((wire) => wire.toolTurns !== undefined)?.toolTurns?.protocol;
  if (identity.tools && forTools !== undefined) return findOnWire(identity, forTools);
  const chosen = found.length === 0 ? [unknownProvider[protocol]] : wires;
  const names = [...found.map(({ quirk }) => quirk.name), ...countedTransformers(transformers)];
  const headers = found.reduce((all, { quirk }) => ({ ...all, ...quirk.headers?.values }), ofWire.headers ?? {});
  const keyHeader = wires.find((wire) => wire.keyHeader !== undefined)?.keyHeader?.name ?? ofWire.keyHeader;
  const transforms = namedTransforms(transformers, protocol);
  return {
    protocol,
    features: chosen.reduce((all, wire) => ({ ...all, ...wire.features?.has }), commonFeatures[protocol]),
    quirks: {
      names: [...new Set(names)],
      ...combine(protocol, chosen, identity),
      ...errorRules(identity, found),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      ...(transforms.length > 0 ? { transforms } : {}),
      ...(keyHeader && keyHeader !== 'authorization' ? { keyHeader } : {}),
    },
  };
}

/** Rules that count at every provider. */
const rulesForAll = providerQuirks.flatMap(({ errors }) => errors ?? []).filter(({ anywhere }) => anywhere);

/** The provider's own rules first, then those of the model's maker, whose errors a host passes on. */
function errorRules({ model }: ProviderIdentity, found: readonly Found[]): Pick<Quirks, 'errors'> {
  const family = familyOf(model.toLowerCase());
  const own = [...found.map(({ quirk }) => quirk), ...(family ? [family] : [])].flatMap(({ errors }) => errors ?? []);
  return { errors: [...new Set([...own, ...rulesForAll])] };
}

/** The Messages wire has a version in its headers, and a header of its own for the key. */
function wireHeaders(protocol: DialectId, identity: ProviderIdentity): Pick<Quirks, 'headers' | 'keyHeader'> {
  if (protocol !== 'anthropic-messages') return {};
  return { headers: { 'anthropic-version': identity.anthropicVersion ?? anthropicVersion }, keyHeader: 'x-api-key' };
}

type Found = { quirk: ProviderQuirk; context: QuirkContext };

function findQuirks({ name, baseUrl, transformers = [], model }: ProviderIdentity): Found[] {
  const context = { model: model.toLowerCase(), hostname: hostnameOf(baseUrl), options: {} };
  const used = transformers.flatMap((transformer) => {
    const quirk = Object.hasOwn(transformerEffects, transformer.name)
      ? undefined
      : providerQuirks.find((each) => namesOf(each).includes(transformer.name));
    return quirk ? [{ quirk, context: { ...context, own: true, options: transformer.options ?? {} } }] : [];
  });
  if (used.length > 0) return used;
  const quirk =
    providerQuirks.find(({ hosts = [] }) => isBelow(context.hostname, hosts)) ??
    providerQuirks.find(
      ({ localPort }) => localPort !== undefined && isLocal(context.hostname) && URL.parse(baseUrl)?.port === localPort,
    ) ??
    providerQuirks.find((each) => isCalled(name, each));
  if (quirk) return [{ quirk, context: { ...context, own: true } }];
  const family = familyOf(context.model);
  return family ? [{ quirk: family, context: { ...context, own: false } }] : [];
}

function namesOf({ name, aliases = [] }: ProviderQuirk): string[] {
  return [name, ...aliases];
}

/** `deepseek`, `DeepSeek official`, `lm_studio`. */
function isCalled(providerName: string, quirk: ProviderQuirk): boolean {
  const names = namesOf(quirk).map(plain);
  if (names.includes(plain(providerName))) return true;
  const words = providerName.toLowerCase().split(/[^a-z0-9]+/);
  return !quirk.exactName && words.some((word) => names.includes(word));
}

function familyOf(model: string): ProviderQuirk | undefined {
  return providerQuirks.find(({ family }) => family?.test(model));
}

/** Applies several quirks (`use: ["deepseek", "openrouter"]`) in order. For what there can only be one of, the first wins. */
function combine(
  protocol: DialectId,
  wires: readonly WireQuirks[],
  { model, transformers = [] }: ProviderIdentity,
): Omit<Quirks, 'names' | 'headers' | 'keyHeader' | 'errors'> {
  const replay = replayOf(protocol, wires, model, transformers);
  const surface = surfaceOf(protocol, wires.find((wire) => wire.surface)?.surface, transformers);
  const schemas = schemasOf(protocol, wires, model);
  const edits: BodyChange[] = [...wires.flatMap((wire) => wire.edits ?? []), ...transformerEdits(transformers)];
  // Last, when it is settled whether the model thinks. Other wires carry reasoning in blocks, which their writers replay.
  const editReplay = protocol === 'openai-chat' ? applyReplay(replay) : undefined;
  const requests = [
    ...wires.flatMap((wire) => wire.requests ?? []),
    ...(surface && protocol === 'anthropic-messages' ? [writeAnew] : []),
  ];
  const replies = wires.flatMap((wire) => wire.replies ?? []);
  const deltas = deltaStages(protocol, wires, transformers);
  const frames = relayed(protocol, wires);
  const emptyMeans = wires.find((wire) => wire.emptyAnswer)?.emptyAnswer?.means;
  return {
    replay: replay.policy,
    relays: deltas || replies.length > 0 ? 'nothing' : frames,
    leavesThoughts: mayLeaveThoughts(wires, transformers, frames),
    body: (body, reduced = () => {}) => {
      const edited = applyEdits(fitDeclarations(body, protocol, schemas, reduced), edits);
      // An edit may have put the format of the answer into words, which need no fitting.
      const fitted = fitAnswerFormat(edited, protocol, schemas);
      return applyEdits(editReplay ? editReplay(fitted) : fitted, everyProvider[protocol]);
    },
    ...(surface ? { surface: (body, wanted) => fitToSurface(body, protocol, surface, wanted) } : {}),
    ...(requests.length > 0
      ? { request: (request) => requests.reduce((edited, { edit }) => edit(edited), request) }
      : {}),
    ...(replies.length > 0 ? { editReply: (json) => applyEdits(json, replies) } : {}),
    ...(deltas ? { deltas } : {}),
    ...(emptyMeans === undefined ? {} : { emptyMeans }),
  };
}

function replayOf(
  protocol: DialectId,
  wires: readonly WireQuirks[],
  model: string,
  transformers: readonly Transformer[],
): Replay {
  const known = wires.find((wire) => wire.replay)?.replay;
  if (known !== undefined) return known;
  // A host without a rule of its own passes the model's on. Responses and Messages have a place for reasoning.
  const family = ofFamily(protocol, model)?.replay;
  if (family !== undefined) return family;
  const asked = transformers.some(({ name }) => name === 'reasoning');
  return { policy: protocol !== 'openai-chat' || asked ? 'real' : 'none' };
}

/** What the maker of a model states of a wire, for its models at another's host. */
function ofFamily(protocol: DialectId, model: string): WireQuirks | undefined {
  const context = { model: model.toLowerCase(), hostname: '', own: false, options: {} };
  return familyOf(context.model)?.wires[protocol]?.(context);
}

function schemasOf(protocol: DialectId, wires: readonly WireQuirks[], model: string): SchemaProfile {
  const known = wires.find((wire) => wire.schemas)?.schemas ?? ofFamily(protocol, model)?.schemas;
  return known?.profile ?? commonSchemaProfile;
}

function relayed(protocol: DialectId, wires: readonly WireQuirks[]): Relayed {
  const known = wires.find((wire) => wire.frames)?.frames?.relayed;
  return known ?? (protocol === 'anthropic-messages' ? 'nothing' : 'json');
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Whose API a base URL is, and who made a model, by all the names that they go by. Empty if unknown. */
export function partiesOf(baseUrl: string, model: string): { host: string[]; maker: string[] } {
  const hostname = hostnameOf(baseUrl);
  const host = providerQuirks.find(({ hosts = [] }) => isBelow(hostname, hosts));
  const maker = familyOf(model.toLowerCase());
  return { host: host ? namesOf(host) : [], maker: maker ? namesOf(maker) : [] };
}
