import type { RequestView } from '../control/protocol.ts';
import type { Gain } from '../routing/affinityGain.ts';

type Candidate = NonNullable<RequestView['route']>['candidates'][number];

/** The record of a request for people. Values of clients and providers are stripped of control characters. */
export function describeRequest(view: RequestView): string[] {
  const { route, attempts, warnings } = view;
  return [
    `${view.id}: ${view.client} asked for ${view.model ?? 'no model'}${readAs(view)} at ${new Date(view.startedAt).toISOString()}`,
    ...intentLine(view),
    ...estimateLine(view),
    ...ruleLine(view),
    ...affinityLine(view),
    ...(route?.detour === undefined ? [] : [`Another target answered: ${route.detour}`]),
    ...(route ? ['Targets, in order:', ...route.candidates.map((each) => `  ${candidateText(each, view)}`)] : []),
    ...(view.passedOver ?? []).map(
      (target) => `Passed over, since another request was testing whether it answers again: ${target}`,
    ),
    ...(attempts.length > 0 ? ['Attempts:'] : []),
    ...attempts.map(
      ({ target, key, startedAt, durationMs, error }) =>
        `  after ${startedAt - view.startedAt} ms: ${target}${key === undefined ? '' : ` (key ${key})`} ${error === undefined ? 'sent its first content' : `failed: ${error}`} within ${durationMs} ms`,
    ),
    ...answerLine(view),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...(view.error === undefined ? [] : [`Error: ${view.error}`]),
  ].map(printable);
}

function readAs({ route }: RequestView): string {
  return route?.readAs === undefined ? '' : ` (read as ${route.readAs})`;
}

function intentLine({ intent }: RequestView): string[] {
  if (!intent) return [];
  const kind = [intent.class, intent.agentType, intent.auxiliaryType].filter((each) => each !== undefined).join(', ');
  const signs = [
    intent.searchesWeb && 'searches the web',
    intent.hasImage && 'has an image',
    intent.thinks && 'asks for thinking',
  ].filter((each) => each !== false);
  return [`Request: ${[kind, ...signs].join('; ')}`];
}

function estimateLine({ estimate }: RequestView): string[] {
  if (!estimate) return [];
  const { total, system, messages, tools } = estimate;
  return [`Estimated input: ${total} tokens (system ${system}, messages ${messages}, tools ${tools})`];
}

function ruleLine({ reason, route }: RequestView): string[] {
  if (!route) return [];
  const { rule } = route;
  const own = rule ? ` ${rule.place}${rule.reason === undefined ? '' : ` (${rule.reason})`}` : '';
  return [`Rule: ${reason ?? 'none'}${own}, which names ${route.matched}`];
}

function affinityLine({ route }: RequestView): string[] {
  const { from, other, outcome, gain } = route?.affinity ?? {};
  if (from === undefined) return [];
  const to = other === undefined ? '' : ` to ${other}`;
  const texts = {
    stayed: `stays with ${from}, which has its prompt in its cache`,
    moved: `moves from ${from}${to}`,
    unavailable: `leaves ${from}, which is on cooldown, close to a limit, too small, without a check that it needs, or no longer a candidate`,
    route: `returns from ${from}${to}, which the rule names`,
  };
  return [`Conversation: ${texts[outcome ?? 'stayed']}${gain ? `; a move${to} ${gainText(gain)}` : ''}`];
}

function gainText({ savedUsd, savedMs, onceUsd, onceMs, totalUsd }: Gain): string {
  const perTurn = `${savedUsd === undefined ? '' : `$${savedUsd.toFixed(4)} and `}${Math.round(savedMs)} ms a turn`;
  const once = `${onceUsd === undefined ? '' : `$${onceUsd.toFixed(4)} and `}${Math.round(onceMs)} ms once`;
  return `saves ${perTurn} and costs ${once}: worth $${totalUsd.toFixed(4)}`;
}

function candidateText(candidate: Candidate, { startedAt }: RequestView): string {
  const {
    target,
    position,
    cooldownUntilMs,
    quotaUntilMs,
    latencyMs,
    contextWindow,
    inputTokens,
    failedTest,
    prices,
    costUsd,
  } = candidate;
  const facts = [
    position,
    latencyMs !== undefined && `latency ${Math.round(latencyMs)} ms`,
    cooldownUntilMs !== undefined && `on cooldown for ${Math.ceil((cooldownUntilMs - startedAt) / 1000)} s`,
    quotaUntilMs !== undefined && `close to a limit for ${Math.ceil((quotaUntilMs - startedAt) / 1000)} s`,
    failedTest &&
      `failed the check "${failedTest.check}" on ${new Date(failedTest.testedAtMs).toISOString().slice(0, 10)}`,
    contextWindow !== undefined && `${inputTokens ?? 0} of ${contextWindow} tokens`,
    prices && `$${prices.input} in, $${prices.output} out per million`,
    costUsd !== undefined && `this answer: $${costUsd.toFixed(4)}`,
  ].filter((each) => typeof each === 'string');
  return `${target}: ${facts.join('; ')}`;
}

function answerLine(view: RequestView): string[] {
  const { target, firstContentMs, durationMs, inputTokens, outputTokens, cacheReadTokens, costUsd, finish } = view;
  if (target === undefined) return [];
  const parts = [
    `${target} answered in ${durationMs} ms`,
    firstContentMs !== undefined && `first content after ${firstContentMs} ms`,
    inputTokens !== undefined && `${inputTokens} + ${outputTokens ?? 0} tokens`,
    cacheReadTokens !== undefined && `${cacheReadTokens} read from the cache`,
    costUsd !== undefined && `$${costUsd.toFixed(4)}`,
    finish !== undefined && `finish: ${finish}`,
  ].filter((each) => typeof each === 'string');
  return [parts.join('; ')];
}

function printable(line: string): string {
  return line.replaceAll(/\p{Cc}+/gu, ' ');
}
