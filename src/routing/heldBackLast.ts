import { isSameTarget, type ModelRef } from '../config/routes.ts';
import type { RouteCandidate } from './route.ts';

/**
 * Puts targets that are close to a limit behind the others, unless they were `chosen`, and those on cooldown last. If all are on
 * cooldown, the one comes first whose cooldown ends first.
 */
export function heldBackLast(candidates: readonly RouteCandidate[], chosen: ModelRef | undefined): RouteCandidate[] {
  const isCooling = ({ cooldownUntilMs }: RouteCandidate): boolean => cooldownUntilMs !== undefined;
  const isScarce = ({ target, quotaUntilMs }: RouteCandidate): boolean =>
    quotaUntilMs !== undefined && !(chosen && isSameTarget(target, chosen));
  const ready = candidates.filter((each) => !isCooling(each));
  const cooling = candidates.filter(isCooling);
  if (ready.length === 0) {
    const sorted = cooling.toSorted((a, b) => (a.cooldownUntilMs ?? 0) - (b.cooldownUntilMs ?? 0));
    const [first, ...others] = sorted;
    return first && first !== cooling[0] ? [...placed([first], 'soonest'), ...others] : sorted;
  }
  const ample = ready.filter((each) => !isScarce(each));
  return [
    ...(ample.length === 0 ? ready : [...ample, ...placed(ready.filter(isScarce), 'quota-last')]),
    ...placed(cooling, 'cooling-last'),
  ];
}

function placed(candidates: readonly RouteCandidate[], position: RouteCandidate['position']): RouteCandidate[] {
  return candidates.map((each) => ({ ...each, position }));
}
