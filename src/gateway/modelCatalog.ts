import { own } from '../canonical/json.ts';
import type { Config, PricingConfig, ProviderConfig } from '../config/schema.ts';
import { partiesOf } from '../providers/findProvider.ts';
import { hostnameOf } from '../providers/hosts.ts';
import { known, newestFacts, type ModelFacts } from '../providers/modelFacts.ts';
import { seemsToReadImages, tableFacts } from '../providers/models.ts';
import { learntFacts, type LearntCatalog } from '../providers/modelsDev.ts';
import { providerPresets } from '../providers/presets.ts';
import type { Prices } from '../providers/prices.ts';
import { providerOf } from './targetRequest.ts';

/** A model at a provider, by the config's names. */
type ModelAt = { provider: string; model: string };

export type ModelCatalog = {
  /** What is known now; of a provider that the config does not have, what is known of the model anywhere. */
  factsOf(at: ModelAt): ModelFacts;
};

export type ModelCatalogParts = {
  config(): Config;
  /** What models.dev said when it was last asked. */
  learnt(): LearntCatalog | undefined;
  /** Unix time in ms. */
  now(): number;
};

/** Figure by figure: the config's own, else the newer of our table's and models.dev's, else none. */
export function createModelCatalog({ config, learnt, now }: ModelCatalogParts): ModelCatalog {
  return {
    factsOf({ provider: name, model }) {
      const provider = config().Providers.find((each) => each.name === name);
      const day = new Date(now()).toISOString().slice(0, 10);
      const found = foundFacts(provider?.api_base_url ?? '', model, day, learnt());
      const guess = seemsToReadImages(model) ? (['text', 'image'] as const) : (['text'] as const);
      const facts = { inputModalities: guess, ...found };
      if (!provider) return facts;
      return { ...withoutOmitted(facts, provider, model), ...givenFacts(provider, model, found.prices) };
    },
  };
}

function foundFacts(baseUrl: string, model: string, day: string, learnt: LearntCatalog | undefined): ModelFacts {
  const { host, maker } = partiesOf(baseUrl, model);
  const ofTable = tableFacts(model, day, (name) => host.includes(name) && isPricedApi(baseUrl));
  const ofModelsDev = learnt && learntFacts(learnt, { baseUrl, model, hostNames: host, makerNames: maker });
  return newestFacts([ofTable, ofModelsDev].filter((source) => source !== undefined));
}

/** Whether the price list holds there: plans with a fee of their own and national prices have other paths or hosts. */
function isPricedApi(baseUrl: string): boolean {
  if (/coding/.test(baseUrl)) return false;
  return providerPresets.some((preset) => hostnameOf(preset.baseUrl) === hostnameOf(baseUrl));
}

/** Images that the provider's quirk leaves out never reach the model. */
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

/** A price that is not given is the listed one; without a list, cached input costs what other input does. */
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
