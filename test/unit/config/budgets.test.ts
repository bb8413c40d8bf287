import { expect, it } from 'vitest';
import { load } from './loading.ts';

const file = (Budgets: unknown[]): object => ({
  Providers: [{ name: 'a', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
  Router: { default: 'a,m' },
  Presets: { cheap: { route: 'a,m' } },
  Budgets,
});

const good = { per: 'day', usd: 5, preset: 'cheap' };

it.each([
  ['an unknown preset', { per: 'day', usd: 5, preset: 'chep' }, 'Budgets[1].preset', 'Did you mean "cheap"?'],
  ['no amount', { per: 'day' }, 'Budgets[1]', 'needs usd, tokens or both'],
  ['an unreadable period', { per: 'week', usd: 1 }, 'Budgets[1].per', '"5h"'],
  ['no budget', 5, 'Budgets[1]', ''],
])('leaves out only the budget with %s, with its place', (_, bad, path, words) => {
  const loaded = load(JSON.stringify(file([good, bad, good])));
  expect(loaded.usable && loaded.config.Budgets).toMatchObject([good, good]);
  const [problem, ...others] = loaded.problems.filter(({ severity }) => severity === 'error');
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ path, line: 1, column: expect.any(Number) as number });
  expect(problem?.message).toContain(words);
});

it('has no problem with budgets that are right', () => {
  expect(load(JSON.stringify(file([good]))).problems).toEqual([]);
});
