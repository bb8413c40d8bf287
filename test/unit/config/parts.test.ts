import { describe, expect, it } from 'vitest';
import { bindingProblem, isLoopbackHost } from '../../../src/config/access.ts';
import { createPlaces, formatPath, formatProblem } from '../../../src/config/problems.ts';
import { transformersOf } from '../../../src/config/providers.ts';
import {
  formatTarget,
  isSameTarget,
  parseTarget,
  resolveTarget,
  routerStrategy,
  tierTargets,
} from '../../../src/config/routes.ts';
import { configSchema, providerSchema } from '../../../src/config/schema.ts';
import { suggestion } from '../../../src/config/suggest.ts';

const router = (value: object) => configSchema.parse({ Router: { default: 'a,1', ...value } }).Router;

describe('targets', () => {
  it.each([
    ['a,1', { provider: 'a', model: '1' }],
    [' a , x/y:z ', { provider: 'a', model: 'x/y:z' }],
    ['a,1,2', { provider: 'a', model: '1,2' }],
    ['a', undefined],
    ['a,', undefined],
    [',1', undefined],
    ['', undefined],
  ])('%j', (text, target) => expect(parseTarget(text)).toEqual(target));

  it.each([
    [{ provider: 'a', model: '1' }, true],
    [{ provider: 'b', model: '1' }, false],
    [{ provider: 'a', model: '2' }, false],
  ])('are the same if provider and model are: %j', (other, expected) => {
    expect(isSameTarget({ provider: 'a', model: '1' }, other)).toBe(expected);
  });

  it('may be the name of a configured route', () => {
    expect(resolveTarget(router({ think: 'b,2' }), 'think')).toEqual({ provider: 'b', model: '2' });
    expect(resolveTarget(router({}), 'think')).toBeUndefined();
    expect(resolveTarget(router({ webSearch: { search_provider: 'c,3' } }), 'webSearch')).toMatchObject({ model: '3' });
    expect(
      resolveTarget(router({ webSearch: { enabled: false, search_provider: 'c,3' } }), 'webSearch'),
    ).toBeUndefined();
  });

  it('are tiers in the order of the routes, without duplicates', () => {
    const value = { image: 'd,4', think: 'b,2', longContext: 'a,1', webSearch: { search_provider: 'brave' } };
    expect(tierTargets(router(value)).map(formatTarget)).toEqual(['a,1', 'b,2', 'd,4']);
    expect(tierTargets(router({ ...value, tiers: ['x,9', 'default', 'x, 9'] })).map(formatTarget)).toEqual([
      'x,9',
      'a,1',
    ]);
  });

  it('are ordered by latency if tiers are set', () => {
    expect(routerStrategy(router({}))).toBe('ordered');
    expect(routerStrategy(router({ tiers: ['a,1'] }))).toBe('latency');
    expect(routerStrategy(router({ tiers: ['a,1'], strategy: 'ordered' }))).toBe('ordered');
  });
});

it("lets a model's transformers replace the provider's of the same name", () => {
  const transformer = { use: ['p', ['q', { n: 1 }]], m: { use: [['q', { n: 2 }], ['r']] } };
  const provider = providerSchema.parse({ name: 'a', api_base_url: 'https://a', models: [], transformer });
  expect(transformersOf(provider, 'm')).toEqual([
    { name: 'p', options: {} },
    { name: 'q', options: { n: 2 } },
    { name: 'r', options: {} },
  ]);
  expect(transformersOf(provider, 'constructor')).toHaveLength(2);
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['LOCALHOST.', true],
  ['a.localhost', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['[::ffff:7f00:1]', true],
  ['::ffff:10.0.0.1', false],
  ['0.0.0.0', false],
  ['::', false],
  ['', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
  ['127.0.0.999', false],
  ['192.168.0.1', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
  expect(bindingProblem(host, { required: false }) === undefined).toBe(expected);
  expect(bindingProblem(host, { required: true, token: 't' })).toBeUndefined();
});

it.each([
  ['longcontext', ['default', 'longContext'], 'longContext'],
  ['PROT', ['PORT', 'HOST'], 'PORT'],
  ['zzz', ['PORT', 'HOST'], undefined],
  ['x', [], undefined],
])('suggestion(%j, %j)', (word, candidates, expected) => expect(suggestion(word, candidates)).toBe(expected));

it('formats problems as compilers do', () => {
  const places = createPlaces('/c.json', 'a\r\nb\n  c', undefined);
  expect(formatProblem({ severity: 'error', message: 'No.', ...places.ofOffset(7) })).toBe('/c.json:3:3: error: No.');
  expect(formatProblem({ severity: 'warning', message: 'Hm.' })).toBe('warning: Hm.');
  expect(formatPath(['Providers', 0, 'model_pricing', 'a/b.c', 'x'])).toBe('Providers[0].model_pricing["a/b.c"].x');
});
