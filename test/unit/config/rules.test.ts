import { expect, it } from 'vitest';
import { load } from './loading.ts';

const file = (rules: unknown[]): object => ({
  Providers: [{ name: 'a', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
  Router: { default: 'a,m', rules },
  Presets: { cool: { route: 'a,m' } },
});

const good = { when: { model: 'gpt-*' }, route: 'default', reason: 'kept' };

it.each([
  ['an unknown provider', { when: {}, route: 'b,m' }, 'Router.rules[1].route', 'there is no provider "b"'],
  ['an unknown preset', { when: {}, preset: 'coool' }, 'Router.rules[1].preset', 'Did you mean "cool"?'],
  ['a route that is not configured', { when: {}, route: 'think' }, 'Router.rules[1].route', 'neither "provider,model"'],
  ['an unknown condition', { when: { modle: 'x' }, route: 'a,m' }, 'Router.rules[1].when', 'modle'],
  [
    'an unknown class',
    { when: { class: 'boss' }, route: 'a,m' },
    'Router.rules[1].when.class',
    'expected one of "main", "subagent", "workflow", "compaction", "auxiliary", "side_reply"',
  ],
  [
    'an unknown client',
    { when: { client: ['codex', 'gemini'] }, route: 'a,m' },
    'Router.rules[1].when.client',
    'expected one of "codex", "claude-code", "other"',
  ],
  [
    'a number for a pattern',
    { when: { model: 5 }, route: 'a,m' },
    'Router.rules[1].when.model',
    'expected a text, or a list of texts',
  ],
  ['an unreadable time', { when: { time: 'night' }, route: 'a,m' }, 'Router.rules[1].when.time', '22:00-06:00'],
  ['neither route nor preset', { when: {} }, 'Router.rules[1]', 'needs either route or preset'],
  ['both', { when: {}, route: 'a,m', preset: 'cool' }, 'Router.rules[1]', 'needs either route or preset'],
  ['no conditions', { route: 'a,m' }, 'Router.rules[1].when', 'is missing'],
  ['no rule', 'a,m', 'Router.rules[1]', ''],
])('leaves out only the rule with %s, with its place', (_, bad, path, words) => {
  const loaded = load(JSON.stringify(file([good, bad, good])));
  // Records name a rule by its place in the file.
  expect(loaded.usable && loaded.config.Router.rules).toEqual([
    { ...good, place: 1 },
    { ...good, place: 3 },
  ]);
  const [problem, ...others] = loaded.problems.filter(({ severity }) => severity === 'error');
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ path, line: 1, column: expect.any(Number) as number });
  expect(problem?.message).toContain(words);
});

it('keeps a rule whose model is not listed, with a warning', () => {
  const loaded = load(JSON.stringify(file([5, { when: {}, route: 'a,mm' }])));
  expect(loaded.usable && loaded.config.Router.rules).toHaveLength(1);
  expect(loaded.problems.slice(1)).toMatchObject([
    {
      severity: 'warning',
      code: 'unknown-model',
      path: 'Router.rules[1].route',
      message: 'Router.rules[1].route: "mm" is not among the models of a. Did you mean "m"?',
      suggestion: 'a,m',
    },
  ]);
});

it('has no problem with rules that are right', () => {
  expect(load(JSON.stringify(file([good]))).problems).toEqual([]);
});
