import { GatewayError } from './errors.ts';
import type { ErrorKind } from './errors.ts';
import { readProviderErrorBody } from './providerErrorBody.ts';
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
  /** Milliseconds, from the provider's headers. */
  retryAfterMs?: number | undefined;
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
  /** Kinds by wording, for statuses that leave the kind open: 400, 404, 413, 422 and errors inside a 200. */
  words?: readonly { pattern: RegExp; kind: ErrorKind }[];
  /** Wordings for a request that can be sent again without its proofs or its effort (`ErrorDetails.rejected`). */
  rejects?: readonly { pattern: RegExp; what: 'proofs' | 'effort' }[];
  /** Milliseconds until a retry makes sense, where the provider states a date; undefined if this error has none. */
  readDelay?: (failure: ProviderFailure, nowMs: number) => number | undefined;
};

/** What is known of the provider whose error is classified. */
export type ErrorReading = {
  rules: readonly ErrorRule[];
  /** Unix time in milliseconds; without it `readDelay` is skipped. */
  now?: (() => number) | undefined;
  /** The body that was refused; without it no change of it is proposed. */
  sent?: JsonObject | undefined;
};

const noReading: ErrorReading = { rules: [] };

/**
 * Codes that say more than the status beside them. Only names that can mean one thing: bare numbers mean something else at
 * each provider, so they belong in the provider's file.
 */
const codeKinds = new Map<string, ErrorKind>([
  ...kindOf('context-length', 'context_length_exceeded', 'model_context_window_exceeded', 'exceed_context_size_error',
    'model_max_prompt_tokens_exceeded'), // prettier-ignore
  ...kindOf('auth', 'invalid_api_key', 'incorrect_api_key_error', 'api_key_invalid'),
  // Waiting does not restore credit, even where the status is 429.
  ...kindOf('permission', 'insufficient_quota', 'insufficient_balance', 'billing_error', 'access_terminated_error'),
  ...kindOf('not-found', 'model_not_found', 'model_decommissioned'),
  ...kindOf('unsupported', 'unsupported_parameter', 'unsupported_value', 'unsupported_model', 'model_not_supported'),
  ...kindOf('overloaded', 'server_is_overloaded'),
]);

/** Names that only help where no status does. */
const nameKinds = new Map<string, ErrorKind>([
  ...kindOf('invalid-request', 'invalid_request_error', 'invalid_request', 'invalid_argument', 'bad_request_error', 'bad_request',
    'invalid_parameter_error', 'invalid_prompt', 'content_filter', 'bad_response_status_code'), // prettier-ignore
  ...kindOf(
    'auth',
    'authentication_error',
    'authorized_error',
    'invalid_authentication_error',
    'unauthenticated',
    'unauthorized',
  ),
  ...kindOf('permission', 'permission_error', 'permission_denied', 'permission_denied_error', 'forbidden'),
  ...kindOf('not-found', 'not_found_error', 'not_found', 'resource_not_found_error'),
  ...kindOf('too-large', 'request_too_large'),
  ...kindOf('rate-limited', 'rate_limit_error', 'rate_limit_exceeded', 'rate_limit_reached_error', 'rate_limited', 'slow_down',
    'too_many_requests', 'resource_exhausted', 'requests_limit_error', 'usage_limit_reached'), // prettier-ignore
  ...kindOf(
    'overloaded',
    'overloaded_error',
    'overloaded',
    'engine_overloaded_error',
    'unavailable',
    'service_unavailable',
  ),
  ...kindOf('timeout', 'timeout_error', 'timeout', 'deadline_exceeded'),
]);

/** Statuses by contract.md, "Attempts, failover, time". */
function statusKind(status: number | undefined): ErrorKind | undefined {
  if (status === undefined || status < 300) return undefined;
  switch (status) {
    case 401:
      return 'auth';
    case 402:
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

/** Wordings seen at several providers; docs/reference/providers.md cites them. */
const contextLengthWords = [
  /\bmaximum (context|prompt|input) length\b/i,
  /\bcontext[ _](length|window|size|limit)\b.{0,60}\b(exceed|too (long|large|small)|reached|limit)/i,
  /\b(exceed\w*|over|greater than|beyond|larger than|too (long|large) for)\b.{0,60}\bcontext (token )?(length|window|size|limit)/i,
  /\bexceed\w*\b.{0,40}\bmodel token limit\b/i,
  /\b(prompt|input)( is| was)? too long\b/i,
  /\bprompt exceeds max length\b/i,
  /\binput token count\b.{0,40}\bexceeds\b/i,
  /\bprompt token count\b.{0,40}\bexceeds\b/i,
  /\breduce the length of the (messages|input|prompt)\b/i,
  // Local servers: "Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)".
  /\bn_keep\b.{0,20}>= ?n_ctx\b/i,
];
const unknownModelWords =
  /\bmodel\b.{0,80}\b(not exist|not found|no longer available|not available|retired|decommissioned)\b|\b(unknown|no such) model\b/i;
const unsupportedWords =
  /\b(not|n't|cannot)( currently)?( be)? support(ed)?\b|\bunsupported\b|\brequires? --[a-z]|\bno endpoints found that support\b|\bunknown variant `(image_url|input_audio|file|video_url|custom)`/i;
const keyWords =
  /\bapi[ _-]?key\b.{0,40}\b(invalid|not valid|incorrect|expired|revoked|missing)\b|\b(invalid|incorrect|expired|missing|wrong)\b.{0,20}\b(api[ _-]?key|credentials?)\b/i;

/** Longer messages are cut before they are searched for keys. Characters. */
const longestMessage = 4000;

/**
 * Turns a provider's refusal into a GatewayError. The provider's own rules come first, then the general tables. The message
 * keeps the provider's text, with anything that looks like a key redacted. Codes and wordings refine the statuses 400, 404,
 * 413 and 422, and decide alone for an error inside a 200, which is `upstream` if nothing matches.
 */
export function classifyProviderError(failure: ProviderFailure, reading: ErrorReading = noReading): GatewayError {
  const { rules, sent } = reading;
  const limit = limitIn(failure, sent);
  const said = redact(failure.message.slice(0, longestMessage)).trim() || silentMessage(failure.status);
  const message =
    limit?.type === 'no-room' ? `${said} (${limit.over} tokens too many for a window of ${limit.window}.)` : said;
  const kind =
    (limit?.type === 'no-room' ? 'context-length' : undefined) ??
    kindByRules(failure, rules) ??
    kindOfCode(failure) ??
    kindOfWords(failure) ??
    statusKind(failure.status) ??
    kindOfName(failure) ??
    'upstream';
  const mayWait = kind === 'rate-limited' || kind === 'overloaded' || kind === 'upstream';
  return new GatewayError(kind, message, {
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.code === undefined ? {} : { code: failure.code }),
    ...(failure.param === undefined ? {} : { param: failure.param }),
    ...rejectedBy(failure, rules),
    ...(sent && isAboutRequest(failure.status) ? remediesOf(failure, sent, limit) : {}),
    ...(mayWait
      ? withRetry(failure.retryAfterMs ?? delayByRules({ ...failure, message }, reading) ?? readRetryDelay(message))
      : {}),
  });
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
 * The error inside a 200: `error` as object or text, `object` or `type` "error", `event: error`, a list,
 * `base_resp`, FastAPI's `detail`. Undefined for anything that is an answer.
 */
export function readErrorInside(body: unknown, event?: string, reading?: ErrorReading): GatewayError | undefined {
  const suspect = Array.isArray(body) ? body.find(isErrorBody) : body;
  if (event !== 'error' && !isErrorBody(suspect)) return undefined;
  return classifyProviderError(readProviderErrorBody(suspect ?? body) ?? { message: '' }, reading);
}

function isErrorBody(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  const { error, object, type, base_resp: base, ...rest }: { [key: string]: unknown } = { ...body };
  if (typeof error === 'string') return error !== '';
  if (typeof error === 'object' && error !== null) return Object.keys(error).length > 0;
  if (object === 'error' || type === 'error') return true;
  if (typeof base === 'object' && base !== null && 'status_code' in base) return Number(base.status_code) !== 0;
  const isAnswer =
    object !== undefined || type !== undefined || ['choices', 'output', 'content', 'usage'].some((key) => key in rest);
  return !isAnswer && ('detail' in rest || ('code' in rest && typeof rest['message'] === 'string'));
}

/** Replaces what looks like a key, a token or a password in a URL. Providers quote keys, whole or with stars in them. */
export function redact(text: string): string {
  return text
    .replaceAll(/\bbearer\s+(?=\S*[\d*])[\w.~+/*=-]{8,}/gi, 'Bearer [key]')
    .replaceAll(/\b(?:sk|gsk|pk|rk|xai|nvapi|hf|r8|tgp|fw|csk|pplx)[-_][\w*.-]{5,}[\w*]/g, '[key]')
    .replaceAll(/\bAIza[\w*-]{10,}/g, '[key]')
    .replaceAll(/\beyJ[\w-]{8,}\.[\w.-]+/g, '[key]')
    .replaceAll(/\b[0-9a-f]{32}\.\w{12,}/gi, '[key]')
    .replaceAll(
      /\b((?:x-)?api[_-]?key|access[_-]?token)(["']?\s*[=:]\s*["']?)(?=\S*[\d*])[\w*.~+/-]{8,}/gi,
      '$1$2[key]',
    )
    .replaceAll(/([?&]key=)[^\s&"']+/g, '$1[key]')
    .replaceAll(/(:\/\/)[^\s/@:]+:[^\s/@]+@/g, '$1[key]@');
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
  if (!refinedByWords(failure.status)) return undefined;
  return rules.flatMap(({ words }) => words ?? []).find(({ pattern }) => pattern.test(failure.message))?.kind;
}

function delayByRules(failure: ProviderFailure, { rules, now }: ErrorReading): number | undefined {
  if (!now) return undefined;
  for (const { readDelay } of rules) {
    const delay = readDelay?.(failure, now());
    if (delay !== undefined) return delay;
  }
  return undefined;
}

function kindOfCode({ code, type }: ProviderFailure): ErrorKind | undefined {
  return lookUp(codeKinds, code) ?? lookUp(codeKinds, type);
}

/** Whether the wording may refine this status: others are clear enough. */
function refinedByWords(status: number | undefined): boolean {
  return status === undefined || [200, 400, 404, 413, 422].includes(status);
}

function kindOfName({ code, type }: ProviderFailure): ErrorKind | undefined {
  return lookUp(nameKinds, type) ?? lookUp(nameKinds, code);
}

function kindOfWords({ status, message, code }: ProviderFailure): ErrorKind | undefined {
  if (!refinedByWords(status)) return undefined;
  // A limit per minute reads much like a limit of the context, and may come as a 413.
  const perMinute = /\bper (minute|hour|day)\b|\brate limit/i.test(message) || code === 'rate_limit_exceeded';
  if (!perMinute && contextLengthWords.some((words) => words.test(message))) return 'context-length';
  if (status === 413) return undefined;
  if (status !== 404 && keyWords.test(message)) return 'auth';
  if (unknownModelWords.test(message)) return 'not-found';
  return unsupportedWords.test(message) ? 'unsupported' : undefined;
}

/** "try again in 1.5s", "Please retry in 1m30s", "retry after 20 seconds". Milliseconds. */
function readRetryDelay(message: string): number | undefined {
  const span = /\b(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)/i.exec(message)?.[1];
  if (span === undefined) return undefined;
  let total = 0;
  for (const [, amount, unit] of span.matchAll(
    /(\d+(?:\.\d+)?)\s*(ms|millis\w*|s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?![a-z])/gi,
  )) {
    total += Number(amount) * unitMs(unit ?? '');
  }
  return total > 0 ? Math.ceil(total) : undefined;
}

function unitMs(unit: string): number {
  if (/^m(s|illi)/i.test(unit)) return 1;
  if (/^s/i.test(unit)) return 1000;
  return /^m/i.test(unit) ? 60_000 : 3_600_000;
}

function withRetry(retryAfterMs: number | undefined): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function silentMessage(status: number | undefined): string {
  return status === undefined
    ? 'The provider reported an error without saying which.'
    : `The provider answered with status ${status} and no explanation.`;
}

function lookUp(kinds: Map<string, ErrorKind>, name: string | undefined): ErrorKind | undefined {
  return name === undefined ? undefined : kinds.get(plainName(name));
}

/** Spells `rate-limit error` and `RATE_LIMIT_ERROR` alike. */
function plainName(name = ''): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}

function kindOf(kind: ErrorKind, ...names: string[]): [string, ErrorKind][] {
  return names.map((name) => [name, kind]);
}
