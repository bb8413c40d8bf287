import type { GatewayError } from '../canonical/errors.ts';
import type { Remedy } from '../canonical/remedies.ts';
import type { AttemptPlan } from './failover.ts';
import type { KeyFailure } from './failure.ts';

// Retries a target that rejected a part of the request at once, without that part.

/** The state of one request's attempts at one target. */
export type TargetState = Omit<AttemptPlan, 'target' | 'retries'> & {
  failedKeys: KeyFailure[];
  retried: number;
  remedied: number;
};

/** How often one request is changed for one target. A provider may refuse one field after the other. */
const maxRemedies = 10;

export function canDropRejected({ details: { rejected, remedies = [] } }: GatewayError, state: TargetState): boolean {
  if (rejected === 'proofs') return !state.withoutProofs;
  if (rejected === 'effort' && !state.withoutEffort) return true;
  return state.remedied < maxRemedies && remedies.some((remedy) => !isTried(remedy, state));
}

export function dropRejected({ details: { rejected, remedies = [] } }: GatewayError, state: TargetState): void {
  if (rejected === 'proofs') state.withoutProofs = true;
  else if (rejected === 'effort' && !state.withoutEffort) state.withoutEffort = true;
  else {
    state.remedies = [...state.remedies, ...remedies];
    state.remedied++;
  }
}

/** One that did not help will not help again. */
function isTried(remedy: Remedy, { remedies }: TargetState): boolean {
  const text = JSON.stringify(remedy);
  return remedies.some((tried) => JSON.stringify(tried) === text);
}
