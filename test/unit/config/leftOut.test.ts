import { describe, expect, it } from 'vitest';
import { load, usable } from './loading.ts';

const providers = [{ name: 'a', api_base_url: 'http://127.0.0.1:1/v1', models: ['m', 'n'] }];
const router = {
  default: 'a,m',
  think: 'a,n',
  tiers: ['a,m', 'a,n'],
  tierRetries: { 'tier-0': { max_retries: 1 }, 'tier-1': { max_retries: 2 } },
  topK: 2,
};
const mappings = { codex: { modelMappings: { one: 'a,m' } } };
const file = { Providers: providers, Router: router, Frontend: mappings };
const whole = usable(load(file)).config;
const defaults = usable(load({ Providers: providers, Router: { default: 'a,m' } })).config.Router;

/** The config from the file with another router, and its one error. */
function loadRouter(more: object) {
  const loaded = usable(load({ ...file, Router: { ...router, ...more } }));
  const errors = loaded.problems.filter(({ severity }) => severity === 'error');
  return { router: loaded.config.Router, errors };
}

describe('only the invalid entry is left out, and its problem has its place', () => {
  it.each<[string, object, string, object]>([
    ['a tier', { tiers: ['a,m', 5, 'a,n'] }, 'Router.tiers[1]', {}],
    [
      'the retries of a tier',
      { tierRetries: { ...router.tierRetries, 'tier-2': { max_retries: -1 } } },
      'Router.tierRetries.tier-2.max_retries',
      {},
    ],
    ['all tiers', { tiers: 'a,m' }, 'Router.tiers', { tiers: undefined }],
    ['a route', { background: 7 }, 'Router.background', {}],
    ['topK', { topK: 0 }, 'Router.topK', { topK: undefined }],
    ['routingTemperature', { routingTemperature: 'hot' }, 'Router.routingTemperature', {}],
    ['loopGuard', { loopGuard: 'off' }, 'Router.loopGuard', {}],
    ['a number of loopGuard', { loopGuard: { stopAfter: 0 } }, 'Router.loopGuard', {}],
    ['strategy', { strategy: 'fast' }, 'Router.strategy', {}],
    ['longContextThreshold', { longContextThreshold: -5 }, 'Router.longContextThreshold', {}],
    ['rules that are no list', { rules: {} }, 'Router.rules', {}],
  ])('%s', (_, more, place, difference) => {
    const { router: read, errors } = loadRouter(more);
    expect(read).toEqual({ ...whole.Router, ...difference });
    expect(errors).toMatchObject([
      { path: expect.stringContaining(place) as string, line: expect.any(Number) as number },
    ]);
    expect(errors[0]?.message).toContain('is left out.');
  });

  it('a model mapping', () => {
    const bad = { ...file, Frontend: { codex: { modelMappings: { one: 'a,m', two: 2 } } } };
    const { config, problems } = usable(load(bad));
    expect(config).toEqual(whole);
    expect(problems).toMatchObject([{ severity: 'error', path: 'Frontend.codex.modelMappings.two' }]);
  });

  it('a model mapping to something unknown', () => {
    const bad = {
      ...file,
      Frontend: { codex: { modelMappings: { one: 'a,m', two: 'nowhere', three: 'b,m', four: 'a,x' } } },
    };
    const { config, problems } = usable(load(bad));
    expect(Object.keys(config.Frontend.codex.modelMappings)).toEqual(['one', 'four']);
    expect(problems.map(({ severity, path, message }) => [severity, path, message.includes('left out')])).toEqual([
      ['error', 'Frontend.codex.modelMappings.two', true],
      ['error', 'Frontend.codex.modelMappings.three', true],
      ['warning', 'Frontend.codex.modelMappings.four', false],
    ]);
  });

  it.each<[string, object, string, object]>([
    ['a route', { think: 'elsewhere,m' }, 'Router.think', { think: undefined }],
    ['a route that is no target', { think: 'a' }, 'Router.think', { think: undefined }],
    [
      'a search',
      { webSearch: { search_provider: 'b,m' } },
      'Router.webSearch.search_provider',
      { webSearch: { enabled: true } },
    ],
    ['a tier', { tiers: ['a,m', 'b,m', 'a,n'] }, 'Router.tiers[1]', {}],
    ['a tier that is no target', { tiers: ['a,m', 'nowhere', 'a,n'] }, 'Router.tiers[1]', {}],
    ['the default, which stays', { default: 'b,m' }, 'Router.default', { default: 'b,m' }],
  ])('%s to something unknown', (_, more, place, difference) => {
    const { router: read, errors } = loadRouter(more);
    expect(read).toEqual({ ...whole.Router, tierRetries: expect.anything() as object, ...difference });
    expect(errors).toMatchObject([{ path: place, line: expect.any(Number) as number }]);
    expect(errors[0]?.message.includes('left out')).toBe(place !== 'Router.default');
  });

  it('a tier to something unknown, and the retries of those after it are still theirs', () => {
    const tierRetries = { 'tier-1': { max_retries: 7 }, 'tier-2': { max_retries: 2 }, a: { max_retries: 3 } };
    const { router: read } = loadRouter({ tiers: ['a,m', 'b,m', 'a,n'], tierRetries });
    expect(read.tierRetries).toMatchObject({ 'tier-1': { max_retries: 2 }, a: { max_retries: 3 } });
    expect(Object.keys(read.tierRetries)).toEqual(['tier-1', 'a']);
  });

  it('a preset to something unknown, with the mappings and rules that name it, but not its budget', () => {
    const bad = {
      ...file,
      Presets: { far: { route: 'elsewhere,m' }, near: { route: 'a,m' } },
      Frontend: { codex: { modelMappings: { one: 'a,m', two: 'far', three: 'near' } } },
      Router: {
        ...router,
        think: 'elsewhere,m',
        rules: [
          { when: {}, preset: 'far' },
          { when: {}, route: 'think' },
          { when: {}, preset: 'near' },
        ],
      },
      Budgets: [{ per: 'day', usd: 5, preset: 'far' }],
    };
    const { config, problems } = usable(load(bad));
    expect(Object.keys(config.Presets)).toEqual(['near']);
    expect(Object.keys(config.Frontend.codex.modelMappings)).toEqual(['one', 'three']);
    expect(config.Router.rules).toMatchObject([{ preset: 'near' }]);
    expect(config.Budgets).toMatchObject([{ usd: 5 }]);
    expect(
      problems.map(({ severity, path, message }) => [severity, path, /[^.:]*$/.exec(message.slice(0, -1))?.[0]]),
    ).toEqual([
      ['error', 'Router.think', ' The route is left out'],
      ['error', 'Presets.far.route', ' The preset is left out'],
      ['error', 'Frontend.codex.modelMappings.two', ' The mapping is left out'],
      ['error', 'Router.rules[0].preset', ' the preset "far" is left out'],
      ['error', 'Router.rules[1].route', ' the route "think" is left out'],
    ]);
  });

  it.each([
    ['Frontend', 5],
    ['Presets', []],
    ['Budgets', {}],
  ])('%s as a whole, if it is something else', (name, value) => {
    const { config, problems } = usable(load({ Providers: providers, Router: { default: 'a,m' }, [name]: value }));
    expect(config.Router).toEqual(defaults);
    expect(problems).toMatchObject([
      { severity: 'error', path: name, message: expect.stringContaining('is left out') as string },
    ]);
  });

  it('several at once, and later problems still have their own places', () => {
    const { router: read, errors } = loadRouter({
      tiers: [1, 'a,m', 2, 'b,m'],
      rules: [3, { when: {}, route: 'nowhere' }, { when: {}, route: 'a,m' }],
    });
    expect(read.tiers).toEqual(['a,m']);
    expect(read.rules).toHaveLength(1);
    const places = errors.map(({ path }) => path).toSorted();
    expect(places).toEqual([
      'Router.rules[0]',
      'Router.rules[1].route',
      'Router.tiers[0]',
      'Router.tiers[2]',
      'Router.tiers[3]',
    ]);
  });

  it('but not the default route, without which there is no config', () => {
    expect(load({ ...file, Router: { ...router, default: 5 } }).usable).toBe(false);
  });
});
