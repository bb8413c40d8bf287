import { configHealth, type ConfigHealth } from '../config/health.ts';
import type { UsableConfig } from '../config/load.ts';
import type { ProviderStatus } from '../config/providers.ts';
import { formatTarget, resolveTarget, routeReferences, tierTargets } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { GatewayState, TargetState, TargetView } from '../control/protocol.ts';
import { poolOf } from '../gateway/keyPool.ts';
import type { Health } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';

export type TargetViewParts = {
  config: Config;
  providers: readonly ProviderStatus[];
  health: Health;
  /** Unix time in ms. */
  nowMs: number;
};

/** How the targets do that the config names, in the order of its tiers first, and those that clients have asked for. */
export function targetViews(parts: TargetViewParts): TargetView[] {
  const { config, health } = parts;
  const named = [
    ...answering(config),
    ...routeReferences(config).flatMap(({ text }) => resolveTarget(config.Router, text) ?? []),
  ].map(({ provider, model }) => ({ provider, model, tier: tierOf(config, provider) }));
  const all = [...named, ...health.outcomes.all().map(({ target }) => target)];
  return [...new Map(all.map((target) => [formatTarget(target), target])).values()].map((target) =>
    viewOf(target, parts),
  );
}

/** The default route's own target and its fallbacks. */
function answering({ Router }: Config): { provider: string; model: string }[] {
  return [resolveTarget(Router, Router.default) ?? [], tierTargets(Router)].flat();
}

function tierOf({ Providers }: Config, provider: string): string {
  return Providers.find(({ name }) => name === provider)?.tier_name ?? provider;
}

function viewOf(target: Target, parts: TargetViewParts): TargetView {
  const { config, health, nowMs } = parts;
  const { lastFailure, lastSuccessAt, firstTokenMs } = health.outcomes.of(target) ?? {};
  const provider = config.Providers.find(({ name }) => name === target.provider);
  const pool = provider ? poolOf(provider) : [];
  const keys = pool
    .map(({ id, place }) => ({
      key: place,
      retryAt: health.keyCooldownUntilMs(target, id),
      isLimit: health.keyLimitUntilMs(target, id) > nowMs,
    }))
    .filter(({ retryAt }) => retryAt > nowMs);
  const cooldownUntil = health.isOnCooldown(target, nowMs) ? health.cooldownUntilMs(target) : 0;
  const retryAt = Math.max(cooldownUntil, health.circuits.retryAtMs(target, nowMs) ?? 0);
  return {
    target: formatTarget(target),
    tier: target.tier,
    state: stateOf(target, parts),
    ...(lastFailure && { lastFailure }),
    ...(retryAt > 0 && { retryAt }),
    ...(lastSuccessAt !== undefined && { lastSuccessAt, firstTokenMs }),
    ...(keys.length > 0 && { keys }),
  };
}

function stateOf(target: Target, { health, providers, nowMs }: TargetViewParts): TargetState {
  if (!providers.some(({ name, enabled }) => name === target.provider && enabled)) return 'off';
  const circuit = health.circuits.state(target, nowMs);
  if (circuit === 'open' || circuit === 'probing') return circuit;
  if (health.isOnCooldown(target, nowMs)) return 'cooldown';
  const outcome = health.outcomes.of(target);
  if (outcome?.isFailing) return 'failing';
  return outcome?.lastSuccessAt === undefined ? 'untried' : 'ok';
}

export type GatewayHealth = Pick<GatewayState, 'status' | 'reasons' | 'targets'>;

export function gatewayHealth(current: UsableConfig, health: Health, nowMs: number): GatewayHealth {
  const { config, providers } = current;
  const targets = targetViews({ config, providers, health, nowMs });
  return { ...gatewayStatus(config, configHealth(current), targets), targets };
}

/** Whether requests that leave the model to CCR can be answered, as far as is known; see GatewayState. */
export function gatewayStatus(
  config: Config,
  configHealth: ConfigHealth,
  views: readonly TargetView[],
): Pick<GatewayState, 'status' | 'reasons'> {
  const reasons = configHealth.status === 'degraded' ? configHealth.reasons : [];
  const first = resolveTarget(config.Router, config.Router.default);
  const tiers = answering(config).flatMap((target) => views.find((view) => view.target === formatTarget(target)) ?? []);
  const isDown = tiers.every(({ state }) => unanswering.includes(state));
  const own = tiers.find((view) => first !== undefined && view.target === formatTarget(first));
  const isHealthy = configHealth.status === 'healthy' && (own?.state === 'ok' || own?.state === 'untried');
  if (isHealthy && !isDown) return { status: 'healthy', reasons };
  const failures = [...new Set(tiers)].flatMap((view) => failureOf(view) ?? []);
  return { status: isDown ? 'down' : 'degraded', reasons: [...reasons, ...failures] };
}

const unanswering: readonly TargetState[] = ['cooldown', 'open', 'probing', 'off'];

/** Why a target is not asked, or not trusted, and when it will be asked. @example 'one,m failed at ... (timeout): ...' */
function failureOf({ target, state, lastFailure, retryAt }: TargetView): string | undefined {
  if (state === 'ok' || state === 'untried' || state === 'off' || !lastFailure) return undefined;
  const when =
    retryAt === undefined
      ? state === 'probing'
        ? 'A request is finding out whether it answers again.'
        : 'The next request finds out whether it answers again.'
      : `Other targets are asked first until ${timeText(retryAt)}.`;
  return `${target} failed at ${timeText(lastFailure.at)} (${lastFailure.kind}): ${lastFailure.message} ${when}`;
}

/** @example '2026-12-31 23:59:59 UTC' */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
