import { formatTarget } from '../config/routes.ts';
import type { Config, ProviderConfig } from '../config/schema.ts';
import type { ModelView } from '../control/protocol.ts';
import type { ModelCatalog } from '../gateway/modelCatalog.ts';
import { providerOf } from '../gateway/requestForTarget.ts';

/** The models of the configured providers, in the order of the config. */
export function modelViews({ Providers }: Pick<Config, 'Providers'>, factsOf: ModelCatalog['factsOf']): ModelView[] {
  return Providers.flatMap((config) =>
    config.models.map((model) => {
      const { name: provider } = config;
      const { contextWindow, maxOutputTokens, prices, inputModalities, efforts } = factsOf({ provider, model });
      return {
        target: formatTarget({ provider, model }),
        ...(contextWindow !== undefined && { contextWindow }),
        ...(maxOutputTokens !== undefined && { maxOutputTokens }),
        ...(prices && { prices: { input: prices.input, output: prices.output, cacheRead: prices.cacheRead } }),
        ...(inputModalities && { readsImages: inputModalities.includes('image') }),
        ...(efforts && { efforts }),
        ...(isMessagesMaker(config, model) && { isMessagesMaker: true as const }),
      };
    }),
  );
}

/** Only Anthropic itself runs the hosted tools of the Messages API. */
function isMessagesMaker(config: ProviderConfig, model: string): boolean {
  const { protocol, features } = providerOf(config, model);
  return protocol === 'anthropic-messages' && features.hostedTools;
}
