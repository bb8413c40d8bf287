import type { UsableConfig } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import { formatTarget, routeNames, routeText } from '../config/routes.ts';
import { controlProtocol, type GatewayState, type RequestView } from '../control/protocol.ts';
import { detourWording, explainDetour, explainError, type RequestRecord } from '../gateway/record.ts';
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
  const found = Providers.find((provider) => provider.name === name);
  return found && asksWindows(found.api_base_url) ? { asksWindows: true } : {};
}

/** `pricesOf` gives the prices of a target; undefined if they are unknown. */
export function toRequestView(
  record: RequestRecord,
  pricesOf: (target: Target) => Prices | undefined,
): Omit<RequestView, 'cursor'> {
  const { target, route, attempts, usage, error, stream: _, rateLimits: __, withoutPrompt: ___, ...rest } = record;
  const explain = (failure: { message: string } | undefined): string | undefined =>
    failure && explainError(failure, record);
  return {
    ...rest,
    route: route && {
      matched: formatTarget(route.matched),
      readAs: route.readAs,
      rule: route.rule,
      affinity: route.affinity,
      skipped: route.skipped,
      length: route.length,
      detour: explainDetour(record),
      detourWording: detourWording(record),
      candidates: route.candidates.map(({ target: candidate, ...why }) => ({
        target: formatTarget(candidate),
        ...why,
        ...pricing(pricesOf(candidate), record),
      })),
    },
    target: target && `${target.provider},${target.model}`,
    tier: target?.tier,
    attempts: attempts.map(({ target: attempted, key, startedAt, durationMs, error: failure }) => ({
      target: attempted,
      key,
      startedAt,
      durationMs,
      error: explain(failure),
      errorKind: failure?.kind,
    })),
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
    cacheReadTokens: usage?.cacheReadTokens,
    error: explain(error),
    errorKind: error?.kind,
  };
}

function pricing(
  prices: Prices | undefined,
  { usage, startedAt }: RequestRecord,
): Pick<NonNullable<RequestView['route']>['candidates'][number], 'prices' | 'costUsd'> {
  if (!prices) return {};
  const { input, output, cacheRead } = prices;
  return { prices: { input, output, cacheRead }, costUsd: usage && costOf(usage, prices, startedAt) };
}
