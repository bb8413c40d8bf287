import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { matchRoute, type RouteMatch, type RouteQuestion } from '../../../src/routing/matchRoute.ts';
import type { RuleFacts } from '../../../src/routing/rules.ts';

const base = {
  Providers: [
    { name: 'a', api_base_url: 'http://a/v1', models: ['shared', 'only-a'] },
    { name: 'b', api_base_url: 'http://b/v1', models: ['shared', 'bx'] },
  ],
  Router: { default: 'a,only-a' },
  Presets: { deep: { route: 'b,shared', temperature: 0 } },
};
const needs = { webSearch: 'b,bx', image: 'b,bx', longContext: 'b,bx', background: 'b,bx', think: 'b,shared' };
const intent = { class: 'main', searchesWeb: false, hasImage: false, thinks: false } as const;
const facts: RuleFacts = {
  client: 'codex',
  intent,
  model: 'x',
  tokens: 1,
  tools: [],
  headers: {},
  scope: undefined,
  nowMs: 0,
};

function match(question: Partial<RouteQuestion>, changes: object = {}, off: string[] = []): RouteMatch {
  const config = configSchema.parse({ ...base, ...changes });
  return matchRoute(config, { model: undefined, frontend: 'codex', ...question }, (name) => !off.includes(name));
}

const router = (changes: object) => ({ Router: { ...base.Router, ...changes } });
const mappings = (modelMappings: object) => ({ Frontend: { codex: { modelMappings } } });

describe('a name without a request', () => {
  it('needs no route for searches, images or long conversations', () => {
    expect(match({ model: 'unknown' }, router(needs))).toEqual({ target: 'a,only-a', reason: 'unknown-model' });
  });
});

describe("a route's name", () => {
  it('comes before the mapping "default"', () => {
    const changes = { ...router(needs), ...mappings({ default: 'b,bx' }) };
    expect(match({ model: 'think' }, changes)).toEqual({ target: 'think', reason: 'route' });
  });

  it('is an unknown model where the config has no such route', () => {
    expect(match({ model: 'think' })).toEqual({ target: 'a,only-a', reason: 'unknown-model' });
    expect(() => match({ model: 'x' }, mappings({ x: 'think' }))).toThrow('"think" is not a provider,model, preset');
  });

  it('comes before what kind of request it is, but after what the request needs', () => {
    const aside = { ...intent, class: 'auxiliary' } as const;
    expect(match({ model: 'think', intent: aside }, router(needs))).toEqual({ target: 'think', reason: 'route' });
    const searching = { ...intent, searchesWeb: true };
    expect(match({ model: 'think', intent: searching }, router(needs)).target).toBe('webSearch');
  });
});

it('a long request goes to longContext, whatever model it names that the config does not have', () => {
  for (const model of ['unknown', undefined])
    expect(match({ model, intent, isLong: true }, router(needs))).toMatchObject({ target: 'longContext' });
});

it.each(['auxiliary', 'side_reply'] as const)('a request of the class %s goes to the route background', (kind) => {
  expect(match({ intent: { ...intent, class: kind } }, router(needs)).target).toBe('background');
});

describe('provider/model', () => {
  it('is read as a name with a prefix under ignoreDirect', () => {
    expect(match({ model: 'b/shared' })).toMatchObject({ target: 'b,shared', reason: 'direct' });
    const ignoring = match({ model: 'b/shared' }, router({ ignoreDirect: true }));
    expect(ignoring).toMatchObject({ target: 'a,shared', reason: 'model', readAs: 'shared' });
  });

  it('needs both a provider and one of its models', () => {
    expect(match({ model: 'b/nothing' }).reason).toBe('unknown-model');
    expect(match({ model: '/shared' })).toMatchObject({ target: 'a,shared', reason: 'model' });
  });

  it('is not a name that begins like a provider', () => {
    expect(match({ model: 'BX' })).toEqual({ target: 'b,bx', reason: 'model', readAs: 'bx' });
  });

  it('reads the model to its end, with slashes', () => {
    const Providers = [{ name: 'hub', api_base_url: 'http://h/v1', models: ['y/m', 'x/m'] }];
    const changes = { Providers, ...router({ default: 'hub,y/m' }) };
    expect(match({ model: 'hub/x/m' }, changes).target).toBe('hub,x/m');
  });
});

describe('the mapping "default"', () => {
  it('applies to unknown names, and is a mapping', () => {
    expect(match({ model: 'x' }, mappings({ default: 'b,bx' }))).toEqual({ target: 'b,bx', reason: 'mapping' });
  });

  it('is not one that a name is read as', () => {
    const Providers = [{ name: 'a', api_base_url: 'http://a/v1', models: ['only-a', 'default-20260101'] }];
    expect(match({ model: 'default-latest' }, { Providers, ...mappings({ default: 'a,only-a' }) })).toMatchObject({
      target: 'a,default-20260101',
      reason: 'model',
    });
  });
});

describe('a provider', () => {
  it('is the one whose name is written so, before one in another case', () => {
    const Providers = ['B', 'b'].map((name) => ({ name, api_base_url: 'http://b/v1', models: ['m'] }));
    const changes = { Providers, Presets: {}, ...router({ default: 'b,m' }) };
    expect([match({ model: 'b,m' }, changes).target, match({ model: 'B,m' }, changes).target]).toEqual(['b,m', 'B,m']);
  });
});

describe('what does not exist is named', () => {
  it.each([
    [{ model: 'c,shared' }, {}, 'There is no provider "c". Providers: a, b.'],
    [{ preset: 'x' }, { Presets: {} }, 'There is no preset "x". The config has none.'],
    [{ preset: 'x' }, {}, 'There is no preset "x". Presets: deep.'],
  ])('%j', (question, changes, message) => {
    expect(() => match(question, changes)).toThrow(message);
  });
});

describe('Router.rules', () => {
  const rules = [
    { when: { client: 'other' }, route: 'b,bx' },
    { when: { client: 'codex' }, preset: 'deep', reason: 'because' },
  ];

  it('name the preset or the route of the first one that holds', () => {
    expect(match({ rules: facts }, router({ rules }))).toEqual({
      target: 'b,shared',
      reason: 'rule',
      parameters: { temperature: 0 },
      rule: { place: 2, reason: 'because' },
    });
    expect(match({ rules: { ...facts, client: 'other' } }, router({ rules }))).toMatchObject({
      target: 'b,bx',
      reason: 'rule',
      rule: { place: 1 },
    });
  });

  it('are named by their place in the file, of which some may be left out', () => {
    const placed = rules.map((rule, index) => ({ ...rule, place: index + 4 }));
    expect(match({ rules: facts }, router({ rules: placed })).rule).toEqual({ place: 5, reason: 'because' });
  });

  it('are skipped whose provider is off, and all of them without a request', () => {
    expect(match({ rules: facts }, router({ rules }), ['b']).reason).toBe('default');
    expect(match({}, router({ rules })).reason).toBe('default');
  });
});
