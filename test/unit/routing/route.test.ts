import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { createHealth, type Health } from '../../../src/routing/health.ts';
import { route, type RouteQuestion } from '../../../src/routing/route.ts';

const base = {
  Providers: [
    { name: 'a', api_base_url: 'http://a/v1', models: ['shared', 'only-a'] },
    { name: 'b', api_base_url: 'http://b/v1', models: ['shared', 'with,comma'], tier_name: 'backup' },
  ],
  Router: { default: 'a,only-a', think: 'b,shared' },
  Presets: { coding: { route: 'a,shared', temperature: 0.2 }, deep: { route: 'think' } },
  Frontend: { codex: { modelMappings: { 'gpt-x': 'b,shared', fast: 'coding', slow: 'think', broken: 'nowhere' } } },
};

function ask(
  question: Partial<RouteQuestion>,
  changes: object = {},
  off: string[] = [],
  health: Health = createHealth(),
) {
  const config = configSchema.parse({ ...base, ...changes });
  const decision = route(
    config,
    { model: undefined, frontend: 'codex', ...question },
    { health, nowMs: 0, isEnabled: (name) => !off.includes(name) },
  );
  return { ...decision, names: decision.targets.map(({ provider, model }) => `${provider},${model}`) };
}

describe('route', () => {
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
  ] as [string, Partial<RouteQuestion>, string, string][])('follows %s', (_, question, target, reason) => {
    const { names, reason: found } = ask(question);
    expect([names[0], found]).toEqual([target, reason]);
  });

  it("brings the preset's parameters along, without its route", () => {
    expect(ask({ preset: 'coding' }).parameters).toEqual({ temperature: 0.2 });
  });

  it('prefers a provider that has its key', () => {
    expect(ask({ model: 'shared' }, {}, ['a']).names[0]).toBe('b,shared');
  });

  it('lets the mapping "default" catch unknown names only', () => {
    const Frontend = { codex: { modelMappings: { default: 'b,shared' } } };
    expect(ask({ model: 'gpt-4o' }, { Frontend }).names[0]).toBe('b,shared');
    expect(ask({ model: 'only-a' }, { Frontend }).names[0]).toBe('a,only-a');
  });

  it('ignores a direct target when told to', () => {
    const Router = { ...base.Router, ignoreDirect: true };
    expect(ask({ model: 'b,shared' }, { Router }).reason).toBe('unknown-model');
  });

  it.each([
    [{ preset: 'codign' }, 'Presets: coding, deep.'],
    [{ model: 'c,shared' }, 'Providers: a, b.'],
    [{ model: 'a,none' }, 'Its models: shared, only-a.'],
    [{ model: 'broken' }, 'Presets and routes: coding, deep, default, think.'],
  ])('refuses %j and names what exists', (question, listed) => {
    expect(() => ask(question)).toThrow(
      expect.objectContaining({ kind: 'not-found', message: expect.stringContaining(listed) as string }),
    );
  });

  it('adds the other tiers as fallbacks, once each, with their labels', () => {
    const { targets } = ask({ model: 'b,shared' });
    expect(targets).toEqual([
      { provider: 'b', model: 'shared', tier: 'backup' },
      { provider: 'a', model: 'only-a', tier: 'a' },
    ]);
  });

  it('puts cooling targets last', () => {
    const health = createHealth();
    health.coolDown({ provider: 'a', model: 'only-a', tier: 'a' }, 1);
    expect(ask({}, {}, [], health).names).toEqual(['b,shared', 'a,only-a']);
  });

  it('orders the tiers by latency for default, but leaves a chosen target first', () => {
    const health = createHealth();
    health.succeeded({ provider: 'a', model: 'only-a', tier: 'a' }, 900);
    health.succeeded({ provider: 'b', model: 'shared', tier: 'backup' }, 100);
    const Router = { ...base.Router, tiers: ['a,only-a', 'b,shared', 'a,shared'] };
    expect(ask({}, { Router }, [], health).names).toEqual(['b,shared', 'a,only-a', 'a,shared']);
    expect(ask({ model: 'a,only-a' }, { Router }, [], health).names[0]).toBe('a,only-a');
    expect(ask({}, { Router }).names[0]).toBe('a,only-a');
  });
});
