import type { Health } from './health.ts';
import { trustedSamples } from './latencyOrder.ts';
import type { RouteCandidate } from './route.ts';

/** How many of the requests that may explore do so, while there is a target to explore. */
const share = 0.25;

/** A latency this old says little of a target. */
const staleMs = 3 * 60_000;

/**
 * Now and then puts a target first that was not measured often enough, or not lately. Otherwise one that was slow once, or
 * comes after a measured one, would get no more requests.
 */
export function exploring(
  candidates: RouteCandidate[],
  health: Pick<Health, 'samples' | 'history'>,
  nowMs: number,
  random: (() => number) | undefined,
): RouteCandidate[] {
  const [first] = candidates;
  const measured = candidates.slice(1).find(({ target, cooldownUntilMs, latencyMs, off }) => {
    const { lastSuccessAtMs = -Infinity, lastFailure } = health.history(target);
    const seenAtMs = Math.max(lastSuccessAtMs, lastFailure?.atMs ?? -Infinity);
    const slowness = Math.max(1, (latencyMs ?? 0) / (first?.latencyMs ?? Infinity));
    const isUnknown = health.samples(target) < trustedSamples || nowMs - seenAtMs > staleMs * slowness ** 2;
    return cooldownUntilMs === undefined && off === undefined && isUnknown;
  });
  if (!measured || !random || random() >= share) return candidates;
  return [{ ...measured, position: 'exploring' }, ...candidates.filter((each) => each !== measured)];
}
