import { dayOf } from '../canonical/day.ts';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import { own } from '../canonical/json.ts';
import { findNamed } from '../canonical/lists.ts';
import type { ModelRef } from '../config/routes.ts';
import type { Config, PricingConfig, ProviderConfig } from '../config/schema.ts';
import { partiesOf } from '../providers/findProvider.ts';
import { hostnameOf } from '../providers/hosts.ts';
import { known, newestFacts, type ModelFacts } from '../providers/modelFacts.ts';
import { seemsToReadImages, tableFacts } from '../providers/models.ts';
import { learntFacts, type LearntCatalog } from '../providers/modelsDev.ts';
import { providerPresets } from '../providers/presets.ts';
import type { Prices } from '../providers/prices.ts';
import { providerOf } from './requestForTarget.ts';

export type ModelCatalog = {
  /** The current facts; for a provider that the config does not have, those of the model at any provider. */
  factsOf(model: ModelRef): ModelFacts;
};

const dayMs = 86_400_000;
const maxRemembered = 500;

export type ModelCatalogParts = {
  config(): Config;
  /** The data last fetched from models.dev. */
  learnt(): LearntCatalog | undefined;
  /** Unix time in ms. */
  now(): number;
};

/** For each figure: the config's value, else the newer one of our table and models.dev, else none. */
export function createModelCatalog({ config, learnt, now }: ModelCatalogParts): ModelCatalog {
  const remembered = createRememberedFacts({ config, learnt, now });

  return {
    factsOf: (ref) => remembered(ref, () => findFacts(ref)),
  };

  function findFacts({ provider: name, model }: ModelRef): ModelFacts {
    const provider = findNamed(config().Providers, name);
    const found = foundFacts(provider?.api_base_url ?? '', model, dayOf(now()), learnt());
    const guess = seemsToReadImages(model) ? (['text', 'image'] as const) : (['text'] as const);
    const facts = { inputModalities: guess, ...found };
    if (!provider) return facts;
    return { ...withoutOmitted(facts, provider, model), ...givenFacts(provider, model, found.prices) };
  }
}

/** Remembers facts while nothing changes that they are made from: they are asked for several times in each request. */
function createRememberedFacts({ config, learnt, now }: ModelCatalogParts) {
  const facts = createBoundedMap<string, ModelFacts>(maxRemembered);
  let from: { config: Config; learnt: LearntCatalog | undefined; day: number } | undefined;
  return ({ provider, model }: ModelRef, find: () => ModelFacts): ModelFacts => {
    const source = { config: config(), learnt: learnt(), day: Math.floor(now() / dayMs) };
    if (source.config !== from?.config || source.learnt !== from.learnt || source.day !== from.day) facts.clear();
    from = source;
    const name = `${provider},${model}`;
    const known = facts.get(name);
    if (known) return known;
    const fresh = find();
    facts.set(name, fresh);
    return fresh;
  };
}

function foundFacts(baseUrl: string, model: string, day: string, learnt: LearntCatalog | undefined): ModelFacts {
  const { host, maker } = partiesOf(baseUrl, model);
  const ofTable = tableFacts(model, day, (name) => host.includes(name) && isPricedApi(baseUrl));
  const ofModelsDev = learnt && learntFacts(learnt, { baseUrl, model, hostNames: host, makerNames: maker });
  return newestFacts([ofTable, ofModelsDev].filter((source) => source !== undefined));
}

/** Whether list prices apply: subscription plans and national prices have other paths or hosts. */
function isPricedApi(baseUrl: string): boolean {
  if (/coding/.test(baseUrl)) return false;
  return providerPresets.some((preset) => hostnameOf(preset.baseUrl) === hostnameOf(baseUrl));
}

/** Without images if a quirk of the provider drops them from requests. */
function withoutOmitted(facts: ModelFacts, provider: ProviderConfig, model: string): ModelFacts {
  const { features } = providerOf(provider, model);
  return features.images ? facts : { ...facts, inputModalities: ['text'] };
}

function givenFacts(provider: ProviderConfig, model: string, listed: Prices | undefined): ModelFacts {
  const info = own(provider.model_info ?? {}, model);
  return known({
    contextWindow: info?.context_window,
    maxOutputTokens: info?.max_output_tokens,
    inputModalities: info?.input_modalities,
    efforts: info?.reasoning_efforts,
    prices: givenPrices({ ...provider.pricing, ...own(provider.model_pricing ?? {}, model) }, listed),
  });
}

/** A missing price is taken from the list; if the list has none, cached input costs as much as other input. */
function givenPrices(given: PricingConfig, listed: Prices | undefined): Prices | undefined {
  const {
    input_per_million_tokens: input = listed?.input,
    output_per_million_tokens: output = listed?.output,
    cache_read_per_million_tokens: cacheRead,
    cache_write_per_million_tokens: cacheWrite,
  } = given;
  const isGiven = Object.keys(given).some((key) => key.endsWith('_per_million_tokens'));
  if (!isGiven || input === undefined || output === undefined) return undefined;
  const isInputGiven = given.input_per_million_tokens !== undefined;
  return {
    input,
    output,
    cacheRead: cacheRead ?? (isInputGiven ? input : listed?.cacheRead),
    cacheWrite: cacheWrite ?? (isInputGiven ? input : listed?.cacheWrite),
  };
}
