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
    expect(read.tiers).toEqual(['a,m', 'b,m']);
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
