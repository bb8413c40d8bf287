import type { Outcomes } from '../routing/outcomes.ts';
import type { Target } from '../routing/route.ts';
import type { AttemptRecord } from './failover.ts';
import { isTargetsFault } from './failure.ts';
import { explainError, type RequestRecord } from './record.ts';

/** Remembers what an attempt says about its target, without what the error quotes of the conversation. */
export function noteOutcome(
  outcomes: Outcomes,
  target: Target,
  { startedAt, durationMs, key, error }: AttemptRecord,
  record: RequestRecord,
): void {
  const at = startedAt + durationMs;
  if (!error) outcomes.answered(target, at, durationMs);
  else if (isTargetsFault(error.kind))
    outcomes.failed(target, { at, kind: error.kind, message: explainError(error, record), key });
}
