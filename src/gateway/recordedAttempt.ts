import { toGatewayError, type GatewayError, type ErrorKind } from '../canonical/errors.ts';
import { formatTarget } from '../config/routes.ts';
import type { OpenReply } from './attempt.ts';
import type { AttemptPlan, FailoverInput, FailoverTools } from './failover.ts';
import { cooldownMs, judge } from './failure.ts';
import { explainError, type RequestRecord } from './record.ts';
import { waitText } from './waitText.ts';
import type { Target } from '../routing/route.ts';

/** One attempt, as the request's record keeps it. */
export type AttemptRecord = {
  target: string;
  /** The place of the key that was sent, from 1, if the provider has several. */
  key?: number;
  startedAt: number;
  durationMs: number;
  error?: { kind: ErrorKind; message: string };
};

/** The result of one attempt. */
type AttemptOutcome = { reply: OpenReply } | { error: GatewayError };

/** Makes one attempt, reports it and updates the target's latency. Rejects only when the client is gone. */
export async function runRecorded(
  plan: AttemptPlan,
  input: FailoverInput,
  { clock, health }: FailoverTools,
): Promise<AttemptOutcome> {
  const { target, key } = plan;
  const startedAt = clock.now();
  const record: AttemptRecord = {
    target: formatTarget(target),
    ...(key && key.of > 1 && { key: key.place }),
    startedAt,
    durationMs: 0,
  };
  try {
    const reply = await input.sendAttempt(plan);
    record.durationMs = clock.now() - startedAt;
    health.succeeded(target, record.durationMs, key?.id, input.isCold(target));
    health.note(target, { result: 'answered', atMs: clock.now() });
    // Without its text: what is known of health is told to other gateways.
    health.noteQuota(target, key && { id: key.id, of: key.of }, reply.quotaUntilMs);
    input.onAttempt(record, target);
    return { reply };
  } catch (thrown) {
    if (input.signal.aborted) {
      health.note(target, { result: 'unknown', atMs: clock.now(), sinceMs: startedAt });
      throw input.signal.reason;
    }
    const error = toGatewayError(thrown);
    record.durationMs = clock.now() - startedAt;
    record.error = { kind: error.kind, message: error.message };
    if (isTargetsFault(error)) health.failed(target, record.durationMs);
    noteFailure(target, error, record, input, { clock, health });
    input.onAttempt(record, target);
    return { error };
  }
}

function noteFailure(
  target: Target,
  error: GatewayError,
  { key, startedAt: sinceMs }: AttemptRecord,
  { explain, warn }: FailoverInput,
  { clock, health }: Pick<FailoverTools, 'clock' | 'health'>,
): void {
  const atMs = clock.now();
  if (!isTargetsFault(error)) return health.note(target, { result: 'refused', atMs });
  const result = judge(error.kind) === 'same-target' || error.kind === 'overloaded' ? 'failed' : 'limited';
  const before = health.circuitUntilMs(target);
  health.note(target, { result, atMs, sinceMs, kind: error.kind, message: explain(error), key });
  const untilMs = health.circuitUntilMs(target);
  if (untilMs <= before) return;
  warn(`${formatTarget(target)} keeps failing; others are tried first ${waitText(untilMs, atMs)}: ${error.message}`);
}

/** An answer that broke off after its first content is a failure of its target, although the attempt counted as answered. */
export function noteInterruption(
  record: RequestRecord,
  { clock, health }: Pick<FailoverTools, 'clock' | 'health'>,
): void {
  const { target, error } = record;
  if (!target || !error || judge(error.kind) !== 'same-target') return;
  const message = explainError(error, record);
  health.note(target, { result: 'failed', atMs: clock.now(), kind: error.kind, message });
}

/** Whether another request may fail there too. */
function isTargetsFault(error: GatewayError): boolean {
  return judge(error.kind) === 'same-target' || cooldownMs(error) !== undefined;
}
