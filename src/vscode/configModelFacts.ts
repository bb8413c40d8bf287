import { createBoundedMap } from '../canonical/boundedMap.ts';
import { demoConfig } from '../config/demo.ts';
import type { DocumentProvider } from '../config/language/document.ts';
import type { ModelFactsView } from '../config/language/facts.ts';
import { providerSchema, type ProviderConfig } from '../config/schema.ts';
import { createModelCatalog, type ModelCatalog } from '../gateway/modelCatalog.ts';

const maxRemembered = 1_000;

/**
 * Facts of the models in a config that is being edited: from the entry itself, else from CCR's table. Entries that did not
 * change since the last call are not read again.
 */
export function createConfigModelFacts(
  now: () => number,
): (provider: DocumentProvider, model: string) => ModelFactsView | undefined {
  const catalogs = createBoundedMap<string, ModelCatalog>(maxRemembered);
  return (provider, model) => {
    const entry = JSON.stringify(provider.value);
    let catalog = catalogs.get(entry);
    if (!catalog) {
      const config = { ...demoConfig(), Providers: [configOf(provider)] };
      catalog = createModelCatalog({ config: () => config, learnt: () => undefined, now });
      catalogs.set(entry, catalog);
    }
    return catalog.factsOf({ provider: provider.name, model });
  };
}

/** An unfinished entry counts with what its base URL and its models tell. */
function configOf({ name, baseUrl, models, value }: DocumentProvider): ProviderConfig {
  const parsed = providerSchema.safeParse(value);
  return parsed.success
    ? parsed.data
    : providerSchema.parse({
        name: name.replaceAll(',', '') || '-',
        api_base_url: baseUrl || '-',
        models: models.filter(Boolean),
      });
}
