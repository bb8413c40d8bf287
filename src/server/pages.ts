import type { IncomingHttpHeaders } from 'node:http';
import type { ModelRef } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { TargetState } from '../control/protocol.ts';
import type { ModelCatalog } from '../gateway/modelCatalog.ts';
import { createHealth, type Health } from '../routing/health.ts';
import { route } from '../routing/route.ts';
import { codexCatalog } from './codexCatalog.ts';
import { anthropicModels, modelNames, openaiModels } from './modelLists.ts';
import type { GatewayHealth } from './targetViews.ts';

/** What the read-only endpoints answer, each as a JSON value. */
export type Pages = {
  /** The list of models, in the format that the client reads. */
  models(query: URLSearchParams, headers: IncomingHttpHeaders): object;
  presets(): object;
  latencies(): object;
  /** `mayUse`: whether the caller may use the gateway, by its token. */
  health(mayUse: boolean): object;
  hello(): object;
};

export type PagesParts = {
  config(): Config;
  isEnabled(provider: string): boolean;
  readHealth(): GatewayHealth;
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
    health: (mayUse) => healthPage(parts, mayUse),
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

/** States in which there is nothing to say of a target that the config does not say. */
const quietStates: readonly TargetState[] = ['ok', 'untried', 'off'];

/** The providers' words are for those who may use the gateway: with a required token, others learn the status alone. */
function healthPage({ readHealth, version }: PagesParts, mayUse: boolean): object {
  const { status, reasons, targets } = readHealth();
  const isAllWell = targets.every(({ state, keys }) => quietStates.includes(state) && keys === undefined);
  return {
    status,
    version,
    ...(mayUse && reasons.length > 0 && { reasons }),
    ...(mayUse && !isAllWell && { targets }),
  };
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
