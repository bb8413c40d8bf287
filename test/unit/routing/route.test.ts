import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import type { RequestSize } from '../../../src/routing/fit.ts';
import { createHealth, type Health } from '../../../src/routing/health.ts';
import { noIntent } from '../../../src/routing/matchRoute.ts';
import { route, type RouteFacts, type RouteQuestion, type Target } from '../../../src/routing/route.ts';

const base = {
  Providers: [
    { name: 'a', api_base_url: 'http://a/v1', models: ['shared', 'only-a'] },
    { name: 'b', api_base_url: 'http://b/v1', models: ['shared', 'with,comma'], tier_name: 'backup' },
  ],
  Router: { default: 'a,only-a', think: 'b,shared' },
  Presets: { coding: { route: 'a,shared', temperature: 0.2 }, deep: { route: 'think' } },
  Frontend: { codex: { modelMappings: { 'gpt-x': 'b,shared', fast: 'coding', slow: 'think', broken: 'nowhere' } } },
};

function routed(
  question: Partial<RouteQuestion>,
  changes: object = {},
  disabled: string[] = [],
  health: Health = createHealth(),
  size?: RequestSize,
  more: Partial<RouteFacts> = {},
) {
  const config = configSchema.parse({ ...base, ...changes });
  const decision = route(
    config,
    { model: undefined, frontend: 'codex', ...question },
    {
      health,
      nowMs: 0,
      isEnabled: (name) => !disabled.includes(name),
      whyOff: (name) => `${name} is off.`,
      ...(size && { size }),
      ...more,
    },
  );
  return { ...decision, names: decision.targets.map(({ provider, model }) => `${provider},${model}`) };
}

/** What rules ask for, of a request without any sign. */
const facts = {
  client: 'codex',
  intent: noIntent,
  model: '',
  tokens: 0,
  tools: [],
  headers: {},
  scope: undefined,
  nowMs: 0,
};

describe('a provider that is off', () => {
  const tiers = ['a,shared', 'b,shared', 'a,only-a'];

  it('is tried last, unless the rule names its target', () => {
    const off = (question: Partial<RouteQuestion>, changes: object = {}): string[] =>
      routed(question, { Router: { default: 'a,shared', tiers, ...changes } }, ['a']).candidates.map(
        ({ target, position }) => `${target.provider},${target.model} ${position}`,
      );
    expect(off({ model: 'a,only-a' })).toEqual(['a,only-a matched', 'b,shared fallback', 'a,shared off']);
    expect(off({ model: 'auto' })).toEqual(['b,shared fallback', 'a,shared off', 'a,only-a off']);
    expect(off({ model: 'auto' }, { strategy: 'ordered' })).toEqual([
      'a,shared matched',
      'b,shared fallback',
      'a,only-a off',
    ]);
  });

  it('is named where it was skipped, with its reason', () => {
    const Router = { default: 'a,shared', think: 'b,shared', rules: [{ when: {}, route: 'think' }] };
    const { matched, skipped, candidates } = routed({ model: 'o3-mini', rules: facts, intent: noIntent }, { Router }, [
      'b',
    ]);
    const why = 'b is off.';
    expect(matched).toMatchObject({ provider: 'a' });
    expect(skipped).toEqual([
      { rule: 1, target: 'b,shared', why },
      { route: 'think', target: 'b,shared', why },
    ]);
    expect(candidates.map(({ off }) => off)).toEqual([undefined, why]);
    expect(routed({ model: 'shared' }, {}, ['a']).skipped).toEqual([{ target: 'a,shared', why: 'a is off.' }]);
    expect(routed({ model: 'auto' })).not.toHaveProperty('skipped');
    expect(routed({ model: 'only-a' }, {}, ['a'])).not.toHaveProperty('skipped');
  });
});

describe('route', () => {
  it('tells the configured name that a model was taken for, unless it was written so', () => {
    expect(routed({ model: 'only-a[1m]' }).readAs).toBe('only-a');
    expect(routed({ model: 'A,Shared' }).readAs).toBe('a,shared');
    const Providers = [{ name: 'b', api_base_url: 'http://b', models: ['glm-5', 'glm-5[1m]'] }];
    expect(routed({ model: 'b,GLM-5[1m]' }, { Providers }).readAs).toBe('b,glm-5[1m]');
    expect(routed({ model: 'only-a' }).readAs).toBeUndefined();
    expect(routed({ model: 'a,only-a' }).readAs).toBeUndefined();
    expect(routed({ model: 'unknown' }).readAs).toBeUndefined();
  });

  it.each([
    [
      'a preset in the URL before all else',
      { preset: 'coding', model: 'b,shared', scope: { route: 'think' } },
      'a,shared',
      'preset',
    ],
    [
      "the window's choice before the client's",
      { scope: { preset: 'coding' }, model: 'b,shared' },
      'a,shared',
      'scope',
    ],
    ["a route as the window's choice", { scope: { route: 'think' }, model: 'only-a' }, 'b,shared', 'scope'],
    ['provider,model', { model: 'b,with,comma' }, 'b,with,comma', 'direct'],
    ['a mapping to a target', { model: 'gpt-x' }, 'b,shared', 'mapping'],
    ['a mapping to a preset', { model: 'fast' }, 'a,shared', 'mapping'],
    ['a mapping to a route', { model: 'slow' }, 'b,shared', 'mapping'],
    ['an exact model name, first provider first', { model: 'shared' }, 'a,shared', 'model'],
    ["a preset's name", { model: 'deep' }, 'b,shared', 'preset'],
    ["a route's name", { model: 'think' }, 'b,shared', 'route'],
    ['auto', { model: 'auto' }, 'a,only-a', 'default'],
    ['no model at all', {}, 'a,only-a', 'default'],
    ['an unknown name', { model: 'gpt-4o' }, 'a,only-a', 'unknown-model'],
    ['a name that every object has', { model: 'constructor' }, 'a,only-a', 'unknown-model'],
    ['a model with a mark behind it', { model: 'only-a[1m]' }, 'a,only-a', 'model'],
    ['provider,model with a mark and in another case', { model: 'A,Shared[1m]' }, 'a,shared', 'direct'],
    ['a mapping with a mark behind its name', { model: 'gpt-x[1m]' }, 'b,shared', 'mapping'],
    ['a mapping with a date behind its name', { model: 'gpt-x-20260101' }, 'b,shared', 'mapping'],
    ['provider/model', { model: 'b/shared' }, 'b,shared', 'direct'],
    ['a model with a prefix', { model: 'maker/only-a' }, 'a,only-a', 'model'],
    ["a preset's name in another case", { model: 'Coding' }, 'a,shared', 'preset'],
  ] as [string, Partial<RouteQuestion>, string, string][])('follows %s', (_, question, target, reason) => {
    const { names, reason: found } = routed(question);
    expect([names[0], found]).toEqual([target, reason]);
  });

  it("carries the preset's parameters, without its route", () => {
    expect(routed({ preset: 'coding' }).parameters).toEqual({ temperature: 0.2 });
  });

  it('prefers an enabled provider', () => {
    expect(routed({ model: 'shared' }, {}, ['a']).names[0]).toBe('b,shared');
  });

  it('applies the mapping "default" to unknown names only', () => {
    const Frontend = { codex: { modelMappings: { default: 'b,shared' } } };
    expect(routed({ model: 'gpt-4o' }, { Frontend }).names[0]).toBe('b,shared');
    expect(routed({ model: 'only-a' }, { Frontend }).names[0]).toBe('a,only-a');
  });

  it('ignores a direct target under ignoreDirect', () => {
    const Router = { ...base.Router, ignoreDirect: true };
    expect(routed({ model: 'b,shared' }, { Router }).reason).toBe('unknown-model');
  });

  it.each([
    [{ preset: 'codign' }, 'Presets: coding, deep.'],
    [{ model: 'c,shared' }, 'Providers: a, b.'],
    [{ model: 'a,none' }, 'Its models: shared, only-a.'],
    [{ model: 'broken' }, 'Presets and routes: coding, deep, default, think.'],
  ])('rejects %j and names what exists', (question, listed) => {
    expect(() => routed(question)).toThrow(
      expect.objectContaining({ kind: 'not-found', message: expect.stringContaining(listed) as string }),
    );
  });

  it('adds the other tiers as fallbacks, once each, with their labels', () => {
    const { targets } = routed({ model: 'b,shared' });
    expect(targets).toEqual([
      { provider: 'b', model: 'shared', tier: 'backup' },
      { provider: 'a', model: 'only-a', tier: 'a' },
    ]);
  });

  it('puts targets on cooldown last', () => {
    const health = createHealth();
    health.coolDown({ provider: 'a', model: 'only-a', tier: 'a' }, 1);
    expect(routed({}, {}, [], health).names).toEqual(['b,shared', 'a,only-a']);
  });

  it('orders the tiers by latency for default, but leaves a chosen target first', () => {
    const health = createHealth();
    measure(health, { provider: 'a', model: 'only-a', tier: 'a' }, 900);
    measure(health, { provider: 'b', model: 'shared', tier: 'backup' }, 100);
    const Router = { ...base.Router, tiers: ['a,only-a', 'b,shared', 'a,shared'] };
    expect(routed({}, { Router }, [], health).names).toEqual(['b,shared', 'a,only-a', 'a,shared']);
    expect(routed({ model: 'a,only-a' }, { Router }, [], health).names[0]).toBe('a,only-a');
    expect(routed({}, { Router }).names[0]).toBe('a,only-a');
  });
});

const tiers = ['a,only-a', 'b,shared', 'a,shared', 'b,with,comma'];
const targetOf = (text: string): Target => {
  const [provider = '', ...model] = text.split(',');
  return { provider, model: model.join(','), tier: provider === 'b' ? 'backup' : provider };
};

/** Often enough to be trusted. */
function measure(health: Health, target: Target, latencyMs: number): void {
  for (let sample = 0; sample < 3; sample++) health.succeeded(target, latencyMs);
}

/** Latencies and cooldowns by target, in ms; `now` is 0. */
function healthOf(latencies: Record<string, number>, cooldowns: Record<string, number> = {}): Health {
  const health = createHealth();
  for (const [text, latencyMs] of Object.entries(latencies)) measure(health, targetOf(text), latencyMs);
  for (const [text, untilMs] of Object.entries(cooldowns)) health.coolDown(targetOf(text), untilMs);
  return health;
}

describe('the order of targets', () => {
  const ordered = (Router: object, health: Health, question: Partial<RouteQuestion> = {}): string[] =>
    routed(question, { Router: { ...base.Router, tiers, ...Router } }, [], health).names;

  it('is the configured one for the strategy "ordered"', () => {
    const health = healthOf({ 'a,only-a': 900, 'b,shared': 100 });
    expect(ordered({ strategy: 'ordered' }, health)).toEqual(tiers);
    const fallbacks = tiers.filter((each) => each !== 'b,shared');
    expect(ordered({ strategy: 'ordered' }, health, { model: 'b,shared' })).toEqual(['b,shared', ...fallbacks]);
  });

  it('is by latency with tiers, unmeasured ones last and in their order', () => {
    const health = healthOf({ 'b,with,comma': 100, 'b,shared': 500 });
    expect(ordered({}, health)).toEqual(['b,with,comma', 'b,shared', 'a,only-a', 'a,shared']);
  });

  it('stays as configured between equal latencies', () => {
    const health = healthOf({ 'a,shared': 100, 'b,shared': 100, 'b,with,comma': 50 });
    expect(ordered({}, health)).toEqual(['b,with,comma', 'b,shared', 'a,shared', 'a,only-a']);
  });

  it.each([
    ['a direct target', { model: 'a,only-a' }],
    ['an exact model', { model: 'only-a' }],
    ["the window's route", { scope: { route: 'default' } }],
  ] as [string, Partial<RouteQuestion>][])('keeps %s first, with the fallbacks by latency', (_, question) => {
    const health = healthOf({ 'a,only-a': 900, 'b,shared': 500, 'b,with,comma': 100 });
    expect(ordered({}, health, question)).toEqual(['a,only-a', 'b,with,comma', 'b,shared', 'a,shared']);
  });

  it('keeps the default target first where the config lists no tiers', () => {
    const health = healthOf({ 'a,only-a': 900, 'b,shared': 100 });
    const Router = { ...base.Router, background: 'a,shared', strategy: 'latency' };
    expect(routed({}, { Router }, [], health).names).toEqual(['a,only-a', 'b,shared', 'a,shared']);
  });

  it('has targets on cooldown last, in the order that they would have without it', () => {
    const health = healthOf({ 'b,shared': 100, 'a,only-a': 500 }, { 'b,shared': 60_000, 'a,shared': 10 });
    expect(ordered({}, health)).toEqual(['a,only-a', 'b,with,comma', 'b,shared', 'a,shared']);
  });

  it('moves even a direct target on cooldown behind the others', () => {
    const health = healthOf({}, { 'b,shared': 1 });
    expect(ordered({}, health, { model: 'b,shared' }).at(-1)).toBe('b,shared');
  });

  it('does not change when all targets are on cooldown, or none is any more', () => {
    const all = Object.fromEntries(tiers.map((each) => [each, 5]));
    expect(ordered({ strategy: 'ordered' }, healthOf({}, all))).toEqual(tiers);
    expect(ordered({ strategy: 'ordered' }, healthOf({}, { 'a,only-a': 0 }))).toEqual(tiers);
  });
});

describe('a target that was chosen', () => {
  const named = (health: Health, question: Partial<RouteQuestion>, more?: Partial<RouteFacts>): string[] =>
    routed(question, { Router: { ...base.Router, tiers } }, [], health, undefined, more).names;
  const ways: [string, Partial<RouteQuestion>][] = [
    ['by a preset in the URL', { preset: 'coding' }],
    ["by the window's preset", { scope: { preset: 'coding' } }],
    ['by the config for the client', { model: 'fast' }],
    ['by its model', { model: 'only-a' }],
    ['by its name', { model: 'a,shared' }],
  ];

  it.each(ways)('%s stays first close to a limit, and with a test that failed', (_, question) => {
    const chosen = named(createHealth(), question)[0] ?? '';
    const health = createHealth();
    health.noteQuota(targetOf(chosen), undefined, 60_000);
    const failedCheck = ({ provider, model }: Target) =>
      `${provider},${model}` === chosen ? { check: 'image', testedAtMs: 0 } : undefined;
    expect(named(health, question, { failedCheck })[0]).toBe(chosen);
  });

  it('by a route goes behind the others then', () => {
    const health = createHealth();
    health.noteQuota(targetOf('a,only-a'), undefined, 60_000);
    expect(named(health, {}).at(-1)).toBe('a,only-a');
    const failedCheck = ({ model }: Target) => (model === 'only-a' ? { check: 'image', testedAtMs: 0 } : undefined);
    expect(named(createHealth(), {}, { failedCheck }).at(-1)).toBe('a,only-a');
  });
});

describe('exploring', () => {
  const first = (Router: object, more: Partial<RouteFacts>): unknown => {
    const health = healthOf({ 'a,only-a': 900, 'b,with,comma': 100 });
    const changes = { Router: { ...base.Router, tiers, ...Router } };
    return routed({}, changes, [], health, undefined, { random: () => 0, ...more }).candidates[0]?.position;
  };

  it('happens only for a request that may', () => {
    expect(first({}, { explores: true })).toBe('exploring');
    expect(first({}, { explores: false })).toBe('latency');
    expect(first({ strategy: 'ordered' }, { explores: true })).toBe('matched');
  });
});

describe('the candidates of a decision', () => {
  const explained = (Router: object, health: Health, question: Partial<RouteQuestion> = {}) => {
    const { candidates, targets, matched, reason } = routed(
      question,
      { Router: { ...base.Router, ...Router } },
      [],
      health,
    );
    expect(candidates.map(({ target }) => target)).toEqual(targets);
    const rows = candidates.map(({ target, position, cooldownUntilMs, latencyMs }) => [
      `${target.provider},${target.model}`,
      position,
      cooldownUntilMs,
      latencyMs,
    ]);
    return { rows, matched: `${matched.provider},${matched.model}`, reason };
  };

  it('are the matched target and the fallbacks', () => {
    expect(explained({}, healthOf({}), { model: 'b,with,comma' })).toEqual({
      matched: 'b,with,comma',
      reason: 'direct',
      rows: [
        ['b,with,comma', 'matched', undefined, undefined],
        ['a,only-a', 'fallback', undefined, undefined],
        ['b,shared', 'fallback', undefined, undefined],
      ],
    });
  });

  it('say that a cooldown moved the matched target, which the reason still is about', () => {
    expect(explained({}, healthOf({ 'a,only-a': 300 }, { 'a,only-a': 60_000 }), { model: 'only-a' })).toEqual({
      matched: 'a,only-a',
      reason: 'model',
      rows: [
        ['b,shared', 'fallback', undefined, undefined],
        ['a,only-a', 'cooling-last', 60_000, 300],
      ],
    });
  });

  it('say what latency decided and what is unmeasured', () => {
    const { rows, matched, reason } = explained({ tiers }, healthOf({ 'b,shared': 100, 'a,only-a': 900 }));
    expect([matched, reason]).toEqual(['a,only-a', 'default']);
    expect(rows).toEqual([
      ['b,shared', 'latency', undefined, 100],
      ['a,only-a', 'latency', undefined, 900],
      ['a,shared', 'unmeasured', undefined, undefined],
      ['b,with,comma', 'unmeasured', undefined, undefined],
    ]);
  });

  it('keep the matched target as such while nothing is measured, or when all are on cooldown', () => {
    expect(explained({ tiers }, healthOf({})).rows.map(([, position]) => position)).toEqual([
      'matched',
      'fallback',
      'fallback',
      'fallback',
    ]);
    expect(explained({}, healthOf({}, { 'a,only-a': 5, 'b,shared': 5 })).rows).toEqual([
      ['a,only-a', 'matched', 5, undefined],
      ['b,shared', 'fallback', 5, undefined],
    ]);
  });

  it('say that all are on cooldown where that brought one to the front', () => {
    expect(explained({}, healthOf({}, { 'a,only-a': 9, 'b,shared': 5 })).rows).toEqual([
      ['b,shared', 'soonest', 5, undefined],
      ['a,only-a', 'matched', 9, undefined],
    ]);
  });
});

describe('a request that does not fit its target', () => {
  const windows: Record<string, number> = { 'only-a': 100 };
  const size: RequestSize = { inputAt: () => 500, outputAt: () => 0, windowOf: ({ model }) => windows[model] };
  const Router = { default: 'a,only-a', longContext: 'b,with,comma', tiers: ['a,only-a', 'a,shared'] };

  it('goes to longContext before the fallbacks', () => {
    const { names, candidates } = routed({}, { Router }, [], createHealth(), size);
    expect(names).toEqual(['b,with,comma', 'a,shared', 'a,only-a']);
    expect(candidates.map(({ position }) => position)).toEqual(['fallback', 'fallback', 'too-small']);
  });

  it('goes to a fallback if the provider of longContext is off, or there is none', () => {
    expect(routed({}, { Router }, ['b'], createHealth(), size).names).toEqual(['a,shared', 'a,only-a']);
    const without = { ...Router, longContext: undefined };
    expect(routed({}, { Router: without }, [], createHealth(), size).names).toEqual(['a,shared', 'a,only-a']);
  });
});

it('orders the tiers by latency for an unknown model too', () => {
  const Router = { ...base.Router, tiers: ['a,only-a', 'b,shared'] };
  const health = healthOf({ 'a,only-a': 900, 'b,shared': 100 });
  expect(routed({ model: 'unknown' }, { Router }, [], health).names[0]).toBe('b,shared');
});

describe('the rules of routing', () => {
  it('read a model name with a comma as an unknown one under ignoreDirect, or by its mapping', () => {
    const Router = { ...base.Router, ignoreDirect: true };
    const Frontend = { codex: { modelMappings: { 'b,shared': 'a,shared' } } };
    const exact = routed({ model: 'with,comma' }, { Router });
    expect([exact.reason, exact.names[0]]).toEqual(['model', 'b,with,comma']);
    expect(routed({ model: 'x,y' }, { Router }).reason).toBe('unknown-model');
    const mapped = routed({ model: 'b,shared' }, { Router, Frontend });
    expect([mapped.reason, mapped.names[0]]).toEqual(['mapping', 'a,shared']);
  });

  it('apply the mappings of the client in question only', () => {
    const Frontend = {
      codex: { modelMappings: { fast: 'a,shared' } },
      claudeCode: { modelMappings: { fast: 'b,shared' } },
    };
    expect(routed({ model: 'fast', frontend: 'codex' }, { Frontend }).names[0]).toBe('a,shared');
    expect(routed({ model: 'fast', frontend: 'claudeCode' }, { Frontend }).names[0]).toBe('b,shared');
  });

  it('prefer a mapping to a model of the same name, and a model to a preset', () => {
    const Frontend = { codex: { modelMappings: { 'only-a': 'b,shared' } } };
    expect(routed({ model: 'only-a' }, { Frontend })).toMatchObject({ reason: 'mapping' });
    const Presets = { shared: { route: 'think' } };
    expect(routed({ model: 'shared' }, { Presets })).toMatchObject({ reason: 'model' });
  });

  it('carry the parameters of a preset, whichever rule named it', () => {
    const parameters = { temperature: 0.2 };
    expect(routed({ model: 'fast' }).parameters).toEqual(parameters);
    expect(routed({ scope: { preset: 'coding' } }).parameters).toEqual(parameters);
    expect(routed({ model: 'coding' }).parameters).toEqual(parameters);
    expect(routed({ model: 'think' }).parameters).toEqual({});
  });

  it('leave auto, default and no model to the default route, whatever the mapping "default" says', () => {
    const Frontend = { codex: { modelMappings: { default: 'b,shared' } } };
    for (const model of ['auto', 'default', ' auto ', '', undefined])
      expect(routed({ model }, { Frontend })).toMatchObject({ reason: 'default', matched: { model: 'only-a' } });
  });

  it('refuse a route that is not a target, with what to correct', () => {
    expect(() => routed({ scope: { preset: 'odd' } }, { Presets: { odd: { route: 'nowhere' } } })).toThrow(
      expect.objectContaining({
        kind: 'not-found',
        message: 'The route "nowhere" is not "provider,model". Correct it in the config.',
      }),
    );
  });

  it('name a disabled provider if no other one has the model', () => {
    expect(routed({ model: 'only-a' }, {}, ['a'])).toMatchObject({ reason: 'model', names: ['a,only-a', 'b,shared'] });
  });
});
