import { dayOf } from '../canonical/day.ts';
import { previewId, type RequestView } from '../control/protocol.ts';
import type { Gain } from '../routing/affinityGain.ts';
import { describeReason } from './describeReason.ts';

type Candidate = NonNullable<RequestView['route']>['candidates'][number];

/** The record of a request for people. Values of clients and providers are stripped of control characters. */
export function describeRequest(view: RequestView): string[] {
  const { route, attempts, warnings } = view;
  return [
    heading(view),
    ...intentLine(view),
    ...estimateLine(view),
    ...ruleLine(view),
    ...skippedLines(view),
    ...affinityLine(view),
    ...(route?.detour === undefined ? [] : [`Another target answered: ${route.detour}`]),
    ...(route
      ? ['Targets, in order:', ...route.candidates.map((each, index) => `  ${index + 1}. ${candidateText(each, view)}`)]
      : []),
    ...(attempts.length > 0 ? ['Attempts:'] : []),
    ...attempts.map(
      ({ target, key, startedAt, durationMs, error }) =>
        `  at ${startedAt - view.startedAt} ms: ${target}${key === undefined ? '' : ` (key ${key})`} ${error === undefined ? `sent its first content after ${durationMs} ms` : `failed after ${durationMs} ms: ${error}`}`,
    ),
    ...answerLine(view),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...(view.error === undefined ? [] : [`Error: ${view.error}`]),
  ].map(printable);
}

const clients: Readonly<Record<string, string>> = { codex: 'Codex', 'claude-code': 'Claude Code', other: 'A client' };

function heading(view: RequestView): string {
  const { id, client, model } = view;
  const who = Object.hasOwn(clients, client) ? clients[client] : client;
  const what = `${model ?? 'no model'}${readAs(view)}`;
  if (id === previewId) return `${who} would ask for ${what}. Nothing is sent to a provider.`;
  return `${id}: ${who} asked for ${what} at ${new Date(view.startedAt).toISOString()}`;
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
  const { total, system, messages, tools, guessed } = estimate;
  const images = guessed > 0 ? `; ${guessed} of it guessed, for images and files` : '';
  return [`Estimated input: ${total} tokens (system ${system}, messages ${messages}, tools ${tools}${images})`];
}

function ruleLine(view: RequestView): string[] {
  const { reason, route } = view;
  if (!route) return [];
  return [`Rule: ${reason ?? 'none'}, which names ${route.matched}, since ${describeReason(view)}`];
}

/** @example 'Skipped: think (deepseek,deepseek-reasoner), since its provider is off: ${DEEPSEEK_API_KEY} is not set.' */
function skippedLines({ route }: RequestView): string[] {
  return (route?.skipped ?? []).map(({ target, route: name, rule, why }) => {
    const choice = name ?? (rule === undefined ? undefined : `number ${rule} of Router.rules`);
    const what = choice === undefined ? target : `${choice} (${target})`;
    return `Skipped: ${what}, since its provider is off: ${why}`;
  });
}

function affinityLine({ route }: RequestView): string[] {
  const { from, other, outcome, gain } = route?.affinity ?? {};
  if (from === undefined) return [];
  const to = other === undefined ? '' : ` to ${other}`;
  const texts = {
    stayed: `stays with ${from}, which has its prompt in its cache`,
    moved: `moves from ${from}${to}`,
    unavailable: `leaves ${from}, which is on cooldown, close to a limit, too small, off, without a check that it needs, or no longer a candidate`,
    route: `returns from ${from}${to}, which the rule names`,
  };
  return [`Conversation: ${texts[outcome ?? 'stayed']}${gain ? `; a move${to} ${gainText(gain)}` : ''}`];
}

function gainText({ savedUsd, savedMs, onceUsd, onceMs, turns, totalUsd }: Gain): string {
  const perTurn = `${savedUsd === undefined ? '' : `$${savedUsd.toFixed(4)} and `}${Math.round(savedMs)} ms a turn`;
  const once = `${onceUsd === undefined ? '' : `$${onceUsd.toFixed(4)} and `}${Math.round(onceMs)} ms once`;
  return `saves ${perTurn} and costs ${once}: worth $${totalUsd.toFixed(4)} over ${turns === 1 ? 'the next turn' : `${turns} turns`}`;
}

/** What the places of candidates mean: see RoutePosition. */
const places: Readonly<Record<Candidate['position'], string>> = {
  matched: 'the rule names it',
  fallback: 'in the order of the config',
  latency: 'by its latency',
  unmeasured: 'not measured often enough',
  sampled: 'drawn at random, by Router.routingTemperature',
  exploring: 'not measured lately, so this request does it',
  affinity: 'it has the conversation in its cache',
  'cooling-last': 'last, since it is on cooldown',
  soonest: 'all are on cooldown, and its own ends first',
  'quota-last': 'last, since it is close to a limit',
  'too-small': 'last, since the request does not fit',
  'failed-test': 'last, since it failed a test of what the request needs',
  off: 'last, since its provider is off',
};

function candidateText(candidate: Candidate, view: RequestView): string {
  const {
    target,
    position,
    cooldownUntilMs,
    quotaUntilMs,
    latencyMs,
    contextWindow,
    inputTokens,
    failedTest,
    off,
    prices,
    costUsd,
  } = candidate;
  const { startedAt } = view;
  const why = off?.replace(/\.$/, '');
  const facts = [
    `${position} (${places[position]}${position === 'off' ? `: ${why}` : ''})`,
    latencyMs !== undefined && `latency ${Math.round(latencyMs)} ms`,
    cooldownUntilMs !== undefined && `on cooldown for ${Math.ceil((cooldownUntilMs - startedAt) / 1000)} s`,
    quotaUntilMs !== undefined && `close to a limit for ${Math.ceil((quotaUntilMs - startedAt) / 1000)} s`,
    failedTest && `failed the check "${failedTest.check}" on ${dayOf(failedTest.testedAtMs)}`,
    off !== undefined && position !== 'off' && `its provider is off: ${why}`,
    contextWindow !== undefined && `${inputTokens ?? 0} of ${contextWindow} tokens`,
    prices && `$${prices.input} in, $${prices.output} out per million`,
    costUsd !== undefined && `this answer: $${costUsd.toFixed(4)}`,
    outcomeText(target, view),
  ].filter((each) => typeof each === 'string');
  return `${target}: ${facts.join('; ')}`;
}

/** What became of a candidate; undefined for a request that was not sent. */
function outcomeText(target: string, { id, attempts, target: answering, passedOver }: RequestView): string | undefined {
  if (id === previewId) return undefined;
  if (target === answering) return 'it answered';
  const failures = attempts.filter((each) => each.target === target).length;
  if (failures > 0) return failures === 1 ? 'it failed' : `it failed ${failures} times`;
  if (passedOver?.includes(target)) return 'passed over, since another request was testing whether it answers again';
  return 'not asked';
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
