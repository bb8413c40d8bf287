import type { Health } from './health.ts';
import type { RouteCandidate, Target } from './route.ts';

type Block = Pick<RouteCandidate, 'cooldownUntilMs' | 'circuit'>;

/** Why other targets are asked before this one. */
export function blockOf(target: Target, { isOnCooldown, cooldownUntilMs, circuits }: Health, nowMs: number): Block {
  const state = circuits.state(target, nowMs);
  return {
    cooldownUntilMs: isOnCooldown(target, nowMs) ? cooldownUntilMs(target) : undefined,
    ...((state === 'open' || state === 'probing') && {
      circuit: { state, untilMs: circuits.retryAtMs(target, nowMs) },
    }),
  };
}

/** Puts blocked targets last; if all are blocked, the one that is free first comes first. */
export function blockedLast(candidates: readonly RouteCandidate[]): RouteCandidate[] {
  const ready = candidates.filter((each) => !isBlocked(each));
  const blocked = candidates.filter(isBlocked);
  if (ready.length === 0) return blocked.toSorted((a, b) => blockedUntil(a) - blockedUntil(b));
  return [
    ...ready,
    ...blocked.map((each) => ({
      ...each,
      position: each.circuit ? ('circuit-last' as const) : ('cooling-last' as const),
    })),
  ];
}

export function isBlocked({ cooldownUntilMs, circuit }: Block): boolean {
  return cooldownUntilMs !== undefined || circuit !== undefined;
}

/** A probe may end at any time. */
function blockedUntil({ cooldownUntilMs = 0, circuit }: Block): number {
  return Math.max(cooldownUntilMs, circuit?.untilMs ?? 0);
}
