import type { IncomingHttpHeaders } from 'node:http';
import type { ModelRef } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { TargetView } from '../control/protocol.ts';
import type { ModelCatalog } from '../gateway/modelCatalog.ts';
import { createHealth, type Health } from '../routing/health.ts';
import type { Figures } from '../observe/figures.ts';
import { noIntent } from '../routing/matchRoute.ts';
import { route, type RouteQuestion } from '../routing/route.ts';
import type { ModelFacts } from '../providers/modelFacts.ts';
import { codexCatalog } from './codexCatalog.ts';
import { anthropicModels, modelNames, openaiModels } from './modelLists.ts';
import type { ServiceHealth } from './targetHealth.ts';
import { usagePage } from './usagePages.ts';

/** What the read-only endpoints answer, each as a JSON value. */
export type Pages = {
  /** The list of models, in the format that the client reads. */
  models(query: URLSearchParams, headers: IncomingHttpHeaders): object;
  presets(): object;
  latencies(): object;
  /** `mayUse`: whether the caller has the client token, if one is required. */
  health(mayUse: boolean): object;
  hello(): object;
  tokenDrift(): object;
  tokenAudit(): object;
  throughput(): object;
  frontendMetrics(): object;
  usage(query: URLSearchParams): ReturnType<typeof usagePage>;
};

export type PagesParts = {
  config(): Config;
  isEnabled(provider: string): boolean;
  condition(): { targets: TargetView[]; health: ServiceHealth };
  models: ModelCatalog;
  health: Health;
  figures: Figures;
  active(): { requests: number; streams: number };
  /** Unix time in ms. */
  now(): number;
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
    tokenDrift: parts.figures.drift,
    tokenAudit: parts.figures.audit,
    throughput: parts.figures.throughput,
    frontendMetrics: parts.figures.frontends,
    usage: (query) => usagePage(parts, query),
  };
}

function modelsPage(parts: PagesParts, query: URLSearchParams, headers: IncomingHttpHeaders): object {
  const codexVersion = query.get('client_version');
  if (codexVersion !== null) return codexCatalogPage(parts, codexVersion);
  const names = modelNames(parts.config(), parts.isEnabled);
  const write = headers['anthropic-version'] === undefined ? openaiModels : anthropicModels;
  return write(names, parts.startedAt);
}

/** With the providers' words only for those who may use the gateway. */
function healthPage({ condition, version }: PagesParts, mayUse: boolean): object {
  const { targets, health } = condition();
  const { status, reasons, degraded } = health;
  const told = targets.filter(({ state, keys, lastFailure }) => state !== 'off' && (keys ?? lastFailure) !== undefined);
  return {
    status,
    version,
    ...(degraded && { degraded }),
    ...(reasons.length > 0 && { reasons }),
    ...(mayUse && told.length > 0 && { targets: told }),
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
    factsOf: (name) => factsOfName(models, (kind) => usualTarget({ ...kind, model: name }, config(), isEnabled)),
  });
}

/**
 * What a client may send under a name: a picture if the target of pictures reads them, and as much as the target of long requests
 * takes. Clients leave out and compact what does not fit, so that it would never get there.
 */
function factsOfName(models: ModelCatalog, targetOf: (kind: Partial<RouteQuestion>) => ModelRef): ModelFacts {
  const usual = models.factsOf(targetOf({}));
  const { inputModalities } = models.factsOf(targetOf({ intent: { ...noIntent, hasImage: true } }));
  const { contextWindow: long = 0 } = models.factsOf(targetOf({ isLong: true }));
  const isLonger = long > (usual.contextWindow ?? 0);
  return { ...usual, inputModalities, ...(isLonger && { contextWindow: long }) };
}

/** The target of a request without cooldowns or measured latencies. If it has none: the name as a model of no provider. */
function usualTarget(
  question: Partial<RouteQuestion> & { model: string },
  config: Config,
  isEnabled: PagesParts['isEnabled'],
): ModelRef {
  const none = { provider: '', model: question.model };
  const facts = { health: createHealth(), nowMs: 0, isEnabled };
  try {
    return route(config, { ...question, frontend: 'codex' }, facts).targets[0] ?? none;
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
