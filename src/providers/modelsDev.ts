import { withoutUndefined } from '../canonical/json.ts';
import * as z from 'zod';
import { isEffort, ladder } from '../reasoning/effort.ts';
import { hostnameOf } from './hosts.ts';
import { modalities, type DatedFacts } from './modelFacts.ts';
import { bareName } from './models.ts';
import type { TokenPrices } from './prices.ts';

// The data of models.dev, in its own format (providers.md (2)) and in the compact format that CCR stores.

const price = z.number().min(0);
const tokens = z.int().min(1);
const tokenPrices = {
  input: price,
  output: price,
  cacheRead: price.optional(),
  cacheWrite: price.optional(),
};

const keptModel = z.object({
  contextWindow: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  inputModalities: z.array(z.enum(modalities)).optional(),
  efforts: z.array(z.enum(ladder)).optional(),
  prices: z
    .object({ ...tokenPrices, tiers: z.array(z.object({ ...tokenPrices, aboveInputTokens: tokens })).optional() })
    .optional(),
  /** `2026-10-23`. */
  updated: z.string(),
});

const keptProvider = z.object({ api: z.string().optional(), models: z.record(z.string(), keptModel) });

/** The compact format: providers by id, models by id in lower case. */
export const learntCatalogSchema = z.object({ providers: z.record(z.string(), keptProvider) });
export type LearntCatalog = z.output<typeof learntCatalogSchema>;
type KeptModel = z.output<typeof keptModel>;
type KeptProvider = z.output<typeof keptProvider>;

const cost = z.looseObject({
  input: price,
  output: price,
  cache_read: price.optional(),
  cache_write: price.optional(),
});
const costTier = cost.extend({ tier: z.looseObject({ type: z.literal('context'), size: tokens }) });
const effortOption = z.looseObject({ type: z.literal('effort'), values: z.array(z.unknown()) });
const option = z.looseObject({ type: z.string() });

const theirModel = z.looseObject({
  limit: z.looseObject({ context: z.unknown(), output: z.unknown() }).partial().optional().catch(undefined),
  modalities: z
    .looseObject({ input: z.array(z.string()) })
    .optional()
    .catch(undefined),
  reasoning: z.boolean().optional().catch(undefined),
  reasoning_options: z.array(option).optional().catch(undefined),
  cost: cost
    .extend({ tiers: z.array(z.unknown()).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  last_updated: z.string().regex(/^\d{4}-\d{2}/),
});

const theirProvider = z.looseObject({
  api: z.string().optional().catch(undefined),
  models: z.record(z.string(), z.unknown()),
});

/**
 * Converts `api.json` to the compact format. Models and providers of an unknown shape are skipped. Undefined if nothing is
 * left, since then the text is something else.
 */
export function readModelsDev(json: unknown): LearntCatalog | undefined {
  const list = z.record(z.string(), z.unknown()).safeParse(json);
  const providers = Object.entries(list.data ?? {}).flatMap(([id, value]) => {
    const provider = readProvider(value);
    return provider ? [[id.toLowerCase(), provider] as const] : [];
  });
  return providers.length === 0 ? undefined : { providers: Object.fromEntries(providers) };
}

function readProvider(value: unknown): KeptProvider | undefined {
  const provider = theirProvider.safeParse(value).data;
  const models = Object.entries(provider?.models ?? {}).flatMap(([id, model]) => {
    const kept = readModel(id, model);
    return kept ? [[id.toLowerCase(), kept] as const] : [];
  });
  if (!provider || models.length === 0) return undefined;
  return { ...(provider.api === undefined ? {} : { api: provider.api }), models: Object.fromEntries(models) };
}

function readModel(id: string, value: unknown): KeptModel | undefined {
  const { data: model } = theirModel.safeParse(value);
  if (!model) return undefined;
  const figures = {
    contextWindow: tokens.safeParse(model.limit?.context).data,
    maxOutputTokens: tokens.safeParse(model.limit?.output).data,
    inputModalities: modalities.filter((each) => model.modalities?.input.includes(each)),
    efforts: readEfforts(model),
    prices: readPrices(id, model),
  };
  const { inputModalities, ...rest } = figures;
  const known = withoutUndefined(rest);
  return { ...known, ...(inputModalities.length > 0 ? { inputModalities } : {}), updated: model.last_updated };
}

type TheirModel = z.output<typeof theirModel>;

/** Ignores budgets, which can have any value. */
function readEfforts({ reasoning, reasoning_options: options }: TheirModel): KeptModel['efforts'] {
  if (reasoning === false) return [];
  if (options === undefined) return undefined;
  const named = options.flatMap((each) => effortOption.safeParse(each).data?.values ?? []).filter(isEffort);
  const canStop = options.some(({ type }) => type === 'toggle') && !named.includes('none');
  if (named.length === 0) return canStop ? ['none', 'high'] : undefined;
  return canStop ? ['none', ...named] : named;
}

/** Plans with a monthly fee have zero prices (providers.md (2)), so zero only counts for models that are called free. */
function readPrices(id: string, { cost: given }: TheirModel): KeptModel['prices'] {
  if (!given || (given.input === 0 && given.output === 0 && !id.endsWith(':free'))) return undefined;
  const tiers = (given.tiers ?? []).flatMap((tier) => {
    const { data } = costTier.safeParse(tier);
    return data ? [{ ...readTokenPrices(data), aboveInputTokens: data.tier.size }] : [];
  });
  return { ...readTokenPrices(given), ...(tiers.length > 0 ? { tiers } : {}) };
}

function readTokenPrices({ input, output, cache_read, cache_write }: z.output<typeof cost>): TokenPrices {
  return {
    input,
    output,
    ...(cache_read === undefined ? {} : { cacheRead: cache_read }),
    ...(cache_write === undefined ? {} : { cacheWrite: cache_write }),
  };
}

/** A configured provider, and the names that it and the model's maker may have on models.dev. */
export type LearntQuestion = {
  baseUrl: string;
  model: string;
  /** The quirk's name and aliases, for a provider identified by its host. */
  hostNames: readonly string[];
  /** The same for the model's maker. */
  makerNames: readonly string[];
};

/**
 * The facts that models.dev has for a model: with prices if it lists this provider's own offer, or else the maker's, without
 * prices. Offers on the same host (such as a plan) differ in their paths.
 */
export function learntFacts(catalog: LearntCatalog, question: LearntQuestion): DatedFacts | undefined {
  const model = question.model.toLowerCase();
  const here = findSeller(catalog, question)?.models[model];
  if (here) return dated(here);
  const maker = question.makerNames.map((name) => catalog.providers[name]).find((provider) => provider !== undefined);
  const made = maker?.models[bareName(model)];
  if (!made) return undefined;
  const { prices: _, ...rest } = dated(made).facts;
  return { facts: rest, date: made.updated };
}

function dated({ updated, ...facts }: KeptModel): DatedFacts {
  return { facts, date: updated };
}

function findSeller({ providers }: LearntCatalog, { baseUrl, hostNames }: LearntQuestion): KeptProvider | undefined {
  const host = hostnameOf(baseUrl);
  const path = URL.parse(baseUrl)?.pathname ?? '';
  const sameHost = Object.values(providers).filter(({ api }) => host !== '' && hostnameOf(api ?? '') === host);
  const byPath = sameHost.find(({ api = '' }) => startsWithPath(path, URL.parse(api)?.pathname ?? '/'));
  // The host matches but no path does: another API of the only seller on that host.
  if (byPath ?? sameHost.length === 1) return byPath ?? sameHost[0];
  if (sameHost.length > 1) return undefined;
  return hostNames
    .map((name) => providers[name])
    .find((provider) => provider !== undefined && provider.api === undefined);
}

function startsWithPath(path: string, start: string): boolean {
  const base = start.replace(/\/+$/, '');
  return path === base || path.startsWith(`${base}/`);
}

/** For users: the number of models and the date of the newest figures. */
export function describeLearnt({ providers }: LearntCatalog): { models: number; providers: number; newest: string } {
  const models: { updated: string }[] = Object.values(providers).flatMap((provider) => Object.values(provider.models));
  const newest = models.reduce((latest, { updated }) => (updated > latest ? updated : latest), '');
  return { models: models.length, providers: Object.keys(providers).length, newest };
}
