import type { ErrorKind } from './errors.ts';

/**
 * Codes that say more than the status beside them. Only names that can mean one thing: bare numbers mean something else at
 * each provider, so they belong in the provider's file.
 */
const codeKinds = new Map<string, ErrorKind>([
  ...kindOf('context-length', 'context_length_exceeded', 'model_context_window_exceeded', 'exceed_context_size_error',
    'model_max_prompt_tokens_exceeded', 'contextwindowexceedederror', 'context_window_exceeded', 'input_too_long', 'tokens_limit_reached'), // prettier-ignore
  ...kindOf('auth', 'invalid_api_key', 'incorrect_api_key_error', 'api_key_invalid'),
  // Waiting a moment does not restore credit, even where the status is 429.
  ...kindOf('quota', 'insufficient_quota', 'insufficient_balance', 'insufficient_balance_error', 'insufficient_credits',
    'insufficient_funds', 'insufficient_user_quota', 'billing_error', 'billing_hard_limit_reached', 'billing_not_active',
    'payment_required', 'credits_exhausted', 'credit_balance_exhausted', 'creditserror', 'budget_exceeded', 'budgetexceedederror',
    'spend_limit_exceeded', 'spend_limit_reached', 'spending_limit_reached', 'arrearage', 'accountoverdueerror', 'account_overdue', 'pre_consume_token_quota_failed', 'resourcepackexhausted'), // prettier-ignore
  ...kindOf('not-found', 'model_not_found', 'model_decommissioned'),
  ...kindOf('unsupported', 'unsupported_parameter', 'unsupported_value', 'unsupported_model', 'model_not_supported'),
  ...kindOf('overloaded', 'server_is_overloaded'),
]);

/** Names that only help where no status does. */
const nameKinds = new Map<string, ErrorKind>([
  ...kindOf('invalid-request', 'invalid_request_error', 'invalid_request', 'invalid_argument', 'bad_request_error', 'bad_request',
    'invalid_parameter_error', 'invalid_prompt', 'content_filter', 'bad_response_status_code'), // prettier-ignore
  ...kindOf('auth', 'authentication_error', 'authorized_error', 'invalid_authentication_error', 'unauthenticated',
    'unauthorized'), // prettier-ignore
  ...kindOf(
    'permission',
    'access_terminated_error',
    'permission_error',
    'permission_denied',
    'permission_denied_error',
    'forbidden',
  ),
  ...kindOf('not-found', 'not_found_error', 'not_found', 'resource_not_found_error'),
  ...kindOf('too-large', 'request_too_large'),
  ...kindOf('rate-limited', 'rate_limit_error', 'rate_limit_exceeded', 'rate_limit_reached_error', 'rate_limited', 'slow_down',
    'too_many_requests', 'resource_exhausted', 'requests_limit_error', 'usage_limit_reached', 'throttlingexception',
    'throttling', 'toomanyrequestsexception'), // prettier-ignore
  ...kindOf('overloaded', 'overloaded_error', 'overloaded', 'engine_overloaded_error', 'unavailable',
    'service_unavailable'), // prettier-ignore
  ...kindOf('timeout', 'timeout_error', 'timeout', 'deadline_exceeded'),
]);

/** The kind that a code or type names whatever the status is. */
export function kindOfCode(name: string | undefined): ErrorKind | undefined {
  return name === undefined ? undefined : codeKinds.get(plainName(name));
}

/** The kind that a code or type names for an error without a status. */
export function kindOfName(name: string | undefined): ErrorKind | undefined {
  return name === undefined ? undefined : nameKinds.get(plainName(name));
}

/** Spells `rate-limit error` and `RATE_LIMIT_ERROR` alike. */
export function plainName(name = ''): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}

function kindOf(kind: ErrorKind, ...names: string[]): [string, ErrorKind][] {
  return names.map((name) => [name, kind]);
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
  /\binput length\b.{0,40}\b(exceeds?|should be|must be|range)\b|\brange of input length\b/i,
  /\b(input|prompt|messages?|request)\b.{0,60}\b(longer|greater|larger|more) than\b.{0,40}\b(context|max_model_len|maximum length|max(imum)? (input )?tokens)\b/i,
  /\btokens?\b.{0,40}\b(must be|should be|exceed\w*)\b.{0,40}\bmax(imum)?[ _](message|input|prompt|context)[ _]?tokens\b|\b(messages|input|prompt) tokens? length must be\b/i,
  /\binput tokens?\b.{0,60}\bexceed\w*\b.{0,40}\blimit\b|\btoo many (input|prompt) tokens\b|\btoo many tokens\b.{0,20}\b(input|prompt)\b/i,
  // LM Studio: "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."
  /\bcontext the overflows\b|\bcontext length of only \d+ tokens\b/i,
  /\bcontextwindowexceedederror\b/i,
  /(?:prompt|输入|上下文|请求)(?:内容|长度)*\s*(?:超长|过长|超过|超出|太长)/i,
  /\binput tokens? exceeds?\b.{0,40}\bcontext\b/i,
  // OpenAI: "Invalid 'messages[3].content': string too long. Expected a string with maximum length 10485760".
  /\b(?:messages|input)(?:\[\d+\](?:\.(?:content|text|output|arguments)(?:\[\d+\])?)*)?['"`]?: (?:string|array) too long\b/i,
  // Local servers: "Cannot truncate prompt with n_keep (5000) >= n_ctx (4096)".
  /\bn_keep\b.{0,20}>= ?n_ctx\b/i,
];
const unknownModelWords =
  /\bmodel\b.{0,80}\b(not exist|not found|no longer available|not available|retired|decommissioned)\b|\b(unknown|no such) model\b/i;
const unsupportedWords =
  /\b(not|n't|cannot)( currently)?( be)? support(ed)?\b|\bunsupported\b|\brequires? --[a-z]|\bno endpoints found that support\b|\bunknown variant `(image_url|input_audio|file|video_url|custom)`/i;
/** "This organization has been disabled.", "Your account has been deactivated", "This credential is only authorized for use with …". */
const closedWords =
  /\b(organi[sz]ation|account|workspace|project|user) (has been|is|was) (disabled|deactivated|suspended|terminated|banned|blocked)\b|\bcredential is only authorized for use with\b/i;
const keyWords =
  /\bapi[ _-]?key\b.{0,40}\b(invalid|not valid|incorrect|expired|revoked|missing)\b|\b(invalid|incorrect|expired|missing|wrong)\b.{0,20}\b(api[ _-]?key|credentials?)\b/i;

/** The account has no money or may not spend more of it. Decisive at every status. */
const moneyWords = [
  // "Your credit balance is too low", "Insufficient Balance", "Insufficient account balance", "balance is insufficient".
  /\b(credit|account|wallet)?\s*balance( is| was)? (too low|insufficient|not enough|exhausted|depleted|negative|overdue)\b/i,
  /\b(insufficient|not enough|no (remaining|more)|out of|ran out of|run out of)( \w+){0,2} (balance|credits?|funds)\b/i,
  // "Your team … has either used all available credits or reached its monthly spending limit."
  /\bused (up )?all( of)?( your| its| the)?( available| included| monthly)* credits\b/i,
  /\bcredits? (limit exceeded|(have|has|are|is)( all)?( been)? (exhausted|depleted|used up))\b/i,
  /\b(requires|purchase|buy|add|need) (at least \S+ )?(more |additional )credits\b|\b(add|purchase|buy) credits\b|\bcan only afford\b/i,
  /\bexceeded your (monthly )?included credits\b|\b(add|enter)( a)? (funds|payment method)\b|\bnon-?payment\b|\binactive subscription\b/i,
  // "You have reached your specified API usage limits. You will regain access on …"
  /\breached your( specified)?( workspace)? api usage limits?\b|\bwill regain access on\b/i,
  /\b(spend|spending|billing( hard)?|budget)( alert)? (limit|cap|threshold)( has been| was)?( is)? (reached|exceeded|hit)\b/i,
  /\b(reach|exceed|hit)\w*\b.{0,30}\b(spend|spending|billing)( \w+)? (limit|cap|threshold)s?\b/i,
  /\bbudget (has been |was )?exceeded\b|\bexceeded (your |the |its )?(\w+ )?budget\b/i,
  /\bpayment required\b|\b(unpaid|overdue|past[- ]due|outstanding)( \w+)? (bills?|invoices?|balance|payments?)\b|\bfailure to pay\b/i,
  /\b(account|bill)\b.{0,40}\b(in arrears|overdue)\b|\barrearage\b|\baccount is in good standing\b/i,
  /\bbilling account\b.{0,60}\b(disabled|closed|not active|inactive)\b|\bbilling (is|was|has been) (not (active|enabled)|inactive|disabled)\b|\baccount is not active, please check your billing\b|\brequires? billing to be enabled\b/i,
  /\bout of (extra )?usage\b|\bdraw from your extra usage\b|\bextra usage is required\b/i,
  /\bkey limit exceeded\b|\bover budget\b|\bexceededbudget\b/i,
  /预扣费额度失败|余额不足|余额已用|欠费|额度不足|额度已用|配额已用|账户已停/,
];

/** What is used up may be an allowance of a month or of a minute: the rest of the error tells. */
const allowanceWords = [
  /\bexceed\w* (your|the) (current |monthly |daily |allocated |free )*(quota|allowance|usage limit)\b/i,
  /\b(quota|allowance|free tier|free trial|plan|usage limit)\b.{0,60}\b(exhausted|exceeded|used up|depleted|expired|has been reached)\b/i,
  /\b(reached|exhausted|exceeded|used up|hit) (your|the|its|all)\b.{0,40}\b(quota|allowance|usage limits?|(daily|weekly|monthly) (\w+ )?limits?|premium requests?)\b/i,
];

/** The same in a code: `QuotaExceeded`, `SetLimitExceeded`. */
const allowanceCodes = new Set(['quota_exceeded', 'quotaexceeded', 'usage_limit_exceeded', 'setlimitexceeded']);

/** A limit per minute reads much like a limit of the context or of the account. */
const rateWords =
  /\bper[ _](second|minute|hour)\b|\brate[ _-]?limit|\b[TR]PM\b|\btoo many (requests|tokens)\b|\bthrottl/i;
const dailyWords = /\bper day\b/i;
/** new-api: "当前分组 default 下对于模型 gpt-5 无可用渠道"; NVIDIA: "DEGRADED function cannot be invoked". */
const noChannelWords = /无可用渠道/;
const degradedWords = /\bDEGRADED function cannot be invoked\b/;

/** What is used up comes back in a day or a month, not in the minute that some providers state beside it (inspect_ai#5526). */
const longAllowanceWords =
  /PerDay(?![a-z])|\bper[ _-](day|month)\b|\/ ?(day|month)\b|\b(daily|monthly)( \w+){0,2} (limit|quota|allocation|allowance)\b|\btoday['’]s quota\b|\btomorrow\b/;

/** "20 requests per minute and 1000 requests per day" doesn't say which of the two was reached. */
const shortRateWords = /\bper[ _-](second|minute)\b|\/ ?(s|sec|second|min|minute)\b|\d ?[RT]PM\b/i;

/** Whether a rate limit is surely one of a day or of a month. `isNamed`: in the provider's own name of the limit. */
export function isLongLimit(message: string): { isNamed: boolean } | undefined {
  const text = message.slice(0, searched);
  const found = longAllowanceWords.exec(text);
  if (!found) return undefined;
  const isNamed = found[0] === 'PerDay';
  return isNamed || !shortRateWords.test(text) ? { isNamed } : undefined;
}
const rateLimitWords =
  /\brate[ -]?limit(s|ed)?\b.{0,30}\b(reached|exceeded|hit|upstream|for)\b|\b(exceed|reach|hit)\w*\b.{0,40}\brate[ -]?limits?\b|\btoo many requests\b|\bthrottl(ed|ing)\b|\b(user)?ratelimitexceeded\b/i;

/**
 * "Output data may contain inappropriate content.", "input new_sensitive", "The response was filtered due to the prompt
 * triggering Azure OpenAI's content management policy", "Your input was flagged", "potentially unsafe or sensitive content".
 * xAI: "Content violates usage guidelines.", with the status and code of a missing permission (sub2api#4785). DeepSeek:
 * "Content Exists Risk" (BettaFish#108). Moonshot: "rejected because it was considered high risk".
 */
const filterWords = [
  /\bcontent[ _](management |moderation )?(policy|policies|filter)\b/i,
  /\b(contain|contains|containing|detected)\b.{0,40}\b(inappropriate|sensitive|unsafe|harmful|prohibited)\b.{0,20}\bcontent\b/i,
  /\b(input|output)( new)?_sensitive\b|\bnew_sensitive\b|\bdata_inspection_failed\b|敏感内容|敏感信息/i,
  /\b(input|prompt|response|output|content)s? (was|were|has been|is|got) (flagged|blocked|filtered)\b/i,
  /\brejected (as a result of|by) (our|the) (safety|content|moderation)\b|\brejected because it was considered high risk\b/i,
  /\bcontent violates\b.{0,20}\b(guidelines|policy|policies)\b|\bsafety_check_type_|\bcontent exists risk\b/i,
  /\bblocked by the guardrail\b|\bguardrail (policy|intervened)\b/i,
];
const filterCodes = new Set([
  'content_filter', 'content_filtered', 'content_policy_violation', 'data_inspection_failed', 'datainspectionfailed',
  'responsibleaipolicyviolation', 'moderation_blocked', 'moderation_error', 'safety_violation', 'sensitive_content',
  'inputtextsensitivecontentdetected', 'outputtextsensitivecontentdetected', 'prompt_blocked',
]); // prettier-ignore

/** Whether a provider's filter refused the request or the answer: asking again gives the same. */
export function isFiltered({ code, type, message }: Pick<Wording, 'code' | 'type' | 'message'>): boolean {
  return (
    filterCodes.has(plainName(code)) ||
    filterCodes.has(plainName(type)) ||
    filterWords.some((words) => words.test(message))
  );
}

export type Wording = {
  status?: number | undefined;
  code?: string | undefined;
  type?: string | undefined;
  message: string;
  /** Milliseconds that the error says to wait, by its text or body. */
  statedWaitMs?: number | undefined;
};

/** An allowance that comes back sooner is a rate limit. Milliseconds. */
const shortWaitMs = 3_600_000;

/** Words are searched for at the start of a message: what a provider quotes of the request comes later. Characters. */
const searched = 1500;

/** The kind that the wording tells, where the status leaves it open or says something else. */
export function kindOfWords(error: Wording): ErrorKind | undefined {
  const { status } = error;
  const message = error.message.slice(0, searched);
  const perMinute = rateWords.test(message) || error.code === 'rate_limit_exceeded';
  if (!perMinute && !dailyWords.test(message) && contextLengthWords.some((words) => words.test(message)))
    return 'context-length';
  if (status !== 429 || !perMinute) {
    if (moneyWords.some((words) => words.test(message))) return 'quota';
  }
  if (noChannelWords.test(message)) return 'not-found';
  if (degradedWords.test(message)) return 'overloaded';
  if (status === 404 || status === 413) return refinedByWords(status, message);
  if (isAllowance(error, message))
    return perMinute || isShort(error.statedWaitMs) || isNamedRateLimit(error) ? 'rate-limited' : 'quota';
  if (isFiltered(error) && status !== 401 && status !== 429) return 'invalid-request';
  if (status !== 401 && rateLimitWords.test(message)) return 'rate-limited';
  return refinedByWords(status, message);
}

function isAllowance({ code, type }: Wording, message: string): boolean {
  if (allowanceCodes.has(plainName(code)) || allowanceCodes.has(plainName(type))) return true;
  return allowanceWords.some((words) => words.test(message));
}

/** `RESOURCE_EXHAUSTED` is mostly a limit per minute. */
function isNamedRateLimit({ code, type }: Wording): boolean {
  return [kindOfName(code), kindOfName(type)].includes('rate-limited');
}

function isShort(waitMs: number | undefined): boolean {
  return waitMs !== undefined && waitMs < shortWaitMs;
}

/** Whether the wording may refine this status: others are clear enough. */
export function isVague(status: number | undefined): boolean {
  return status === undefined || [200, 400, 404, 413, 422].includes(status);
}

function refinedByWords(status: number | undefined, message: string): ErrorKind | undefined {
  if (!isVague(status) || status === 413) return undefined;
  if (status !== 404 && keyWords.test(message)) return 'auth';
  if (closedWords.test(message)) return 'permission';
  if (unknownModelWords.test(message)) return 'not-found';
  return unsupportedWords.test(message) ? 'unsupported' : undefined;
}
