import type { Delta } from '../canonical/events.ts';
import type { DialectId } from '../canonical/request.ts';
import { chain, type Stage } from '../canonical/stage.ts';
import { thinkTags } from '../reasoning/thinkTags.ts';
import { anthropic } from './anthropic.ts';
import { applyEdits, developerToSystem, dropFields, useMaxTokens, type BodyEdit } from './bodyEdits.ts';
import { capCallIds } from './callIds.ts';
import { deepseek } from './deepseek.ts';
import { gemini } from './gemini.ts';
import { glm } from './glm.ts';
import { groq } from './groq.ts';
import { hostnameOf, isBelow, isLocal } from './hosts.ts';
import { kimi } from './kimi.ts';
import { lmstudio } from './lmstudio.ts';
import { fitBudget, plainMessages } from './messagesEdits.ts';
import { minimax } from './minimax.ts';
import { mistral } from './mistral.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import type { Features, Provider, Quirks } from './provider.ts';
import type { ProviderQuirk, QuirkContext, Transformer, WireQuirks } from './quirk.ts';
import { qwen } from './qwen.ts';
import { applyReplay } from './replay.ts';
import { thinkTagOptions, transformerEdits, transformerEffects } from './transformers.ts';
import { xai } from './xai.ts';

/** Those who pass on others' models first: what they are called counts before whose model it is. */
const quirks: readonly ProviderQuirk[] = [
  openrouter, groq, lmstudio, qwen, openai, anthropic, gemini, mistral, xai, deepseek, glm, minimax, kimi,
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

/** What a provider that nobody knows is taken to carry. */
const features: Record<DialectId, Features> = {
  'openai-chat': {
    customTools: false,
    namespaces: false,
    toolNameLength: 64,
    hostedTools: false,
    images: true,
    compaction: false,
  },
  'openai-responses': {
    customTools: true,
    namespaces: false,
    toolNameLength: 64,
    hostedTools: false,
    images: true,
    compaction: false,
  },
  'anthropic-messages': {
    customTools: false,
    namespaces: false,
    toolNameLength: 128,
    hostedTools: false,
    images: true,
    compaction: false,
  },
};

/** For a chat provider that nobody knows: the older names, which all understand, and nothing that only some do. */
const plainChat: WireQuirks = {
  edits: [developerToSystem, useMaxTokens, capCallIds, dropFields('prompt_cache_key', 'verbosity', 'store')],
};

/** For each wire, a provider that nobody knows. */
const unknown: Record<DialectId, readonly WireQuirks[]> = {
  'openai-chat': [plainChat],
  'openai-responses': [],
  'anthropic-messages': [{ edits: [...plainMessages] }],
};

/** What `transformer.use` may say. */
export const transformerNames: readonly string[] = [
  ...Object.keys(transformerEffects),
  ...quirks
    .flatMap(({ name, aliases = [] }) => [name, ...aliases])
    .filter((name) => !Object.hasOwn(transformerEffects, name)),
];

/** Those of `names` that mean nothing here, for a warning. */
export function unknownTransformers(names: readonly string[]): string[] {
  return names.filter((name) => !transformerNames.includes(name));
}

/**
 * How a provider departs from its wire: by `transformer.use`, else its host, else its name, else the model's family.
 * Cheap enough to be asked for each request.
 */
export function findProvider(identity: ProviderIdentity): Provider {
  const { transformers = [] } = identity;
  const protocol = dialects[identity.protocol];
  const ofWire = wireHeaders(protocol, identity);
  if (transformers.some(({ name }) => name === 'identity')) {
    return { protocol, features: features[protocol], quirks: { names: ['identity'], replay: 'none', ...ofWire } };
  }
  const found = findQuirks(identity);
  const wires = found.map(({ quirk, context }) => quirk.wires[protocol]?.(context) ?? {});
  const chosen = found.length === 0 ? unknown[protocol] : wires;
  const asked = transformers.filter(({ name }) => Object.hasOwn(transformerEffects, name));
  const names = [...found.map(({ quirk }) => quirk.name), ...asked.map(({ name }) => name)];
  const headers = found.reduce((all, { quirk }) => ({ ...all, ...quirk.headers }), ofWire.headers ?? {});
  const keyHeader = wires.find((wire) => wire.keyHeader !== undefined)?.keyHeader ?? ofWire.keyHeader;
  return {
    protocol,
    features: chosen.reduce((all, wire) => ({ ...all, ...wire.features }), features[protocol]),
    quirks: {
      names: [...new Set(names)],
      ...combine(protocol, chosen, identity),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      ...(keyHeader && keyHeader !== 'authorization' ? { keyHeader } : {}),
    },
  };
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
      : quirks.find((each) => namesOf(each).includes(transformer.name));
    return quirk ? [{ quirk, context: { ...context, own: true, options: transformer.options ?? {} } }] : [];
  });
  if (used.length > 0) return used;
  const quirk =
    quirks.find(({ hosts = [] }) => isBelow(context.hostname, hosts)) ??
    quirks.find(
      ({ localPort }) => localPort !== undefined && isLocal(context.hostname) && URL.parse(baseUrl)?.port === localPort,
    ) ??
    quirks.find((each) => isCalled(name, each));
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
  return quirks.find(({ family }) => family?.test(model));
}

/** Several quirks (`use: ["deepseek", "openrouter"]`) work one after the other; of what can only be one, the first counts. */
function combine(
  protocol: DialectId,
  wires: readonly WireQuirks[],
  { model, transformers = [] }: ProviderIdentity,
): Omit<Quirks, 'names' | 'headers' | 'keyHeader'> {
  const replay = replayOf(protocol, wires, model, transformers);
  const edits: BodyEdit[] = [...wires.flatMap((wire) => wire.edits ?? []), ...transformerEdits(transformers)];
  // Last, when it is settled whether the model thinks. Other wires carry reasoning in blocks, which their writers replay.
  if (protocol === 'openai-chat') edits.push(applyReplay(replay, wires.find((wire) => wire.details)?.details));
  if (protocol === 'anthropic-messages') edits.push(fitBudget);
  const requests = wires.flatMap((wire) => wire.request ?? []);
  const deltas = deltaStage(protocol, wires, transformers);
  return {
    replay,
    body: (body) => applyEdits(body, edits),
    ...(requests.length > 0 ? { request: (request) => requests.reduce((edited, edit) => edit(edited), request) } : {}),
    ...(deltas ? { deltas } : {}),
  };
}

function replayOf(
  protocol: DialectId,
  wires: readonly WireQuirks[],
  model: string,
  transformers: readonly Transformer[],
): Quirks['replay'] {
  const known = wires.find((wire) => wire.replay)?.replay;
  if (known !== undefined) return known;
  // A host without a rule of its own passes the model's on. Responses and Messages have a place for reasoning.
  const context = { model: model.toLowerCase(), hostname: '', own: false, options: {} };
  const family = familyOf(context.model)?.wires[protocol]?.(context).replay;
  if (family !== undefined) return family;
  return protocol !== 'openai-chat' || transformers.some(({ name }) => name === 'reasoning') ? 'real' : 'none';
}

function deltaStage(
  protocol: DialectId,
  wires: readonly WireQuirks[],
  transformers: readonly Transformer[],
): Stage<Delta, Delta> | undefined {
  const stages = wires.flatMap((wire) => wire.deltas ?? []);
  const asked = thinkTagOptions(transformers);
  const thinks = [asked, ...wires.map((wire) => wire.think)].filter((think) => think !== undefined);
  const clean = protocol !== 'openai-chat' || thinks.includes(false);
  if (asked || !clean) stages.push(thinkTags({ impliedOpener: thinks.some((think) => think && think.impliedOpener) }));
  const [first, ...rest] = stages;
  return first && rest.reduce((before, stage) => chain(before, stage), first);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
