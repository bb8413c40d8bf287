import { GatewayError } from '../canonical/errors.ts';
import type { JsonObject } from '../canonical/request.ts';
import {
  formatTarget,
  isSameTarget,
  resolveTarget,
  routerStrategy,
  tierOf,
  tierTargets,
  type ModelRef,
  type RouteName,
} from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { AffinityChoice } from './affinity.ts';
import { heldBackLast } from './heldBackLast.ts';
import { tooSmallLast, type RequestSize } from './fit.ts';
import type { Health } from './health.ts';
import { exploring } from './exploration.ts';
import { byLatency } from './latencyOrder.ts';
import { unfitLast, type FailedCheck } from './unfit.ts';
import {
  matchRoute,
  type AppliedRule,
  type RouteQuestion,
  type RouteReason,
  type SkippedTarget,
} from './matchRoute.ts';

export type { RouteQuestion, RouteReason, ScopeChoice } from './matchRoute.ts';

/** A model at a provider. */
export type Target = {
  provider: string;
  model: string;
  /** The label in metrics: the provider's `tier_name`, else its name. */
  tier: string;
};

/** Runtime state that the config does not hold. */
export type RouteFacts = {
  health: Health;
  /** Unix time in ms. */
  nowMs: number;
  /** Whether requests can be sent to the provider: it is not disabled, and has the key that it needs. */
  isEnabled(provider: string): boolean;
  /** Why they can't, as a sentence. */
  whyOff?(provider: string): string | undefined;
  /** From 0 to 1, for `routingTemperature`. Absent: nothing is drawn at random. */
  random?: (() => number) | undefined;
  /** Whether the request may try a target that was not measured lately: it continues no conversation. */
  explores?: boolean | undefined;
  /** Absent: the request has no text yet, as for lists of models. */
  size?: RequestSize | undefined;
  /** What a target has failed of the contract test that the request depends on. Absent: nothing is known. */
  failedCheck?: ((target: Target) => FailedCheck | undefined) | undefined;
};

/**
 * Why a candidate has its place in the order:
 * - `matched`: the routing rule named it;
 * - `fallback`: the configured order;
 * - `latency`: its measured latency;
 * - `unmeasured`: others are ordered by latency, and it was not measured often enough;
 * - `sampled`: drawn at random by `routingTemperature`;
 * - `exploring`: it was not measured lately, and this request does so;
 * - `affinity`: it answered the conversation last, and has its prompt in its cache;
 * - `cooling-last`: it is on cooldown, and others are not;
 * - `soonest`: all are on cooldown, and its own ends first;
 * - `quota-last`: it is close to a limit of its provider, and others are not;
 * - `too-small`: the request does not fit its context window, and fits others;
 * - `failed-test`: its contract test failed for what the request needs, and that of others did not;
 * - `off`: its provider is off.
 */
export type RoutePosition =
  | 'matched'
  | 'fallback'
  | 'latency'
  | 'unmeasured'
  | 'sampled'
  | 'exploring'
  | 'affinity'
  | 'cooling-last'
  | 'soonest'
  | 'quota-last'
  | 'too-small'
  | 'failed-test'
  | 'off';

/** A target that was considered, with what decided on its place. */
export type RouteCandidate = {
  target: Target;
  position: RoutePosition;
  /** Unix time in ms; absent when the target is not on cooldown. */
  cooldownUntilMs?: number | undefined;
  /** Unix time in ms until which it is close to a limit of its provider; absent when it is not. */
  quotaUntilMs?: number | undefined;
  /** Moving average in ms; absent before the first answer. */
  latencyMs?: number | undefined;
  /** The same without failures; absent if it has not answered lately. */
  usualMs?: number | undefined;
  /** Context window in tokens; absent if unknown. */
  contextWindow?: number | undefined;
  /** The estimated input, as this target's provider would count it. Tokens. */
  inputTokens?: number | undefined;
  /** A check that it has failed lately and that the request depends on. */
  failedTest?: FailedCheck | undefined;
  /** Why its provider is off, as a sentence. */
  off?: string | undefined;
};

/** A target that was not considered since its provider is off, although a route, a rule (its place, from 1) or the model named it. */
export type SkippedChoice = {
  target: string;
  route?: RouteName | undefined;
  rule?: number | undefined;
  /** Why the provider is off, as a sentence. */
  why: string;
};

/** How long a conversation is, as the default target counts it. Tokens. */
export type ConversationLength = {
  tokens: number;
  /** Above this it is long: `Router.longContextThreshold`, or half of it if it `wasLong` before. */
  limit: number;
  wasLong: boolean;
};

export type RouteDecision = {
  /** All targets in the order in which they are tried. */
  targets: Target[];
  /** The same targets, each with the reason for its place. */
  candidates: RouteCandidate[];
  /** The target that the rule in `reason` named. Latency or a cooldown may have put another one first. */
  matched: Target;
  /** Whether another target may go before `matched`: the client chose no model, and the tiers are ordered by latency. */
  isFree: boolean;
  /** Absent for a new conversation. */
  affinity?: AffinityChoice | undefined;
  /** The rule that named `matched`. */
  reason: RouteReason;
  /** The configured name that the client's model was taken for, if it was written differently. */
  readAs?: string | undefined;
  /** The one of `Router.rules` that applied. */
  rule?: AppliedRule | undefined;
  /** Set for the reason `long-context`. */
  length?: ConversationLength | undefined;
  /** What was skipped before `matched`; absent if nothing was. */
  skipped?: SkippedChoice[] | undefined;
  /** The preset's request parameters; the request's own win. */
  parameters: JsonObject;
};

/**
 * Orders the targets for a request. Rules, in their order: preset in the URL, scope, direct, mapping, exact model, names of
 * presets, the same with the name read loosely (see modelNames.ts), intent (see matchIntent.ts), default.
 * @throws GatewayError `not-found` for a provider, preset or model of a listed provider that does not exist.
 */
export function route(config: Config, question: RouteQuestion, facts: RouteFacts): RouteDecision {
  const match = matchRoute(config, question, facts.isEnabled);
  const matched = toTarget(config, match.target);
  if (!matched)
    throw new GatewayError(
      'not-found',
      `The route "${match.target}" is not "provider,model". Correct it in the config.`,
    );
  const candidates = rankCandidates(config, matched, match.reason, facts);
  return {
    targets: candidates.map(({ target }) => target),
    candidates,
    matched,
    isFree: isFree(config, match.reason),
    reason: match.reason,
    readAs: match.readAs,
    rule: match.rule,
    ...(match.skipped && { skipped: match.skipped.map((each) => toSkipped(each, facts)) }),
    parameters: match.parameters ?? {},
  };
}

function toSkipped({ target, ...choice }: SkippedTarget, facts: RouteFacts): SkippedChoice {
  return { ...choice, target: formatTarget(target), why: offReason(target, facts) ?? '' };
}

/** Undefined for a target whose provider is on. */
function offReason({ provider }: ModelRef, { isEnabled, whyOff }: RouteFacts): string | undefined {
  return isEnabled(provider) ? undefined : (whyOff?.(provider) ?? 'It is not in the config.');
}

function toTarget(config: Config, text: string): Target | undefined {
  const target = resolveTarget(config.Router, text);
  return target && { ...target, tier: tierOf(config, target.provider) };
}

/** The client or the user asked for the target itself: it is not exchanged while it answers. */
const chosenReasons: readonly RouteReason[] = ['preset', 'scope', 'direct', 'mapping', 'model'];

/** Adds the fallbacks and orders all of them. Targets on cooldown go last, but stay: one may still be the only one to answer. */
function rankCandidates(config: Config, matched: Target, reason: RouteReason, facts: RouteFacts): RouteCandidate[] {
  const { health, nowMs, size, random, explores, failedCheck } = facts;
  const toCandidate = (target: Target, position: RoutePosition): RouteCandidate => ({
    target,
    position,
    ...health.standing(target, nowMs),
    ...(size && { contextWindow: size.windowOf(target), inputTokens: size.inputAt(target) }),
    off: offReason(target, facts),
  });
  const first = toCandidate(matched, 'matched');
  const fallbacks = tierTargets(config.Router)
    .filter((target) => !isSameTarget(target, matched))
    .map((target) => toCandidate({ ...target, tier: tierOf(config, target.provider) }, 'fallback'));
  const sorted = (candidates: readonly RouteCandidate[]): RouteCandidate[] =>
    byLatency(
      candidates.map((each) => ({ ...each, samples: health.samples(each.target) })),
      config.Router,
      random,
    );
  const all = [first, ...fallbacks];
  const free = (): RouteCandidate[] => (explores ? exploring(sorted(all), health, nowMs, random) : sorted(all));
  const chosen = chosenReasons.includes(reason) ? matched : undefined;
  const able = heldBackLast(
    isFree(config, reason) ? free() : routerStrategy(config.Router) === 'ordered' ? all : [first, ...sorted(fallbacks)],
    chosen,
  );
  const ordered = failedCheck ? unfitLast(able, chosen, failedCheck, nowMs) : able;
  const named = isFree(config, reason) ? undefined : matched;
  if (!size) return offLast(ordered, named);
  const wide = (): RouteCandidate | undefined => {
    const target = toTarget(config, 'longContext');
    const candidate = target && toCandidate(target, 'fallback');
    return candidate?.off === undefined ? candidate : undefined;
  };
  return offLast(tooSmallLast(ordered, wide, size), named);
}

/** An attempt at a provider that is off fails at once, and is made only for the target that was named: its failure is shown. */
function offLast(candidates: RouteCandidate[], named: ModelRef | undefined): RouteCandidate[] {
  const isSkipped = ({ target, off }: RouteCandidate): boolean =>
    off !== undefined && !(named && isSameTarget(target, named));
  if (!candidates.some(isSkipped)) return candidates;
  return [
    ...candidates.filter((each) => !isSkipped(each)),
    ...candidates.filter(isSkipped).map((each) => ({ ...each, position: 'off' as const })),
  ];
}

/** Whether a faster tier may go before the matched target: only if the client chose no model and the config lists its tiers. */
function isFree({ Router }: Config, reason: RouteReason): boolean {
  if (routerStrategy(Router) === 'ordered') return false;
  return (reason === 'default' || reason === 'unknown-model') && Router.tiers !== undefined;
}
