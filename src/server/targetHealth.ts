import type { ConfigHealth } from '../config/health.ts';
import type { UsableConfig } from '../config/load.ts';
import { formatTarget, resolveTarget, routeReferences, tierOf, tierTargets } from '../config/routes.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { TargetView } from '../control/protocol.ts';
import { poolOf } from '../gateway/keyPool.ts';
import { waitWording } from '../gateway/waitText.ts';
import { findNamed } from '../canonical/lists.ts';
import { spoken, verbatim, wording, type Wording } from '../canonical/wording.ts';
import type { Health, TargetHistory } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';

/** A failure that is older says little about the target now. Milliseconds. */
const failureAgeMs = 600_000;

/** Every target of a route, a tier, a preset, a mapping or one of `chosen`, in that order, with how it is at `nowMs`. */
export function targetViews(
  { config, providers }: UsableConfig,
  health: Health,
  nowMs: number,
  chosen: readonly string[] = [],
): TargetView[] {
  const texts = [...routeReferences(config).map(({ text }) => text), ...chosen];
  const named = texts.flatMap((text) => resolveTarget(config.Router, text) ?? []);
  const targets = new Map([...named, ...tierTargets(config.Router)].map((target) => [formatTarget(target), target]));
  return [...targets].flatMap(([name, target]): TargetView[] => {
    const provider = findNamed(config.Providers, target.provider);
    if (!provider) return [];
    const tier = tierOf(config, provider.name);
    const isOff = findNamed(providers, provider.name)?.enabled !== true;
    const keys = coolingKeys({ ...target, tier }, provider, health, nowMs);
    return [{ target: name, tier, ...viewOf({ ...target, tier }, isOff, health, nowMs), ...keys }];
  });
}

function coolingKeys(
  target: Target,
  provider: ProviderConfig,
  health: Health,
  nowMs: number,
): Pick<TargetView, 'keys'> {
  const keys = poolOf(provider)
    .map(({ id, place }) => ({
      key: place,
      retryAt: health.keyCooldownUntilMs(target, id),
      isLimit: health.keyLimitUntilMs(target, id) > nowMs,
    }))
    .filter(({ retryAt }) => retryAt > nowMs);
  return keys.length > 0 ? { keys } : {};
}

type Condition = Omit<TargetView, 'target' | 'tier'>;

function viewOf(target: Target, isOff: boolean, health: Health, nowMs: number): Condition {
  const { lastFailure, lastSuccessAtMs, isFailing } = health.history(target);
  const untilMs = health.cooldownUntilMs(target);
  const facts = {
    firstContentMs: health.firstContentMs(target),
    lastSuccessAt: lastSuccessAtMs,
    lastFailure: lastFailure && withAt(lastFailure),
  };
  if (isOff) return { state: 'off', ...facts };
  if (untilMs > nowMs)
    return { state: health.circuitUntilMs(target) > nowMs ? 'open' : 'cooldown', retryAt: untilMs, ...facts };
  if (isFailing && lastFailure && nowMs - lastFailure.atMs < failureAgeMs) return { state: 'failing', ...facts };
  return { state: lastSuccessAtMs === undefined ? 'unknown' : 'ok', ...facts };
}

function withAt({ atMs, ...failure }: NonNullable<TargetHistory['lastFailure']>): TargetView['lastFailure'] {
  return { at: atMs, ...failure };
}

export type ServiceHealth = {
  status: 'healthy' | 'degraded' | 'down';
  reasons: string[];
  /** The sentences of each reason. */
  wording: readonly (readonly Wording[])[];
  /** Nothing is shared with other gateways now. */
  degraded?: 'redis';
};

/**
 * Whether requests without a route of their own are answered: by the default route's target, by a fallback (degraded), or by none
 * (down). Without the providers' words, since everybody may read this. `sharing`: why nothing is shared with other gateways.
 */
export function serviceHealth(
  current: UsableConfig,
  configured: ConfigHealth,
  views: readonly TargetView[],
  nowMs: number,
  sharing?: string,
): ServiceHealth {
  const { Router } = current.config;
  const main = resolveTarget(Router, Router.default);
  const chain = [...(main ? [main] : []), ...tierTargets(Router)].map(formatTarget);
  const targets = [...new Set(chain)].flatMap((name) => views.find(({ target }) => target === name) ?? []);
  const answering = targets.find(isAnswering);
  const broken = views.filter((view) => isBroken(view)).map((view) => describeBroken(view, nowMs));
  const ofConfig = configured.status === 'degraded' ? configured : { reasons: [], wording: [] };
  const reasons = [
    ...ofConfig.reasons,
    ...broken.map((sentence) => spoken(sentence)),
    ...(sharing === undefined ? [] : [sharing]),
  ];
  const said = [
    ...ofConfig.wording,
    ...broken.map((sentence) => [sentence]),
    ...(sharing === undefined ? [] : [[verbatim(sharing)]]),
  ];
  if (reasons.length === 0) return { status: 'healthy', reasons, wording: said };
  return {
    status: targets.length > 0 && !answering ? 'down' : 'degraded',
    reasons,
    wording: said,
    ...(sharing !== undefined && { degraded: 'redis' }),
  };
}

function isAnswering({ state }: TargetView): boolean {
  return state === 'ok' || state === 'unknown';
}

function isBroken({ state }: TargetView): boolean {
  return state === 'failing' || state === 'cooldown' || state === 'open';
}

/** @example 'one,m failed 12 s ago (auth); others are tried first for 48 s.' */
function describeBroken({ target, lastFailure, retryAt }: TargetView, nowMs: number): Wording {
  const wait = retryAt === undefined ? undefined : waitWording(retryAt, nowMs);
  if (!lastFailure)
    return wait
      ? wording('{0} is on cooldown; others are tried first {1}.', target, wait)
      : wording('{0} is on cooldown.', target);
  const seconds = Math.max(0, Math.round((nowMs - lastFailure.at) / 1000));
  return wait
    ? wording('{0} failed {1} s ago ({2}); others are tried first {3}.', target, seconds, lastFailure.kind, wait)
    : wording('{0} failed {1} s ago ({2}).', target, seconds, lastFailure.kind);
}
