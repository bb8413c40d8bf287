import { expect, it } from 'vitest';
import { describeRequest } from '../../../src/cli/describeRequest.ts';
import { describeReason } from '../../../src/cli/describeReason.ts';
import type { RequestView } from '../../../src/control/protocol.ts';
import type { RouteReason } from '../../../src/routing/route.ts';

const view: RequestView = {
  id: 'req_1',
  cursor: 1,
  startedAt: 1000,
  durationMs: 50,
  client: 'codex',
  dialect: 'openai-responses',
  reason: 'default',
  route: {
    matched: 'a,m',
    candidates: [
      { target: 'a,m', position: 'matched' },
      { target: 'b,m', position: 'quota-last', quotaUntilMs: 31_000 },
      { target: 'c,m', position: 'cooling-last', cooldownUntilMs: 13_000, latencyMs: 2000.4 },
    ],
  },
  target: 'b,m',
  passedOver: ['a,m'],
  attempts: [],
  warnings: [],
};

it('explains why targets were skipped, with their latency: a limit, a cooldown, a test by another request', () => {
  expect(describeRequest(view)).toEqual([
    'req_1: Codex asked for no model at 1970-01-01T00:00:01.000Z',
    'Rule: default, which names a,m, since the client leaves the model to CCR, and no other configured route fits the request',
    'Targets, in order:',
    '  1. a,m: matched (the rule names it); passed over, since another request was testing whether it answers again',
    '  2. b,m: quota-last (last, since it is close to a limit); close to a limit for 30 s; it answered',
    '  3. c,m: cooling-last (last, since it is on cooldown); latency 2000 ms; on cooldown for 12 s; not asked',
    'b,m answered in 50 ms',
  ]);
});

it('says what each attempt did, and how often a target failed', () => {
  const failed = (target: string, startedAt: number) => ({ target, startedAt, durationMs: 5, error: 'It is down.' });
  const attempts = [
    failed('a,m', 1000),
    failed('a,m', 1100),
    failed('b,m', 1200),
    { target: 'c,m', key: 2, startedAt: 1300, durationMs: 20 },
  ];
  const lines = describeRequest({ ...view, passedOver: undefined, target: 'c,m', attempts });
  expect(lines.filter((line) => line.startsWith('  ')).map((line) => line.replace(/\(.*?\);.*; /, ''))).toEqual([
    '  1. a,m: matched (the rule names it); it failed 2 times',
    '  2. b,m: quota-last it failed',
    '  3. c,m: cooling-last it answered',
    '  at 0 ms: a,m failed after 5 ms: It is down.',
    '  at 100 ms: a,m failed after 5 ms: It is down.',
    '  at 200 ms: b,m failed after 5 ms: It is down.',
    '  at 300 ms: c,m (key 2) sent its first content after 20 ms',
  ]);
});

it('says of a request that is only routed that nothing is sent, and of no target what became of it', () => {
  const lines = describeRequest({
    ...view,
    id: 'preview',
    client: 'other',
    model: 'auto',
    target: undefined,
    passedOver: [],
  });
  expect(lines[0]).toBe('A client would ask for auto. Nothing is sent to a provider.');
  expect(lines).toContain('  1. a,m: matched (the rule names it)');
});

it.each<[Partial<RequestView>, string]>([
  [
    { reason: 'budget', preset: 'cheap', budget: 'Budget 1 (5 USD per day) is used to 84 %' },
    'Budget 1 (5 USD per day) is used to 84 %, so the preset cheap answers',
  ],
  [{ reason: 'preset', preset: 'cheap' }, 'the URL or the model names the preset cheap'],
  [{ reason: 'preset' }, 'the URL or the model names a preset'],
  [{ reason: 'scope', preset: 'cheap' }, 'it is the choice of this window, the preset cheap'],
  [
    { reason: 'rule', route: { matched: 'a,m', candidates: [], rule: { place: 2, reason: 'Nights are cheap' } } },
    'number 2 of Router.rules applies: Nights are cheap',
  ],
])('says why a rule applied: %j', (more, words) => {
  expect(describeRequest({ ...view, ...more }).find((line) => line.startsWith('Rule: '))).toBe(
    `Rule: ${more.reason}, which names a,m, since ${words}`,
  );
});

it('has words for every rule', () => {
  const reasons: RouteReason[] = [
    'preset',
    'scope',
    'rule',
    'direct',
    'mapping',
    'model',
    'route',
    'default',
    'unknown-model',
    'compaction',
    'web-search',
    'image',
    'long-context',
    'think',
    'background',
    'subagent-tag',
    'budget',
  ];
  const words = reasons.map((reason) => describeReason({ ...view, reason }));
  expect(new Set(words).size).toBe(reasons.length);
  expect(words).not.toContain('it applies');
});

it('names routes and rules that were skipped, and targets, whose provider is off', () => {
  const why = '${A_KEY} is not set.';
  const candidates = [
    { target: 'b,m', position: 'matched' as const },
    { target: 'a,m', position: 'off' as const, off: why },
  ];
  const skipped = [
    { target: 'a,m', rule: 2, why },
    { target: 'a,m', route: 'think' as const, why },
    { target: 'a,m', why },
  ];
  const lines = describeRequest({ ...view, passedOver: undefined, route: { matched: 'b,m', candidates, skipped } });
  expect(lines).toEqual(
    expect.arrayContaining([
      'Skipped: number 2 of Router.rules (a,m), since its provider is off: ${A_KEY} is not set.',
      'Skipped: think (a,m), since its provider is off: ${A_KEY} is not set.',
      'Skipped: a,m, since its provider is off: ${A_KEY} is not set.',
      '  2. a,m: off (last, since its provider is off: ${A_KEY} is not set); not asked',
    ]),
  );
});

it('says how long a conversation is that goes to longContext', () => {
  const textFor = (length: { tokens: number; limit: number; wasLong: boolean } | undefined): string =>
    describeReason({ ...view, reason: 'long-context', route: { matched: 'a,m', candidates: [], length } });
  expect(textFor({ tokens: 70_000, limit: 60_000, wasLong: false })).toBe(
    'about 70000 tokens are more than Router.longContextThreshold, 60000',
  );
  expect(textFor({ tokens: 40_000, limit: 30_000, wasLong: true })).toBe(
    'the conversation was longer than Router.longContextThreshold, and its about 40000 tokens are more than half of that, 30000',
  );
  expect(textFor(undefined)).toBe('the conversation is longer than Router.longContextThreshold');
});
