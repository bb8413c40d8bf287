import type { IncomingHttpHeaders } from 'node:http';
import type { ModelRef } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { ModelCatalog } from '../gateway/modelCatalog.ts';
import { createHealth, type Health } from '../routing/health.ts';
import { route } from '../routing/route.ts';
import { codexCatalog } from './codexCatalog.ts';
import { anthropicModels, modelNames, openaiModels } from './modelLists.ts';
import type { ServiceHealth } from './targetHealth.ts';

/** What the read-only endpoints answer, each as a JSON value. */
export type Pages = {
  /** The list of models, in the format that the client reads. */
  models(query: URLSearchParams, headers: IncomingHttpHeaders): object;
  presets(): object;
  latencies(): object;
  health(): object;
  hello(): object;
};

export type PagesParts = {
  config(): Config;
  isEnabled(provider: string): boolean;
  serviceHealth(): ServiceHealth;
  models: ModelCatalog;
  health: Health;
  version: string;
  /** Unix time in seconds. */
  startedAt: number;
};

export function createPages(parts: PagesParts): Pages {
  return {
    models: (query, headers) => modelsPage(parts, query, headers),
    presets: () => presetsPage(parts.config()),
    latencies: parts.health.latencies,
    health: () => healthPage(parts),
    hello: () => ({ name: 'ccr' }),
  };
}

function modelsPage(parts: PagesParts, query: URLSearchParams, headers: IncomingHttpHeaders): object {
  const codexVersion = query.get('client_version');
  if (codexVersion !== null) return codexCatalogPage(parts, codexVersion);
  const names = modelNames(parts.config(), parts.isEnabled);
  const write = headers['anthropic-version'] === undefined ? openaiModels : anthropicModels;
  return write(names, parts.startedAt);
}

function healthPage({ serviceHealth, version }: PagesParts): object {
  const { status, reasons } = serviceHealth();
  return { status, version, ...(reasons.length > 0 && { reasons }) };
}

function codexCatalogPage({ config, isEnabled, models }: PagesParts, codexVersion: string): object {
  const { codex, claudeCode } = config().Frontend;
  const mapped = [...Object.keys(codex.modelMappings), ...Object.keys(claudeCode.modelMappings)].filter(
    (name) => name !== 'default',
  );
  return codexCatalog({
    names: modelNames(config(), isEnabled),
    hiddenNames: mapped,
    codexVersion,
    factsOf: (name) => models.factsOf(usualTarget(name, config(), isEnabled)),
  });
}

/** The target of a name without cooldowns or measured latencies. If it has none: the name as a model of no provider. */
function usualTarget(name: string, config: Config, isEnabled: PagesParts['isEnabled']): ModelRef {
  const none = { provider: '', model: name };
  const facts = { health: createHealth(), nowMs: 0, isEnabled };
  try {
    return route(config, { model: name, frontend: 'codex' }, facts).targets[0] ?? none;
  } catch {
    return none;
  }
}

function presetsPage({ Presets }: Config): object {
  return Object.entries(Presets).map(([name, { route, max_tokens, temperature }]) => ({
    name,
    route,
    max_tokens: max_tokens ?? null,
    temperature: temperature ?? null,
  }));
}
