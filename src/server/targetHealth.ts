import type { ConfigHealth } from '../config/health.ts';
import type { UsableConfig } from '../config/load.ts';
import { formatTarget, resolveTarget, routeNames, routeText, tierTargets, type ModelRef } from '../config/routes.ts';
import type { TargetView } from '../control/protocol.ts';
import { waitText } from '../gateway/waitText.ts';
import type { Health } from '../routing/health.ts';

/** A failure that is older says little about the target now. Milliseconds. */
const failureAgeMs = 600_000;

/** Every target of a route, a tier, a preset or one of `chosen`, in that order, with how it is at `nowMs`. */
export function targetViews(
  { config, providers }: UsableConfig,
  health: Health,
  nowMs: number,
  chosen: readonly string[] = [],
): TargetView[] {
  const texts = [
    ...routeNames.map((name) => routeText(config.Router, name) ?? ''),
    ...Object.values(config.Presets).map(({ route }) => route),
  ];
  const named = texts.flatMap((text) => resolveTarget(config.Router, text) ?? []);
  const picked = chosen.flatMap((text) => resolveTarget(config.Router, text) ?? []);
  const targets = new Map(
    [...named, ...tierTargets(config.Router), ...picked].map((target) => [formatTarget(target), target]),
  );
  return [...targets].flatMap(([name, target]): TargetView[] => {
    const provider = config.Providers.find((each) => each.name === target.provider);
    if (!provider) return [];
    const tier = provider.tier_name ?? provider.name;
    const isOff = providers.find((each) => each.name === provider.name)?.enabled !== true;
    return [{ target: name, tier, ...viewOf({ ...target, tier }, isOff, health, nowMs) }];
  });
}

type Condition = Omit<TargetView, 'target' | 'tier'>;

function viewOf(target: ModelRef & { tier: string }, isOff: boolean, health: Health, nowMs: number): Condition {
  const { lastFailure, lastSuccessAtMs } = health.history(target);
  const untilMs = health.cooldownUntilMs(target);
  const failedLast = lastFailure !== undefined && lastFailure.atMs > (lastSuccessAtMs ?? 0);
  const facts = {
    firstContentMs: health.latencyMs(target),
    lastSuccessAt: lastSuccessAtMs,
    lastFailure: lastFailure && { at: lastFailure.atMs, kind: lastFailure.kind, message: lastFailure.message },
  };
  if (isOff) return { state: 'off', ...facts };
  if (untilMs > nowMs)
    return { state: health.circuitUntilMs(target) > nowMs ? 'open' : 'cooldown', retryAt: untilMs, ...facts };
  if (failedLast && nowMs - lastFailure.atMs < failureAgeMs) return { state: 'failing', ...facts };
  return { state: lastSuccessAtMs === undefined ? 'unknown' : 'ok', ...facts };
}

export type ServiceHealth = { status: 'healthy' | 'degraded' | 'down'; reasons: string[] };

/**
 * Whether requests without a route of their own are answered: by the default route's target, by a fallback (degraded), or by none
 * (down). Without the providers' words, since everybody may read this.
 */
export function serviceHealth(
  current: UsableConfig,
  configured: ConfigHealth,
  views: readonly TargetView[],
  nowMs: number,
): ServiceHealth {
  const { Router } = current.config;
  const main = resolveTarget(Router, Router.default);
  const chain = [...(main ? [main] : []), ...tierTargets(Router)].map(formatTarget);
  const targets = [...new Set(chain)].flatMap((name) => views.find(({ target }) => target === name) ?? []);
  const answering = targets.find(isAnswering);
  const reasons = [
    ...(configured.status === 'degraded' ? configured.reasons : []),
    ...views.filter((view) => isBroken(view)).map((view) => describeBroken(view, nowMs)),
  ];
  if (reasons.length === 0) return { status: 'healthy', reasons };
  return { status: targets.length > 0 && !answering ? 'down' : 'degraded', reasons };
}

function isAnswering({ state }: TargetView): boolean {
  return state === 'ok' || state === 'unknown';
}

function isBroken({ state }: TargetView): boolean {
  return state === 'failing' || state === 'cooldown' || state === 'open';
}

/** @example 'one,m failed 12 s ago (auth) and is tried again in 48 s.' */
function describeBroken({ target, lastFailure, retryAt }: TargetView, nowMs: number): string {
  const failed = lastFailure
    ? ` failed ${Math.max(0, Math.round((nowMs - lastFailure.at) / 1000))} s ago (${lastFailure.kind})`
    : ' is on cooldown';
  return `${target}${failed}${retryAt === undefined ? '' : `; others are tried first ${waitText(retryAt, nowMs)}`}.`;
}
