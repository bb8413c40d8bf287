import { partition } from '../canonical/lists.ts';
import { isSameTarget, type ModelRef } from '../config/routes.ts';
import type { RouteCandidate } from './route.ts';

/**
 * Puts targets that are close to a limit behind the others, unless they were `chosen`, and those on cooldown last. If all are on
 * cooldown, the one comes first whose cooldown ends first.
 */
export function heldBackLast(candidates: readonly RouteCandidate[], chosen: ModelRef | undefined): RouteCandidate[] {
  const isScarce = ({ target, quotaUntilMs }: RouteCandidate): boolean =>
    quotaUntilMs !== undefined && !(chosen && isSameTarget(target, chosen));
  const [cooling, ready] = partition(candidates, isCooling);
  if (ready.length === 0) {
    const sorted = cooling.toSorted((a, b) => (a.cooldownUntilMs ?? 0) - (b.cooldownUntilMs ?? 0));
    const [first, ...others] = sorted;
    return first && first !== cooling[0] ? [...placed([first], 'soonest'), ...others] : sorted;
  }
  const [scarce, ample] = partition(ready, isScarce);
  return [
    ...(ample.length === 0 ? ready : [...ample, ...placed(scarce, 'quota-last')]),
    ...placed(cooling, 'cooling-last'),
  ];
}

export function isCooling({ cooldownUntilMs }: RouteCandidate): boolean {
  return cooldownUntilMs !== undefined;
}

function placed(candidates: readonly RouteCandidate[], position: RouteCandidate['position']): RouteCandidate[] {
  return candidates.map((each) => ({ ...each, position }));
}
