import { formatTarget } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { ModelView } from '../control/protocol.ts';
import type { ModelCatalog } from '../gateway/modelCatalog.ts';

/** The models of the configured providers, in the order of the config. */
export function modelViews({ Providers }: Pick<Config, 'Providers'>, factsOf: ModelCatalog['factsOf']): ModelView[] {
  return Providers.flatMap(({ name: provider, models }) =>
    models.map((model) => {
      const { contextWindow, prices } = factsOf({ provider, model });
      return {
        target: formatTarget({ provider, model }),
        ...(contextWindow !== undefined && { contextWindow }),
        ...(prices && { prices: { input: prices.input, output: prices.output, cacheRead: prices.cacheRead } }),
      };
    }),
  );
}
