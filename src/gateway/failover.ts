import { GatewayError } from '../canonical/errors.ts';
import type { Remedy } from '../canonical/remedies.ts';
import { tierRetriesSchema, type Config, type TierRetries } from '../config/schema.ts';
import { formatTarget, isSameTarget, resolveTarget, routeText, tierOf, tierTargets } from '../config/routes.ts';
import type { Health } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';
import type { OpenReply } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { sleep, type Clock } from './clock.ts';
import {
  cooldownMs,
  isTooLong,
  judge,
  keyScope,
  summarize,
  summarizeKeys,
  type Failure,
  type KeyFailure,
  type LimitedKey,
} from './failure.ts';
import type { PoolKey } from './keyPool.ts';
import { runRecorded, type AttemptRecord } from './recordedAttempt.ts';
import { waitText } from './waitText.ts';
import { canDropRejected, dropRejected, type TargetState } from './rejectedParts.ts';

/** What one attempt is made with. */
export type AttemptPlan = {
  target: Target;
  retries: TierRetries;
  key: PoolKey | undefined;
  /** The target could not verify the reasoning proofs in the conversation. */
  withoutProofs: boolean;
  /** The target's model does not have the requested reasoning effort. */
  withoutEffort: boolean;
  /** What the target's refusals of this request said that it would take. */
  remedies: readonly Remedy[];
};

export type Answered = { reply: OpenReply; target: Target; key: PoolKey | undefined };
export type Opened = Answered & { attempt: number };

export type FailoverInput = {
  config: Config;
  targets: readonly Target[];
  signal: AbortSignal;
  /** The keys of a target's provider, by the config as it is now. */
  keys(target: Target): readonly PoolKey[];
  /** See KeyPool.choose. */
  chooseKey(target: Target, keys: readonly PoolKey[], tried: ReadonlySet<string>): PoolKey | undefined;
  sendAttempt(plan: AttemptPlan): Promise<OpenReply>;
  /** Whether the conversation's prompt is known not to be in the target's cache. */
  isCold(target: Target): boolean;
  onAttempt(record: AttemptRecord, target: Target): void;
  /** An error's message without what it quotes of the prompt, for the target's history. */
  explain(error: GatewayError): string;
  /** Called for a target that another request is testing, so that this one tries others first. */
  onPassedOver(target: Target): void;
  /** Reports a failure that the user should see even if another target answers. */
  warn(message: string): void;
};

export type FailoverTools = { clock: Clock; health: Health; random(): number };

/**
 * Tries the targets in order, each as often as its tier allows, until the first content of one arrives.
 * @throws GatewayError that names every target tried; a mistake of the client's is thrown at once.
 */
export async function openAnswer(input: FailoverInput, tools: FailoverTools): Promise<Opened> {
  const failures: Failure[] = [];
  let attempts = 0;
  const onAttempt = (record: AttemptRecord, target: Target): void => {
    attempts++;
    input.onAttempt(record, target);
  };
  let queue = [...input.targets];
  // Every target once, and `longContext`, which need not be one of them.
  const maxTargets = queue.length + 1;
  while (failures.length < maxTargets) {
    const target = takeNext(queue, input, tools);
    if (!target) break;
    const outcome = await tryTarget(target, { ...input, onAttempt, hasOthers: queue.length > 0 }, tools);
    if ('reply' in outcome) return { ...outcome, attempt: attempts };
    failures.push(outcome);
    const verdict = judge(outcome.error.kind);
    if (verdict === 'give-up') throw failures.some(isTooLong) ? summarize(failures) : withTarget(outcome.error, target);
    if (verdict === 'long-context') queue = [longContextTarget(input.config, failures)];
  }
  throw summarize(failures);
}

/**
 * Removes the first target that a request may be sent to; if there is none, removes the very first one, since an attempt is
 * better than no answer.
 */
function takeNext(
  queue: Target[],
  { onPassedOver }: FailoverInput,
  { clock, health }: FailoverTools,
): Target | undefined {
  const now = clock.now();
  const admitted = queue.findIndex((target) => health.admit(target, now));
  for (const target of queue.slice(0, Math.max(0, admitted))) {
    if (!health.isOnCooldown(target, now)) onPassedOver(target);
  }
  return queue.splice(Math.max(0, admitted), 1)[0];
}

/**
 * Tries one target until it answers or its retries are used up. A change of key, or of a request that the target rejected
 * for its proofs, its effort or a field, is made at once and does not count as a retry.
 */
async function tryTarget(
  target: Target,
  input: FailoverInput & { hasOthers: boolean },
  tools: FailoverTools,
): Promise<Answered | Failure> {
  const retries = retriesOf(input.config, target);
  const state: TargetState = {
    key: undefined,
    withoutProofs: false,
    withoutEffort: false,
    remedies: [],
    failedKeys: [],
    retried: 0,
    remedied: 0,
  };
  let poolSize = 1;
  for (let attempts = 1; ; attempts++) {
    // Read before each attempt: after a reload the provider may have another address, which must not get the old key.
    const keys = input.keys(target);
    poolSize = Math.max(poolSize, keys.length);
    const { failedKeys, retried } = state;
    const chooseKey = (): PoolKey | undefined =>
      input.chooseKey(target, keys, new Set(failedKeys.map(({ key }) => key.id)));
    state.key = keys.find(({ id }) => id === state.key?.id) ?? chooseKey();
    const { key, withoutProofs, withoutEffort, remedies } = state;
    const outcome = await runRecorded({ target, retries, key, withoutProofs, withoutEffort, remedies }, input, tools);
    if ('reply' in outcome) return { reply: outcome.reply, target, key };
    const { error } = outcome;
    const isLast = attempts >= maxAttempts(retries, poolSize) + state.remedied;
    if (!isLast && canDropRejected(error, state)) {
      dropRejected(error, state);
      continue;
    }
    const keyCooldown = key && keyCooldownOf(error, tools.clock.now());
    if (keyCooldown) {
      coolDownKey(target, key, error, keyCooldown, input, tools);
      failedKeys.push({ key, error });
      state.key = chooseKey();
      // Another account may have made the proofs that this one rejected.
      state.withoutProofs = false;
      if (state.key && !isLast) continue;
      coolDownTarget(target, keys, error, input, tools);
      return {
        target,
        attempts,
        error: summarizeKeys(failedKeys, error, limitedKeys(target, keys, failedKeys, tools), tools.clock.now()),
      };
    }
    coolDownTarget(target, [], error, input, tools);
    // One whose circuit has opened, or that asks for a long wait, is not worth a retry while others may answer.
    const isLongWait = (error.details.retryAfterMs ?? 0) > retries.max_backoff_ms;
    const isSkipped = input.hasOthers && (isLongWait || tools.health.isOnCooldown(target, tools.clock.now()));
    const isRetried = judge(error.kind) === 'same-target' && retried < retries.max_retries && !isLast && !isSkipped;
    if (!isRetried) return { target, attempts, error };
    state.retried++;
    const facts = { retry: state.retried, random: tools.random(), retryAfterMs: error.details.retryAfterMs };
    const delayMs = backoffMs(retries, { ...facts, latencyMs: tools.health.firstContentMs(target) });
    await sleep(tools.clock, delayMs, input.signal);
  }
}

/**
 * The most attempts that one target can need: the retries, each key with and without proofs, and once without effort;
 * remedies are counted apart. The bound ends the loop even if a key pool or a provider misbehaves.
 */
function maxAttempts({ max_retries: retries }: TierRetries, poolSize: number): number {
  return retries + 2 * poolSize + 1;
}

/** Keys that were not tried because they are known to be rate-limited. */
function limitedKeys(
  target: Target,
  keys: readonly PoolKey[],
  failed: readonly KeyFailure[],
  { clock, health }: FailoverTools,
): LimitedKey[] {
  return keys
    .filter(({ id }) => !failed.some(({ key }) => key.id === id))
    .map((key) => ({ key, untilMs: health.keyLimitUntilMs(target, key.id) }))
    .filter(({ untilMs }) => untilMs > clock.now());
}

type KeyCooldownPlan = { scope: 'target' | 'provider'; untilMs: number };

/** The cooldown of the key that was sent; undefined if the key did not cause the failure. */
function keyCooldownOf(error: GatewayError, nowMs: number): KeyCooldownPlan | undefined {
  const durationMs = cooldownMs(error);
  const scope = keyScope(error.kind);
  if (durationMs === undefined || scope === undefined) return undefined;
  return { scope, untilMs: nowMs + durationMs };
}

/** Warns when the pool has other keys, so that a dead key is not hidden by them. */
function coolDownKey(
  target: Target,
  key: PoolKey,
  error: GatewayError,
  { scope, untilMs }: KeyCooldownPlan,
  input: FailoverInput,
  { clock, health }: FailoverTools,
): void {
  health.coolDownKey(target, key.id, { scope, untilMs, isLimit: error.kind === 'rate-limited' });
  if (key.of <= 1) return;
  const name = `${formatTarget(target)}: key ${key.place} of ${key.of}`;
  input.warn(`${name} is on cooldown ${waitText(untilMs, clock.now())}: ${error.message}`);
}

/**
 * Puts a target that would fail again on cooldown and warns, so that a fallback does not hide the failure. With several
 * `keys`, all of which are on cooldown, it lasts until the first of them is usable.
 */
function coolDownTarget(
  target: Target,
  keys: readonly PoolKey[],
  error: GatewayError,
  input: FailoverInput,
  { clock, health }: FailoverTools,
): void {
  const durationMs = cooldownMs(error);
  if (durationMs === undefined) return;
  const now = clock.now();
  const isPool = keys.length > 1;
  const untilMs = isPool ? Math.min(...keys.map(({ id }) => health.keyCooldownUntilMs(target, id))) : now + durationMs;
  // Another request may have found a working key in the meantime.
  if (isPool && untilMs <= now) return;
  health.coolDown(target, untilMs);
  const why = isPool ? `all of its ${keys.length} keys are on cooldown.` : error.message;
  input.warn(`${formatTarget(target)} is on cooldown ${waitText(untilMs, now)}: ${why}`);
}

/**
 * The only target that is tried after a conversation was too long for another one.
 * @throws GatewayError that names what failed, if there is none, or it has failed already.
 */
function longContextTarget(config: Config, failures: readonly Failure[]): Target {
  const found = resolveTarget(config.Router, routeText(config.Router, 'longContext') ?? '');
  if (!found || failures.some(({ target }) => isSameTarget(target, found))) throw summarize(failures);
  return { ...found, tier: tierOf(config, found.provider) };
}

function withTarget(error: GatewayError, target: Target): GatewayError {
  if (error.kind !== 'invalid-request') return error;
  return new GatewayError(error.kind, `${formatTarget(target)} refused the request: ${error.message}`, error.details);
}

const usualRetries = tierRetriesSchema.parse({});

/** `tierRetries` by the tier's place in the configured order, else by its name, else the defaults. */
export function retriesOf(config: Config, target: Target): TierRetries {
  const { tierRetries } = config.Router;
  if (Object.keys(tierRetries).length === 0) return usualRetries;
  const place = tierTargets(config.Router).findIndex((each) => isSameTarget(each, target));
  const name = [`tier-${place}`, target.tier].find((each) => Object.hasOwn(tierRetries, each));
  return (name === undefined ? undefined : tierRetries[name]) ?? usualRetries;
}
