import { partition } from '../canonical/lists.ts';
import { isSameTarget } from '../config/routes.ts';
import type { RouteCandidate, Target } from './route.ts';

/** How long a request is, and how much each target can take. Tokens. */
export type RequestSize = {
  /** The estimated input, as the target's provider would count it. */
  inputAt(target: Target): number;
  /** Undefined if unknown. */
  windowOf(target: Target): number | undefined;
  /** The length of the answer that the client asks for, or that the model can write. */
  outputAt(target: Target): number;
};

/** Clients ask for as much output as a model can write. CCR lowers that where it must, but not below this part of the window. */
const mostOutput = 0.5;

/** Whether the input and the answer fit the target's context window. An unknown window counts as wide enough. */
export function fits(target: Target, size: RequestSize): boolean {
  const window = size.windowOf(target);
  if (window === undefined) return true;
  return size.inputAt(target) <= window - Math.min(size.outputAt(target), window * mostOutput);
}

/**
 * Puts the targets whose context window is too small last, so that a request goes to one where it fits before it is refused:
 * to that of the route `longContext` if the first target is too small. Does nothing if no target is wide enough.
 */
export function tooSmallLast(
  candidates: RouteCandidate[],
  longContext: () => RouteCandidate | undefined,
  size: RequestSize,
): RouteCandidate[] {
  const [wide, small] = partition(candidates, ({ target }) => fits(target, size));
  if (small.length === 0) return candidates;
  const other = small[0] === candidates[0] ? longContext() : undefined;
  const first = other && other.cooldownUntilMs === undefined && fits(other.target, size) ? [other] : [];
  const ordered = [...first, ...wide.filter(({ target }) => !first.some((each) => isSameTarget(each.target, target)))];
  if (ordered.length === 0) return candidates;
  return [...ordered, ...small.map((each) => ({ ...each, position: 'too-small' as const }))];
}
