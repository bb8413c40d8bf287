import { GatewayError, toGatewayError, type ErrorKind } from '../canonical/errors.ts';
import { tierRetriesSchema, type Config, type TierRetries } from '../config/schema.ts';
import { resolveTarget, routeText, tierTargets } from '../config/routes.ts';
import type { Health } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';
import type { OpenReply } from './attempt.ts';
import { sleep, type Clock } from './clock.ts';
import { coolDownMs, judge, summarize, type Failure } from './failure.ts';

/** One question to one target, for the route record. */
export type AttemptRecord = {
  target: string;
  startedAt: number;
  durationMs: number;
  error?: { kind: ErrorKind; message: string };
};

export type Opened = { reply: OpenReply; target: Target; attempt: number };

export type AttemptsInput = {
  config: Config;
  targets: Target[];
  signal: AbortSignal;
  /** Asks one target once. `withoutProofs`: it could not verify those of the reasoning in the conversation. */
  ask(target: Target, retries: TierRetries, withoutProofs: boolean): Promise<OpenReply>;
  onAttempt(record: AttemptRecord, target: Target): void;
  /** A failure that a person should know of although another target answers. */
  warn(message: string): void;
};

export type AttemptsTools = { clock: Clock; health: Health; random(): number };

/**
 * Asks the targets in order, each as often as its tier allows, until one's first content comes.
 * @throws GatewayError that names every target tried; the client's own mistakes come at once and unchanged.
 */
export async function openAnswer(input: AttemptsInput, tools: AttemptsTools): Promise<Opened> {
  const queue = [...input.targets];
  const failures: Failure[] = [];
  let attempts = 0;
  for (let target = queue.shift(); target; target = queue.shift()) {
    const retries = retriesOf(input.config, target);
    let withoutProofs = false;
    for (let tried = 1; ; tried++) {
      attempts++;
      const outcome = await tryOnce(target, retries, withoutProofs, input, tools);
      if (!(outcome instanceof GatewayError)) return { reply: outcome, target, attempt: attempts };
      if (outcome.details.rejected === 'proofs' && !withoutProofs) {
        withoutProofs = true;
        continue;
      }
      const verdict = judge(outcome.kind);
      if (verdict === 'same-target' && tried <= retries.max_retries) {
        await sleep(tools.clock, backoffMs(retries, tried, tools.random()), input.signal);
        continue;
      }
      failures.push({ target, attempts: tried, error: outcome });
      if (verdict === 'give-up') throw withTarget(outcome, target);
      if (verdict === 'long-context') toLongContext(input.config, queue, failures, outcome);
      break;
    }
  }
  throw summarize(failures);
}

async function tryOnce(
  target: Target,
  retries: TierRetries,
  withoutProofs: boolean,
  input: AttemptsInput,
  tools: AttemptsTools,
): Promise<OpenReply | GatewayError> {
  const startedAt = tools.clock.now();
  const record: AttemptRecord = { target: `${target.provider},${target.model}`, startedAt, durationMs: 0 };
  try {
    const reply = await input.ask(target, retries, withoutProofs);
    record.durationMs = tools.clock.now() - startedAt;
    tools.health.succeeded(target, record.durationMs);
    input.onAttempt(record, target);
    return reply;
  } catch (thrown) {
    if (input.signal.aborted) throw input.signal.reason;
    const error = toGatewayError(thrown);
    record.durationMs = tools.clock.now() - startedAt;
    record.error = { kind: error.kind, message: error.message };
    input.onAttempt(record, target);
    // It is asked again at once: nothing is wrong with the target.
    if (error.details.rejected !== 'proofs' || withoutProofs) noteFailure(target, error, input, tools);
    return error;
  }
}

/** Leaves a target alone that would only fail again, and says so aloud: a dead key must not hide behind a fallback. */
function noteFailure(
  target: Target,
  error: GatewayError,
  input: AttemptsInput,
  { clock, health }: AttemptsTools,
): void {
  const pauseMs = coolDownMs(error);
  if (pauseMs === undefined) return;
  health.coolDown(target, clock.now() + pauseMs);
  input.warn(`${target.provider},${target.model} is left alone for ${Math.ceil(pauseMs / 1000)} s: ${error.message}`);
}

/** A conversation that is too long for this target is too long for most others: only `longContext` may help. */
function toLongContext(config: Config, queue: Target[], failures: Failure[], error: GatewayError): void {
  const target = resolveTarget(config.Router, routeText(config.Router, 'longContext') ?? '');
  const tried = failures.some(
    (failure) => failure.target.provider === target?.provider && failure.target.model === target.model,
  );
  queue.length = 0;
  if (!target || tried) throw error;
  const provider = config.Providers.find(({ name }) => name === target.provider);
  queue.push({ ...target, tier: provider?.tier_name ?? target.provider });
}

function withTarget(error: GatewayError, target: Target): GatewayError {
  const name = `${target.provider},${target.model}`;
  if (error.kind !== 'invalid-request') return error;
  return new GatewayError(error.kind, `${name} refused the request: ${error.message}`, {
    ...error.details,
    target: name,
  });
}

/** `tierRetries` by the tier's place in the configured order, else by its name, else the defaults. */
export function retriesOf(config: Config, target: Target): TierRetries {
  const { tierRetries } = config.Router;
  const place = tierTargets(config.Router).findIndex(
    ({ provider, model }) => provider === target.provider && model === target.model,
  );
  const name = [`tier-${place}`, target.tier].find((each) => Object.hasOwn(tierRetries, each));
  return (name === undefined ? undefined : tierRetries[name]) ?? tierRetriesSchema.parse({});
}

/** Between half and all of the configured wait, so that many clients do not come back in step. */
function backoffMs(retries: TierRetries, tried: number, random: number): number {
  const wait = Math.min(retries.base_backoff_ms * retries.backoff_multiplier ** (tried - 1), retries.max_backoff_ms);
  return wait * (0.5 + random / 2);
}
