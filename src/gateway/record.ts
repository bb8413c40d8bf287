import { describeFailedCheck } from '../routing/unfit.ts';
import type { GatewayError } from '../canonical/errors.ts';
import { cut, oneLine } from '../canonical/visibleText.ts';
import type { FinishReason, Usage } from '../canonical/events.ts';
import type { DialectId } from '../canonical/request.ts';
import type { ClientKind } from '../dialects/dialect.ts';
import { formatTarget, isSameTarget } from '../config/routes.ts';
import type { Intent } from '../routing/intent.ts';
import type { RouteDecision, RouteReason, Target } from '../routing/route.ts';
import type { TokenEstimate } from '../routing/tokens.ts';
import type { Exchange } from './exchange.ts';
import type { AttemptRecord } from './recordedAttempt.ts';
import { createPromptFilter, type PromptFilter } from './promptFilter.ts';
import { waitText } from './waitText.ts';

/**
 * What happened to one request, and why. Holds no key. Only `error` and those of the attempts may quote the conversation: logs
 * and views show them as `explainError` does. Times in ms.
 */
export type RequestRecord = {
  id: string;
  startedAt: number;
  durationMs: number;
  /** From the request's arrival to the first content of the answer. */
  firstContentMs?: number | undefined;
  client: ClientKind;
  dialect: DialectId;
  scope?: string | undefined;
  /** The preset that the URL, the window or a budget named. */
  preset?: string | undefined;
  /** As the client named it. */
  model?: string | undefined;
  stream: boolean;
  /** Names the conversation without quoting it; absent if the request could not be read. */
  conversation?: string | undefined;
  /** What the request is for; absent if it could not be read. */
  intent?: Intent | undefined;
  /** The input's estimated tokens, before they are calibrated for a target. */
  estimate?: TokenEstimate | undefined;
  /** The rule that named `route.matched`. */
  reason?: RouteReason | undefined;
  /** How the targets were ordered; absent when routing failed. */
  route?:
    | Pick<RouteDecision, 'matched' | 'candidates' | 'readAs' | 'rule' | 'affinity' | 'skipped' | 'length'>
    | undefined;
  /** The target that answered. */
  target?: Target | undefined;
  /** The budget that chose the preset, and how much of it is used. */
  budget?: string | undefined;
  /** Set when the conversation continues with another target than the one that answered before, without the user's choice. */
  fallback?: { from: string; why: string } | undefined;
  /** The provider's rate limit headers, passed on in the reply's. */
  rateLimits?: Record<string, string> | undefined;
  attempts: AttemptRecord[];
  /** Targets that had failed and were being tested by another request, so that this one tried others first. */
  passedOver?: string[] | undefined;
  /** Messages for the user: what was left out of the request, or went wrong before the answer. */
  warnings: string[];
  usage?: Usage | undefined;
  /** The usage is estimated: the provider did not report it, or the answer broke off before it. */
  isUsageEstimated?: boolean | undefined;
  /** USD; absent when a price is unknown. */
  costUsd?: number | undefined;
  /** The usage or a price in the cost is estimated. */
  isCostEstimated?: boolean | undefined;
  finish?: FinishReason | undefined;
  error?: GatewayError | undefined;
  /** Removes quotations of the conversation from a text. */
  withoutPrompt: PromptFilter;
};

export function createRecord({ id, client, dialect, scope, body }: Exchange, startedAt: number): RequestRecord {
  // Read before the dialect reads the request: every dialect has `stream`, and it decides the form of an error.
  const stream = typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;
  return {
    id,
    startedAt,
    durationMs: 0,
    client,
    dialect: dialect.id,
    scope,
    stream,
    attempts: [],
    warnings: [],
    withoutPrompt: createPromptFilter(body),
  };
}

/** Tokens. */
const longRequest = 100_000;

/** Whether other streams get a turn between the steps of the request, each of which takes milliseconds. */
export function isLong({ estimate }: Pick<RequestRecord, 'estimate'>): boolean {
  return (estimate?.total ?? 0) > longRequest;
}

/** Is notified of requests while they run. */
export type Observer = {
  /** `headers`: the client's. */
  started(record: RequestRecord, headers: Exchange['headers']): void;
  attempted(attempt: AttemptRecord, target: Target, record: RequestRecord): void;
  /** Names of the quirks and transforms that were applied to a request. */
  applied(names: readonly string[]): void;
  finished(record: RequestRecord): void;
};

/**
 * Why another target than the matched one answered; undefined if the matched one did, or none.
 * @example 'a,m is on cooldown for 12 s'
 */
export function explainDetour({ route, target, attempts, passedOver, startedAt }: RequestRecord): string | undefined {
  if (!route || !target || isSameTarget(route.matched, target)) return undefined;
  const name = formatTarget(route.matched);
  const candidate = route.candidates.find((each) => isSameTarget(each.target, route.matched));
  if (candidate?.off !== undefined) return `the provider of ${name} is off`;
  const failure = attempts.find((attempt) => attempt.target === name && attempt.error)?.error;
  if (failure) return `${name} failed (${failure.kind})`;
  if (passedOver?.includes(name)) return `${name} kept failing, and another request was testing it`;
  // Only routeHostedTool removes the matched target.
  if (!candidate) return `${name} can't run the hosted tool that the request needs`;
  if (candidate.cooldownUntilMs !== undefined && candidate.position !== 'too-small')
    return `${name} is on cooldown ${waitText(candidate.cooldownUntilMs, startedAt)}`;
  if (candidate.quotaUntilMs !== undefined && candidate.position === 'quota-last')
    return `${name} is close to a limit of its provider ${waitText(candidate.quotaUntilMs, startedAt)}`;
  const { latencyMs, position, contextWindow, inputTokens } = candidate;
  if (position === 'too-small')
    return `${name} has a context window of ${contextWindow} tokens, too small for about ${inputTokens} and the answer`;
  if (position === 'failed-test' && candidate.failedTest) return `${name} ${describeFailedCheck(candidate.failedTest)}`;
  const first = route.candidates[0];
  if (first?.position === 'exploring') return `${formatTarget(first.target)} had not been measured lately`;
  if (first?.position === 'affinity')
    return `${formatTarget(first.target)} answered the conversation before, and has its prompt in its cache`;
  if (position === 'sampled') return `Router.routingTemperature drew another target first`;
  return latencyMs === undefined || position === 'unmeasured'
    ? `${name} has not been measured often enough`
    : `${name} is slower (first content after ${Math.round(latencyMs)} ms on average)`;
}

/** An error's message in a log line. Characters. */
const longestError = 500;

/** An error as logs and views show it: without the prompt, which the client alone gets to see, and short. */
export function explainError(
  { message, details }: Pick<GatewayError, 'message'> & { details?: GatewayError['details'] },
  { withoutPrompt }: Pick<RequestRecord, 'withoutPrompt'>,
): string {
  return cut(oneLine(details?.isOwn ? message : withoutPrompt(message)), longestError);
}

/** The log line of a request: whether it failed, the client and its model, the target and why, duration and tokens; its id last. */
export function describeRecord(record: RequestRecord): string {
  const { id, client, model, reason, target, attempts, durationMs, usage, error } = record;
  const readAs = record.route?.readAs === undefined ? '' : ` (read as ${record.route.readAs})`;
  const asked = `${error ? 'Request failed: ' : ''}${client} asked for ${model ?? 'no model'}${readAs}`;
  const detour = explainDetour(record);
  const answered = target ? `, ${formatTarget(target)} answered${detour ? `, since ${detour}` : ''}` : '';
  const why = reason
    ? ` (${reason}${ruleText(record)}${skippedText(record)}${attempts.length > 1 ? `, attempt ${attempts.length}` : ''})`
    : '';
  const tokens = usage ? `, ${usage.inputTokens} + ${usage.outputTokens} tokens` : '';
  return `${asked}${answered}${why} in ${durationMs} ms${tokens}${error ? `; ${error.kind}: ${explainError(error, record)}` : ''} (${id})`;
}

/** @example ' 2: nights are for the small model' */
function ruleText({ route }: RequestRecord): string {
  const rule = route?.rule;
  return rule ? ` ${rule.place}${rule.reason === undefined ? '' : `: ${rule.reason}`}` : '';
}

/** @example ', since the provider of a,m is off' */
function skippedText({ route }: RequestRecord): string {
  const [skipped] = route?.skipped ?? [];
  return skipped ? `, since the provider of ${skipped.target} is off` : '';
}

export function describeAttempt({ id }: RequestRecord, { target, key, durationMs, error }: AttemptRecord): string {
  const asked = key === undefined ? target : `${target} (key ${key})`;
  return `${asked} ${error ? `failed (${error.kind}) ` : 'sent its first content '}after ${durationMs} ms (${id})`;
}
