import { findNamed } from '../canonical/lists.ts';
import { spoken } from '../canonical/wording.ts';
import type { UsableConfig } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import { formatTarget, routeNames, routeText } from '../config/routes.ts';
import { controlProtocol, type GatewayState, type RequestView } from '../control/protocol.ts';
import { detourWording, explainError, type RequestRecord } from '../gateway/record.ts';
import { costOf } from '../observe/prices.ts';
import type { Config } from '../config/schema.ts';
import { describeBudget, type Standing } from '../routing/budgets.ts';
import type { Prices } from '../providers/prices.ts';
import { asksWindows } from '../providers/vscodeModels.ts';
import type { Target } from '../routing/route.ts';
import type { ServiceHealth } from './targetHealth.ts';

export type StateParts = {
  current: UsableConfig;
  /** Of the last load of the config, which may have failed. */
  problems: readonly Problem[];
  health: ServiceHealth;
  targets: GatewayState['targets'];
  budgets: readonly Standing[];
  scopes: GatewayState['scopes'];
  active: GatewayState['active'];
  tokenRequired: boolean;
  identity: Pick<GatewayState, 'port' | 'host' | 'url' | 'version' | 'startedAt'>;
};

export function stateView({
  current,
  problems,
  health,
  targets,
  budgets,
  scopes,
  active,
  tokenRequired,
  identity,
}: StateParts): GatewayState {
  const { config, providers, file, source } = current;
  return {
    ...identity,
    pid: process.pid,
    protocol: controlProtocol,
    status: health.status,
    reasons: health.reasons,
    reasonWording: health.wording,
    problems: problems.map(({ path: _, suggestion: __, ...problem }) => problem),
    configFile: file,
    source,
    stale: problems !== current.problems,
    tokenRequired,
    providers: providers.map((provider) => ({ ...provider, ...windowFlag(config, provider.name) })),
    targets,
    routes: routeNames.flatMap((name) => {
      const target = routeText(config.Router, name);
      return target === undefined ? [] : [{ name, target }];
    }),
    presets: Object.entries(config.Presets).map(([name, { route }]) => ({ name, route })),
    scopes,
    budgets: budgets.map(({ budget, share, resetsAtMs }) => ({
      name: describeBudget(budget),
      preset: budget.preset,
      share,
      resetsAt: resetsAtMs,
      isUsedUp: budget.hard && share >= 1,
    })),
    active,
  };
}

function windowFlag({ Providers }: Config, name: string): { asksWindows?: true } {
  const found = findNamed(Providers, name);
  return found && asksWindows(found.api_base_url) ? { asksWindows: true } : {};
}

/** `pricesOf` gives the prices of a target; undefined if they are unknown. */
export function toRequestView(
  record: RequestRecord,
  pricesOf: (target: Target) => Prices | undefined,
): Omit<RequestView, 'cursor'> {
  const { target, route, usage, error } = record;
  return {
    id: record.id,
    startedAt: record.startedAt,
    durationMs: record.durationMs,
    firstContentMs: record.firstContentMs,
    client: record.client,
    dialect: record.dialect,
    scope: record.scope,
    model: record.model,
    conversation: record.conversation,
    intent: record.intent,
    estimate: record.estimate,
    reason: record.reason,
    route: route && toRouteView(route, record, pricesOf),
    target: target && formatTarget(target),
    tier: target?.tier,
    preset: record.preset,
    budget: record.budget,
    fallback: record.fallback,
    attempts: record.attempts.map((attempt) => toAttemptView(attempt, record)),
    passedOver: record.passedOver,
    warnings: record.warnings,
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
    cacheReadTokens: usage?.cacheReadTokens,
    isUsageEstimated: record.isUsageEstimated,
    finish: record.finish,
    costUsd: record.costUsd,
    isCostEstimated: record.isCostEstimated,
    error: error && explainError(error, record),
    errorKind: error?.kind,
  };
}

type RouteView = NonNullable<RequestView['route']>;

function toRouteView(
  { matched, readAs, rule, affinity, skipped, length, candidates }: NonNullable<RequestRecord['route']>,
  record: RequestRecord,
  pricesOf: (target: Target) => Prices | undefined,
): RouteView {
  const detour = detourWording(record);
  return {
    matched: formatTarget(matched),
    readAs,
    rule,
    affinity,
    skipped,
    length,
    detour: detour && spoken(detour),
    detourWording: detour,
    candidates: candidates.map((candidate) => {
      const prices = pricesOf(candidate.target);
      return {
        ...candidate,
        target: formatTarget(candidate.target),
        prices: prices && { input: prices.input, output: prices.output, cacheRead: prices.cacheRead },
        costUsd: prices && record.usage && costOf(record.usage, prices, record.startedAt),
      };
    }),
  };
}

function toAttemptView(
  { target, key, startedAt, durationMs, error }: RequestRecord['attempts'][number],
  record: RequestRecord,
): RequestView['attempts'][number] {
  return { target, key, startedAt, durationMs, error: error && explainError(error, record), errorKind: error?.kind };
}
