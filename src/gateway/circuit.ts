import type { ErrorKind } from '../canonical/errors.ts';
import type { Pass } from '../routing/circuits.ts';
import type { Target } from '../routing/route.ts';
import type { FailoverInput, FailoverTools } from './failover.ts';
import { isProvidersFailure } from './failure.ts';

type Tools = Pick<FailoverTools, 'clock' | 'health'>;

/**
 * Undefined if the circuit has opened, or another request has begun to probe it, since the targets were ordered. Without
 * another target that is ready, it is asked all the same: no request is refused without having been sent.
 */
export function enterCircuit(
  target: Target,
  hasReady: () => boolean,
  { onSkip }: Pick<FailoverInput, 'onSkip'>,
  { clock, health: { circuits } }: Tools,
): Pick<Pass, 'leave'> | undefined {
  const pass = circuits.enter(target, clock.now());
  if (pass) return pass;
  if (!hasReady()) return { leave: () => undefined };
  onSkip(target, circuits.state(target, clock.now()) === 'open' ? 'open' : 'probing');
  return undefined;
}

/** A provider that refuses a request does its work, so its circuit closes. */
export function noteFailure(target: Target, kind: ErrorKind, { clock, health: { circuits } }: Tools): void {
  if (isProvidersFailure(kind)) circuits.failed(target, clock.now());
  else if (kind !== 'internal') circuits.answered(target);
}
