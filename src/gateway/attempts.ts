import { GatewayError, toGatewayError, type ErrorKind } from '../canonical/errors.ts';
import { tierRetriesSchema, type Config, type TierRetries } from '../config/schema.ts';
import { formatTarget, resolveTarget, routeText, tierTargets } from '../config/routes.ts';
import type { Health } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';
import type { OpenReply } from './attempt.ts';
import { sleep, type Clock } from './clock.ts';
import {
  coolDownMs,
  inSeconds,
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

/** One question to one target, for the route record. */
export type AttemptRecord = {
  target: string;
  /** The place of the key that it was asked with, from 1, if its provider has several. */
  key?: number;
  startedAt: number;
  durationMs: number;
  error?: { kind: ErrorKind; message: string };
};

/** What one target is asked with. */
export type Asking = {
  target: Target;
  retries: TierRetries;
  key: PoolKey | undefined;
  /** The target could not verify the proofs that the conversation's reasoning has. */
  withoutProofs: boolean;
  /** The target's model does not have the effort of reasoning that was asked for. */
  withoutEffort: boolean;
};

export type Answered = { reply: OpenReply; target: Target; key: PoolKey | undefined };
export type Opened = Answered & { attempt: number };

export type AttemptsInput = {
  config: Config;
  targets: Target[];
  signal: AbortSignal;
  /** The keys of a target's provider, as `ask` would find it at this moment. */
  keys(target: Target): readonly PoolKey[];
  /** The one to ask with; see KeyPool.choose. */
  chooseKey(target: Target, keys: readonly PoolKey[], tried: ReadonlySet<string>): PoolKey | undefined;
  /** Asks one target once. */
  ask(asking: Asking): Promise<OpenReply>;
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
  const onAttempt = (record: AttemptRecord, target: Target): void => {
    attempts++;
    input.onAttempt(record, target);
  };
  for (let target = queue.shift(); target; target = queue.shift()) {
    const outcome = await askTarget(target, { ...input, onAttempt }, tools);
    if ('reply' in outcome) return { ...outcome, attempt: attempts };
    failures.push(outcome);
    const verdict = judge(outcome.error.kind);
    if (verdict === 'give-up') throw failures.some(isTooLong) ? summarize(failures) : withTarget(outcome.error, target);
    if (verdict === 'long-context') toLongContext(input.config, queue, failures, outcome.error);
  }
  throw summarize(failures);
}

/**
 * Asks one target until it answers or has used up its retries. What is not the target's fault, a key, proofs or an
 * effort that it does not take, is changed at once and counts as none.
 */
async function askTarget(target: Target, input: AttemptsInput, tools: AttemptsTools): Promise<Answered | Failure> {
  const retries = retriesOf(input.config, target);
  const failed: KeyFailure[] = [];
  let key: PoolKey | undefined;
  let withoutProofs = false;
  let withoutEffort = false;
  let retried = 0;
  for (let attempts = 1; ; attempts++) {
    // Anew each time: a reload may have given the provider another address, which must not get the old one's key.
    const keys = input.keys(target);
    const choose = (): PoolKey | undefined =>
      input.chooseKey(target, keys, new Set(failed.map((failure) => failure.key.id)));
    key = keys.find(({ id }) => id === key?.id) ?? choose();
    const error = await askOnce({ target, retries, key, withoutProofs, withoutEffort }, input, tools);
    if (!(error instanceof GatewayError)) return { reply: error, target, key };
    if (error.details.rejected === 'proofs' && !withoutProofs) {
      withoutProofs = true;
      continue;
    }
    if (error.details.rejected === 'effort' && !withoutEffort) {
      withoutEffort = true;
      continue;
    }
    if (key && leaveKeyAlone(target, key, error, input, tools)) {
      failed.push({ key, error });
      key = choose();
      // What one account refuses may be what this one made.
      withoutProofs = false;
      if (key) continue;
      leaveTargetAlone(target, keys, error, input, tools);
      return { target, attempts, error: summarizeKeys(failed, error, limitedKeys(target, keys, failed, tools)) };
    }
    leaveTargetAlone(target, [], error, input, tools);
    if (judge(error.kind) !== 'same-target' || retried >= retries.max_retries) return { target, attempts, error };
    retried++;
    await sleep(tools.clock, backoffMs(retries, retried, tools.random()), input.signal);
  }
}

/** Keys that were not asked, since they are known to be at their limit. */
function limitedKeys(
  target: Target,
  keys: readonly PoolKey[],
  failed: readonly KeyFailure[],
  { clock, health }: AttemptsTools,
): LimitedKey[] {
  return keys
    .filter(({ id }) => !failed.some(({ key }) => key.id === id))
    .map((key) => ({ key, leftMs: health.keyIsLimitedUntil(target, key.id) - clock.now() }))
    .filter(({ leftMs }) => leftMs > 0);
}

async function askOnce(asking: Asking, input: AttemptsInput, tools: AttemptsTools): Promise<OpenReply | GatewayError> {
  const { target, key } = asking;
  const startedAt = tools.clock.now();
  const record: AttemptRecord = {
    target: formatTarget(target),
    ...(key && key.of > 1 && { key: key.place }),
    startedAt,
    durationMs: 0,
  };
  try {
    const reply = await input.ask(asking);
    record.durationMs = tools.clock.now() - startedAt;
    tools.health.succeeded(target, record.durationMs, key?.id);
    input.onAttempt(record, target);
    return reply;
  } catch (thrown) {
    if (input.signal.aborted) throw input.signal.reason;
    const error = toGatewayError(thrown);
    record.durationMs = tools.clock.now() - startedAt;
    record.error = { kind: error.kind, message: error.message };
    input.onAttempt(record, target);
    return error;
  }
}

/** Whether it is the key that failed. One of several is said aloud: a dead key must not hide behind another one. */
function leaveKeyAlone(
  target: Target,
  key: PoolKey,
  error: GatewayError,
  input: AttemptsInput,
  { clock, health }: AttemptsTools,
): boolean {
  const pauseMs = coolDownMs(error);
  const scope = keyScope(error.kind);
  if (pauseMs === undefined || scope === undefined) return false;
  const isLimit = error.kind === 'rate-limited';
  health.coolDownKey(target, key.id, { scope, untilMs: clock.now() + pauseMs, isLimit });
  const name = `${formatTarget(target)}: key ${key.place} of ${key.of}`;
  if (key.of > 1) input.warn(`${name} is left alone for ${inSeconds(pauseMs)}: ${error.message}`);
  return true;
}

/**
 * Leaves a target alone that would only fail again, and says so aloud: a dead key must not hide behind a fallback. With
 * several `keys`, all of which are in trouble, it can be asked again when the first of them is out of it.
 */
function leaveTargetAlone(
  target: Target,
  keys: readonly PoolKey[],
  error: GatewayError,
  input: AttemptsInput,
  { clock, health }: AttemptsTools,
): void {
  const pauseMs = coolDownMs(error);
  if (pauseMs === undefined) return;
  const now = clock.now();
  const isPool = keys.length > 1;
  const untilMs = isPool ? Math.min(...keys.map(({ id }) => health.keyCoolsUntil(target, id))) : now + pauseMs;
  // Another request may have found a key that works in the meantime.
  if (isPool && untilMs <= now) return;
  health.coolDown(target, untilMs);
  const why = isPool ? `none of its ${keys.length} keys can be used before.` : error.message;
  input.warn(`${formatTarget(target)} is left alone for ${inSeconds(untilMs - now)}: ${why}`);
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
  const name = formatTarget(target);
  if (error.kind !== 'invalid-request') return error;
  return new GatewayError(error.kind, `${name} refused the request: ${error.message}`, error.details);
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
