// A request's route as a picture: the rule, the candidates in their order, the attempts, the answer.
import type { RequestView } from '../../src/control/protocol.ts';
import { duration, money, shortCount } from '../../src/vscode/dashboard/words.ts';
import { icon, make, replace } from './dom.ts';
import { codeWord, word } from './words.ts';

type Candidate = NonNullable<RequestView['route']>['candidates'][number];

export function renderRoute(parent: Element, request: RequestView | undefined): void {
  if (!request)
    return replace(parent, make('h2', {}, word('route')), make('p', { class: 'quiet' }, word('chooseRequest')));
  const time = new Date(request.startedAt).toLocaleString();
  replace(
    parent,
    make('h2', {}, word('route')),
    make('p', { class: 'quiet' }, `${time} · ${request.client} · ${request.id}`),
    make(
      'ol',
      { class: 'route' },
      stage(word('rule'), ruleBox(request)),
      stage(word('candidates'), list((request.route?.candidates ?? []).map((each) => candidateBox(each, request)))),
      stage(word('attempts'), list(request.attempts.map((each) => attemptBox(each, request)))),
      stage(word('answer'), answerBox(request)),
    ),
    request.warnings.length > 0 && make('h3', {}, word('warnings')),
    request.warnings.length > 0 && make('ul', {}, ...request.warnings.map((warning) => make('li', {}, warning))),
  );
}

function stage(title: string, content: Node): HTMLElement {
  return make('li', { class: 'stage' }, make('h3', {}, title), content);
}

function list(boxes: HTMLElement[]): HTMLElement {
  return boxes.length > 0
    ? make('ol', { class: 'boxes' }, ...boxes.map((box) => make('li', {}, box)))
    : make('p', { class: 'quiet' }, '–');
}

/** A box: what it is about, then facts, one a line. */
function box(tone: '' | 'good' | 'bad' | 'dim', title: string, ...facts: (string | false | undefined)[]): HTMLElement {
  const sign = tone === 'good' ? 'pass' : tone === 'bad' ? 'error' : undefined;
  const texts = facts.filter((fact) => typeof fact === 'string' && fact !== '');
  return make(
    'div',
    { class: `box ${tone}`.trim() },
    make('strong', {}, sign && icon(sign), title),
    ...texts.map((fact) => make('span', { class: 'fact' }, fact)),
  );
}

function ruleBox({ model, reason, route }: RequestView): HTMLElement {
  return box(
    '',
    reason === undefined ? '–' : codeWord('reason', reason),
    `${word('asked')} ${model ?? word('noModel')}`,
    route?.readAs !== undefined && word('readAs', route.readAs),
    route?.rule && word('ruleNumber', route.rule.place, route.rule.reason ?? ''),
    route && word('namesTarget', route.matched),
    ...(route?.skipped ?? []).map(({ target }) => word('skippedOff', target)),
    route?.detour,
  );
}

const positions: Record<Candidate['position'], Parameters<typeof word>[0]> = {
  matched: 'positionMatched',
  fallback: 'positionFallback',
  latency: 'positionLatency',
  unmeasured: 'positionUnmeasured',
  sampled: 'positionSampled',
  exploring: 'positionExploring',
  affinity: 'positionAffinity',
  'cooling-last': 'positionCooling',
  soonest: 'positionSoonest',
  'quota-last': 'positionQuota',
  'too-small': 'positionTooSmall',
  'failed-test': 'positionFailedTest',
  off: 'positionOff',
};

function candidateBox(candidate: Candidate, { target, attempts }: RequestView): HTMLElement {
  const { position, latencyMs, cooldownUntilMs, contextWindow, inputTokens, costUsd } = candidate;
  const own = attempts.filter((attempt) => attempt.target === candidate.target);
  const isAnswer = candidate.target === target;
  return box(
    isAnswer ? 'good' : own.length > 0 ? 'bad' : 'dim',
    candidate.target,
    // A newer gateway may have other positions.
    Object.hasOwn(positions, position) ? word(positions[position]) : position,
    cooldownUntilMs !== undefined && position !== 'cooling-last' && word('cooldown'),
    latencyMs !== undefined && word('latency', duration(latencyMs)),
    contextWindow !== undefined && word('windowOf', shortCount(inputTokens ?? 0), shortCount(contextWindow)),
    costUsd !== undefined && word('wouldCost', money(costUsd)),
    isAnswer ? word('answeredHere') : own.length === 0 && word('notAsked'),
  );
}

function attemptBox(attempt: RequestView['attempts'][number], { startedAt }: RequestView): HTMLElement {
  const { target, key, error, errorKind, durationMs } = attempt;
  return box(
    error === undefined ? 'good' : 'bad',
    target,
    key !== undefined && word('key', key),
    `${word('after', duration(attempt.startedAt - startedAt))}, ${word('tookMs', duration(durationMs))}`,
    errorKind === undefined ? undefined : codeWord('error', errorKind),
    error,
  );
}

function answerBox(request: RequestView): HTMLElement {
  const { target, error, errorKind, firstContentMs, durationMs, inputTokens, outputTokens, cacheReadTokens } = request;
  const failed = error !== undefined;
  return box(
    failed ? 'bad' : 'good',
    target ?? word('noAnswer'),
    errorKind === undefined ? undefined : codeWord('error', errorKind),
    error,
    firstContentMs !== undefined && `${word('firstToken')}: ${duration(firstContentMs)}`,
    `${word('duration')}: ${duration(durationMs)}`,
    inputTokens !== undefined && word('inputOutput', shortCount(inputTokens), shortCount(outputTokens ?? 0)),
    cacheReadTokens !== undefined && word('fromCache', shortCount(cacheReadTokens)),
    request.costUsd !== undefined && money(request.costUsd),
    request.finish !== undefined && word('finish', request.finish),
  );
}
