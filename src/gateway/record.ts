import { describeFailedCheck } from '../routing/unfit.ts';
import type { GatewayError } from '../canonical/errors.ts';
import { cut, oneLine } from '../canonical/visibleText.ts';
import { spoken, wording, type Wording } from '../canonical/wording.ts';
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
import { waitWording } from './waitText.ts';

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
export function explainDetour(record: RequestRecord): string | undefined {
  const why = detourWording(record);
  return why && spoken(why);
}

/** The same, for a window's own language. */
export function detourWording({ route, target, attempts, passedOver, startedAt }: RequestRecord): Wording | undefined {
  if (!route || !target || isSameTarget(route.matched, target)) return undefined;
  const name = formatTarget(route.matched);
  const candidate = route.candidates.find((each) => isSameTarget(each.target, route.matched));
  if (candidate?.off !== undefined) return wording('the provider of {0} is off', name);
  const failure = attempts.find((attempt) => attempt.target === name && attempt.error)?.error;
  if (failure) return wording('{0} failed ({1})', name, failure.kind);
  if (passedOver?.includes(name)) return wording('{0} kept failing, and another request was testing it', name);
  // Only routeHostedTool removes the matched target.
  if (!candidate) return wording("{0} can't run the hosted tool that the request needs", name);
  return ownHindrance(name, candidate, startedAt) ?? preference(name, candidate, route.candidates[0]);
}

type Candidate = NonNullable<RequestRecord['route']>['candidates'][number];

/** What keeps a target from being tried in its turn. */
function ownHindrance(name: string, candidate: Candidate, startedAt: number): Wording | undefined {
  const { position, cooldownUntilMs, quotaUntilMs, contextWindow = 0, inputTokens = 0, failedTest } = candidate;
  if (cooldownUntilMs !== undefined && position !== 'too-small')
    return wording('{0} is on cooldown {1}', name, waitWording(cooldownUntilMs, startedAt));
  if (quotaUntilMs !== undefined && position === 'quota-last')
    return wording('{0} is close to a limit of its provider {1}', name, waitWording(quotaUntilMs, startedAt));
  if (position === 'too-small')
    return wording(
      '{0} has a context window of {1} tokens, too small for about {2} and the answer',
      name,
      contextWindow,
      inputTokens,
    );
  return position === 'failed-test' && failedTest ? describeFailedCheck(name, failedTest) : undefined;
}

/** Why another target was preferred. */
function preference(name: string, { latencyMs, position }: Candidate, first: Candidate | undefined): Wording {
  if (first?.position === 'exploring') return wording('{0} had not been measured lately', formatTarget(first.target));
  if (first?.position === 'affinity')
    return wording('{0} answered the conversation before, and has its prompt in its cache', formatTarget(first.target));
  if (position === 'sampled') return wording('Router.routingTemperature drew another target first');
  return latencyMs === undefined || position === 'unmeasured'
    ? wording('{0} has not been measured often enough', name)
    : wording('{0} is slower (first content after {1} ms on average)', name, Math.round(latencyMs));
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
