import { GatewayError, type ErrorKind } from '../canonical/errors.ts';
import { formatTarget } from '../config/routes.ts';
import type { Target } from '../routing/route.ts';
import type { PoolKey } from './keyPool.ts';
import { waitText } from './waitText.ts';

/** What failover does after a failure before the first content. */
export type Verdict = 'same-target' | 'next-target' | 'long-context' | 'give-up';

/** Decides on the kind alone: see contract.md, "Attempts, failover, time". */
export function judge(kind: ErrorKind): Verdict {
  switch (kind) {
    case 'connection':
    case 'timeout':
    case 'upstream':
    case 'protocol':
    case 'empty':
      return 'same-target';
    case 'rate-limited':
    case 'overloaded':
    case 'auth':
    case 'permission':
    case 'quota':
    case 'not-found':
    case 'unsupported':
      return 'next-target';
    case 'context-length':
    case 'too-large':
      return 'long-context';
    case 'invalid-request':
    case 'stopped':
    case 'cancelled':
    case 'internal':
      return 'give-up';
    default:
      return kind satisfies never;
  }
}

/**
 * Where a key is unusable after a failure that it caused, so that another key is worth trying; undefined if the key did not
 * cause it. Rate limits and permissions are often per model; an invalid key and an empty account affect all models.
 */
export function keyScope(kind: ErrorKind): 'target' | 'provider' | undefined {
  switch (kind) {
    case 'auth':
    case 'quota':
      return 'provider';
    case 'permission':
    case 'rate-limited':
      return 'target';
    default:
      return undefined;
  }
}

/** The shortest cooldown of an account without credit, which stays so until the user pays. Milliseconds. */
const quotaCooldownMs = 600_000;

/** The cooldown of a target, or of its key, after a failure; undefined for a failure that needs none. Milliseconds. */
export function cooldownMs({ kind, details }: GatewayError): number | undefined {
  switch (kind) {
    case 'rate-limited':
    case 'overloaded':
      return details.retryAfterMs ?? 10_000;
    case 'quota':
      return Math.max(quotaCooldownMs, details.retryAfterMs ?? 0);
    case 'auth':
    case 'permission':
    case 'not-found':
      return 60_000;
    default:
      return undefined;
  }
}

/** A target that failed, with its last error. */
export type Failure = { target: Target; attempts: number; error: GatewayError };

/** A key and its error. */
export type KeyFailure = { key: PoolKey; error: GatewayError };

/** A key that was not tried. `untilMs`: when its rate limit ends, by an earlier answer of its provider. Unix time. */
export type LimitedKey = { key: PoolKey; untilMs: number };

/** The failures of a target's keys as one error. `rate-limited` if any key is: then waiting helps. */
export function summarizeKeys(
  failures: readonly KeyFailure[],
  last: GatewayError,
  limited: readonly LimitedKey[],
  nowMs: number,
): GatewayError {
  if (failures.length + limited.length <= 1) return last;
  const limits = failures.map(({ error }) => error).filter(({ kind }) => kind === 'rate-limited');
  const times = [
    ...limits.map(({ details }) => details.retryAfterMs),
    ...limited.map(({ untilMs }) => untilMs - nowMs),
  ];
  const known = times.filter((time) => time !== undefined);
  const messages = [
    ...failures.map(({ key, error }) => `key ${key.place}: ${error.message}`),
    ...limited.map(({ key, untilMs }) => `key ${key.place} is rate-limited ${waitText(untilMs, nowMs)}`),
  ];
  const kind = limited.length > 0 ? 'rate-limited' : (limits[0] ?? last).kind;
  return new GatewayError(kind, `None of its keys can be used now. ${messages.join('; ')}`, {
    ...(limits[0]?.details ?? (limited.length > 0 ? {} : last.details)),
    retryAfterMs: known.length > 0 ? Math.min(...known) : undefined,
    cause: last,
  });
}

/** Adds the target's name to an error that interrupted an answer: after the first content there is no failover. */
export function interruptedBy(thrown: unknown, target: Target): unknown {
  if (!(thrown instanceof GatewayError) || thrown.kind === 'cancelled') return thrown;
  const details = { ...thrown.details, cause: thrown };
  return new GatewayError(thrown.kind, namedMessage(thrown, target), details);
}

/** Prefixes the message with the target's name, unless it starts with it. */
function namedMessage({ message }: GatewayError, target: Target, times = ''): string {
  const name = formatTarget(target);
  return message.startsWith(`${name} `)
    ? `${name}${times}${message.slice(name.length)}`
    : `${name}${times}: ${message}`;
}

const permanentKinds: readonly ErrorKind[] = ['auth', 'permission', 'quota', 'not-found'];

/**
 * The one error that the client gets when every target failed: each target's message, and the kind that they share. If the
 * conversation was too long for one of them, the kind says so, since agents then compact it and continue.
 */
export function summarize(failures: readonly Failure[]): GatewayError {
  const [first, ...others] = failures;
  if (!first) return new GatewayError('internal', 'No target was tried.');
  const messages = failures.map(({ target, attempts, error }) => {
    return namedMessage(error, target, attempts > 1 ? ` (${attempts} attempts)` : '');
  });
  const message = others.length === 0 ? (messages[0] ?? '') : `No provider could answer. ${messages.join(' | ')}`;
  const tooLong = failures.find(isTooLong)?.error;
  if (tooLong) return new GatewayError(tooLong.kind, message, { ...tooLong.details, cause: tooLong });
  const { details } = first.error;
  const kind = commonKind(failures);
  return new GatewayError(kind, message, {
    ...details,
    retryAfterMs: soonestRetryMs(failures, kind),
    cause: first.error,
  });
}

export function isTooLong({ error }: Failure): boolean {
  return judge(error.kind) === 'long-context';
}

function commonKind(failures: readonly Failure[]): ErrorKind {
  const kinds = new Set(failures.map(({ error }) => error.kind));
  const [kind] = kinds;
  if (kinds.size === 1 && kind) return kind;
  // Failures that only the user can fix stay permanent for the client, even if their kinds differ.
  const others = [...kinds].filter((each) => !permanentKinds.includes(each));
  if (kind && others.length === 0) return kind;
  // The wait of the rate-limited ones applies to all.
  return others.length === 1 && others[0] === 'rate-limited' ? 'rate-limited' : 'upstream';
}

/** The soonest retry among the failures that pass by themselves. An account without credit may state the end of the month. */
function soonestRetryMs(failures: readonly Failure[], kind: ErrorKind): number | undefined {
  const waiting = failures.filter(({ error }) => kind === 'quota' || error.kind !== 'quota');
  const times = waiting.map(({ error }) => error.details.retryAfterMs).filter((time) => time !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}
