import { GatewayError } from './errors.ts';
import type { ErrorKind } from './errors.ts';
import { isFiltered, isLongLimit, isVague, kindOfCode, kindOfName, kindOfWords, plainName } from './errorWords.ts';
import { isErrorBody, readProviderErrorBody, type ProviderErrorBody } from './providerErrorBody.ts';
import { readRetryBody, readRetryText } from './retryTime.ts';
import { isAboutRequest, limitIn, readRemedies } from './remedies.ts';
import type { JsonObject } from './request.ts';

export { readProviderErrorBody } from './providerErrorBody.ts';

/** A provider's refusal. Without `status` it came inside a 200. */
export type ProviderFailure = {
  status?: number | undefined;
  code?: string | undefined;
  type?: string | undefined;
  param?: string | undefined;
  message: string;
  /** The status that the body names, which a gateway on the way may have replaced by its own. */
  statedStatus?: number | undefined;
  /** Milliseconds, from the provider's headers. */
  retryAfterMs?: number | undefined;
  /** Milliseconds, from a field of the body. */
  statedWaitMs?: number | undefined;
};

/**
 * How one provider's errors are classified, beyond what is common to all. Rules are consulted before the general tables, for
 * errors by HTTP status, inside a 200 and inside a stream alike.
 */
export type ErrorRule = {
  /**
   * Kinds by the error's `code`, else by its `type`. A key `type:code` is for a code that counts only inside that `type`. Lower
   * case, with `_` for anything that is neither letter nor digit.
   */
  codes?: Readonly<Record<string, ErrorKind>>;
  /**
   * Kinds by wording, for statuses that leave the kind open: 400, 404, 413, 422 and errors inside a 200. What means a prompt
   * that is too long or an account without credit counts at every status.
   */
  words?: readonly { pattern: RegExp; kind: ErrorKind }[];
  /** Wordings for a request that can be sent again without its proofs or its effort (`ErrorDetails.rejected`). */
  rejects?: readonly { pattern: RegExp; what: 'proofs' | 'effort' }[];
  /** Milliseconds until a retry makes sense, where the provider states a date; undefined if this error has none. */
  readDelay?: (failure: ProviderFailure, nowMs: number) => number | undefined;
};

/** What is known of the provider whose error is classified. */
export type ErrorReading = {
  rules: readonly ErrorRule[];
  /** Unix time in milliseconds; without it no waiting time is read: the config may switch that off. */
  now?: (() => number) | undefined;
  /** The body that was refused; without it no change of it is proposed. */
  sent?: JsonObject | undefined;
};

const noReading: ErrorReading = { rules: [] };

/** Statuses by contract.md, "Attempts, failover, time". */
function statusKind(status: number | undefined): ErrorKind | undefined {
  if (status === undefined || status < 300) return undefined;
  switch (status) {
    case 401:
      return 'auth';
    case 402:
      return 'quota';
    case 403:
      return 'permission';
    case 404:
    case 405:
    case 410:
      return 'not-found';
    case 408:
      return 'timeout';
    case 409:
      return 'upstream';
    case 413:
      return 'too-large';
    case 429:
      return 'rate-limited';
    case 529:
      return 'overloaded';
    default:
      return status >= 400 && status < 500 ? 'invalid-request' : 'upstream';
  }
}

/** Longer messages are cut before they are searched for keys and words. Characters. */
const longestMessage = 4000;

/**
 * Turns a provider's refusal into a GatewayError. The provider's own rules come first, then the general tables. The message
 * keeps the provider's text, with anything that looks like a key redacted. Codes and wordings that name a prompt that is too
 * long, an account without credit or a rate limit count at every status; others refine the statuses 400, 404, 413 and 422, and
 * decide alone for an error inside a 200, which is `upstream` if nothing matches.
 */
export function classifyProviderError(given: ProviderFailure, reading: ErrorReading = noReading): GatewayError {
  const failure = { ...given, message: given.message.slice(0, longestMessage) };
  const { rules, sent } = reading;
  const limit = limitIn(failure, sent);
  const said = redact(failure.message).trim() || silentMessage(failure.status);
  const message =
    limit?.type === 'no-room' ? `${said} (${limit.over} tokens too many for a window of ${limit.window}.)` : said;
  const waitMs = failure.statedWaitMs ?? readRetryText(message, reading.now?.() ?? 0);
  const kind =
    (limit?.type === 'no-room' ? 'context-length' : undefined) ??
    kindByRules(failure, rules) ??
    kindOfCode(failure.code) ??
    kindOfCode(failure.type) ??
    kindOfWords({ ...failure, statedWaitMs: waitMs }) ??
    statedKind(failure) ??
    statusKind(failure.status) ??
    kindOfName(failure.type) ??
    kindOfName(failure.code) ??
    'upstream';
  return new GatewayError(kind, message, {
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.code === undefined ? {} : { code: failure.code }),
    ...(failure.param === undefined ? {} : { param: failure.param }),
    ...(kind === 'invalid-request' && isFiltered(failure) ? { filtered: true } : {}),
    ...rejectedBy(failure, rules),
    ...(sent && isAboutRequest(failure.status) ? remediesOf(failure, sent, limit) : {}),
    ...withRetry(kind, { ...failure, message }, reading),
  });
}

/** A gateway that answers 500 may quote the status that it got, or name a rate limit, which says more. */
function statedKind({ status = 0, statedStatus, type, code }: ProviderFailure): ErrorKind | undefined {
  if (status < 500 && status !== 400 && status !== 403) return undefined;
  if ([kindOfName(type), kindOfName(code)].includes('rate-limited')) return 'rate-limited';
  return statedStatus !== undefined && [401, 402, 403, 429].includes(statedStatus)
    ? statusKind(statedStatus)
    : undefined;
}

function remediesOf(
  failure: ProviderFailure,
  sent: JsonObject,
  limit: ReturnType<typeof limitIn>,
): Pick<GatewayError['details'], 'remedies'> {
  const remedies = readRemedies(failure, sent, limit);
  return remedies.length > 0 ? { remedies } : {};
}

/**
 * The error inside a 200: `error` as object or text, `object` or `type` "error", `event: error`, a list, an envelope that says
 * that it failed, an error on a choice, or text in place of an event's JSON. Undefined for anything that is an answer.
 */
export function readErrorInside(body: unknown, event?: string, reading?: ErrorReading): GatewayError | undefined {
  const suspect = Array.isArray(body) ? body.find(isErrorBody) : body;
  const isError = typeof suspect === 'string' ? errorText.test(suspect) : isErrorBody(suspect);
  if (event !== 'error' && !isError) return undefined;
  return classifyProviderError(failureIn(suspect ?? body, reading) ?? { message: '' }, reading);
}

/** What an error's body says, with the time to wait that it states. */
export function failureIn(
  body: unknown,
  { now }: ErrorReading = noReading,
): (ProviderErrorBody & { statedWaitMs?: number | undefined }) | undefined {
  const said = readProviderErrorBody(body);
  return said && { ...said, statedWaitMs: now && readRetryBody(body, now()) };
}

/** "error: the engine ran out of memory", "[ERROR] …", "Internal Server Error". */
const errorText = /^\s*[^\w<]{0,3}(?:[a-z]+\s){0,3}(?:error|exception|traceback|failure|fatal|panic)\b/i;

/**
 * What looks like a key, a token or a password in a URL, and what replaces it. `hint`: what is quickly found in every text that has one,
 * if the pattern itself tries too many places.
 */
export const keyPatterns: readonly (readonly [pattern: RegExp, by: string, hint?: RegExp])[] = [
  [/\bbearer\s+(?=\S{0,200}[\d*])[\w.~+/*=-]{8,}/gi, 'Bearer [key]'],
  [
    /\b(?:sk|gsk|pk|rk|xai|nvapi|hf|r8|tgp|fw|csk|pplx)[-_][\w*.-]{5,}[\w*]/g,
    '[key]',
    /[-_](?<=(?:[spr]k|xai|nvapi|hf|r8|tgp|fw|pplx).)[\w*.-]{6}/,
  ],
  [/\bAIza[\w*-]{10,}/g, '[key]'],
  // A token may have any length. Whether there is one is looked for at the start of a word alone: else it takes time that grows with the square.
  [/(?<![\w-])(?=[\w-]+\.[\w.-])((?:[\w-]*?-)?)eyJ[\w-]{8,}\.[\w.-]+/g, '$1[key]', /eyJ[\w-]{8}/],
  [/\b[0-9a-fA-F]{32}\.\w{12,}/g, '[key]', /\.(?<=[0-9a-fA-F]{32}\.)\w{12}/],
  [/\b((?:x-)?api[_-]?key|access[_-]?token)(["']?\s*[=:]\s*["']?)(?=\S{0,200}[\d*])[\w*.~+/-]{8,}/gi, '$1$2[key]'],
  [/([?&]key=)[^\s&"']+/g, '$1[key]'],
  [/(:\/\/)[^\s/@:]+:[^\s/@]+@/g, '$1[key]@'],
];

/** Replaces what looks like a key, a token or a password in a URL. Providers quote keys, whole or with stars in them. */
export function redact(text: string): string {
  return keyPatterns.reduce((left, [pattern, by]) => left.replaceAll(pattern, by), text);
}

/**
 * "The encrypted content for item rs_… could not be verified", "Invalid `signature` in `thinking` block",
 * "Invalid thought signature.", "Corrupted thought signature.", "Item with id 'rs_…' not found" (bifrost#5410).
 */
const proofWords =
  /\bencrypted[ _]content\b.{0,200}\bcould not be (verified|decrypted|parsed)\b|\binvalid `?(thought[ _])?signature\b|\b(corrupted thought signature|thought signature is not valid)\b|\bitem with id 'rs_[^']*' not found\b/is;

/**
 * "Unrecognized request argument supplied: reasoning_effort", "'reasoning_effort' does not support 'none' with this model",
 * "Model … does not support parameter reasoningEffort.", "Reasoning is mandatory for this endpoint and cannot be disabled."
 * Of a Messages model whose name tells no version: "`thinking.type.enabled` is not supported for this model" (aelix-ai#258),
 * "adaptive thinking is not supported on this model" (docker-agent#3362), "thinking: Input tag 'adaptive' found using 'type'
 * does not match" (harness-sdk#1856), "Only 'enabled' and 'disabled' are supported for thinking".
 */
const effortWords =
  /\bthinking\.type\.\w+\W{1,3}is not supported\b|\badaptive thinking is not supported\b|\bthinking: input tag\b|\bare supported for thinking\b|\breasoning is mandatory\b|\breasoning[_.]?effort\b.{0,80}\b(support|must be|should be)|\b(support|unrecognized|unsupported|unknown)\b.{0,80}\breasoning[_.]?effort\b/is;

function rejectedBy(failure: ProviderFailure, rules: readonly ErrorRule[]): Pick<GatewayError['details'], 'rejected'> {
  const { status, code, message } = failure;
  const mayBeProofs = status === undefined || status < 500;
  for (const { pattern, what } of rules.flatMap(({ rejects }) => rejects ?? [])) {
    if ((what === 'effort' || mayBeProofs) && pattern.test(message)) return { rejected: what };
  }
  if (mayBeProofs && (code === 'invalid_encrypted_content' || proofWords.test(message))) return { rejected: 'proofs' };
  return effortWords.test(message) ? { rejected: 'effort' } : {};
}

function kindByRules(failure: ProviderFailure, rules: readonly ErrorRule[]): ErrorKind | undefined {
  const { code, type } = failure;
  const [plainCode, plainType] = [plainName(code), plainName(type)];
  const names = [plainCode && plainType && `${plainType}:${plainCode}`, plainCode, plainType];
  for (const name of names) {
    const found = name && rules.find(({ codes }) => codes && Object.hasOwn(codes, name))?.codes?.[name];
    if (found) return found;
  }
  const kind = rules.flatMap(({ words }) => words ?? []).find(({ pattern }) => pattern.test(failure.message))?.kind;
  return kind === 'context-length' || kind === 'quota' || isVague(failure.status) ? kind : undefined;
}

function delayByRules(failure: ProviderFailure, { rules, now }: ErrorReading): number | undefined {
  if (!now) return undefined;
  for (const { readDelay } of rules) {
    const delay = readDelay?.(failure, now());
    if (delay !== undefined) return delay;
  }
  return undefined;
}

/** Headers come before what is said in words; of a quota the longest wait that anything states. */
function withRetry(kind: ErrorKind, failure: ProviderFailure, reading: ErrorReading): { retryAfterMs?: number } {
  if (!waitingKinds.includes(kind)) return {};
  const stated = [
    failure.retryAfterMs,
    delayByRules(failure, reading),
    failure.statedWaitMs,
    reading.now && readRetryText(failure.message, reading.now()),
  ].filter((wait) => wait !== undefined);
  const [first] = stated;
  const limit = kind === 'rate-limited' ? isLongLimit(failure.message) : undefined;
  if (limit && (first === undefined || limit.isNamed)) return { retryAfterMs: Math.max(longLimitMs, ...stated) };
  if (first === undefined) return {};
  return { retryAfterMs: kind === 'quota' ? Math.max(...stated) : first };
}

/** When a limit of a day is tried again that says nothing better. Milliseconds. */
const longLimitMs = 3_600_000;

/** The kinds that waiting ends. */
const waitingKinds: readonly ErrorKind[] = ['rate-limited', 'overloaded', 'upstream', 'quota'];

function silentMessage(status: number | undefined): string {
  return status === undefined
    ? 'The provider reported an error without saying which.'
    : `The provider answered with status ${status} and no explanation.`;
}
