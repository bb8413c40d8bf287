import { expect, it } from 'vitest';
import { load } from './loading.ts';

const file = (rules: unknown[]): object => ({
  Providers: [{ name: 'a', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
  Router: { default: 'a,m', rules },
  Presets: { cool: { route: 'a,m' } },
});

const good = { when: { model: 'gpt-*' }, route: 'default', reason: 'kept' };

/** A provider that has no key. */
const off = { name: 'off', api_base_url: 'https://off.test/v1', api_key: '${NO_KEY}', models: ['m'] };

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

it.each([
  [{}, { model: 'x' }, true],
  [{ model: ['a', 'b'] }, { model: 'a', hasImage: true }, true],
  [{ tokensOver: 10 }, { tokensOver: 20 }, true],
  [{ header: { a: '1' } }, { header: { a: '1', b: '2' } }, true],
  [{ time: '22:00-06:00' }, { time: '22:00-06:00', client: 'codex' }, true],
  [{ model: 'x' }, {}, false],
  [{ model: 'a' }, { model: ['a', 'b'] }, false],
  [{ tokensOver: 20 }, { tokensOver: 10 }, false],
  [{ header: { a: '1', b: '2' } }, { header: { a: '1' } }, false],
  [{ hasImage: true }, { hasImage: false }, false],
  [{ client: 'codex' }, { client: 'codex', class: 'compaction' }, false],
  [{ client: 'codex' }, { client: 'codex', class: 'main' }, true],
])(
  'says that a rule is never used behind one that takes all that it matches: %j, %j: %s',
  (first, second, isHidden) => {
    const other = { when: { client: 'other' }, route: 'a,m' };
    const { problems } = load(
      file([{ when: {}, preset: 'unknown' }, { when: first, route: 'a,m' }, { when: second, preset: 'cool' }, other]),
    );
    const hidden = problems.filter(({ code }) => code === 'unreachable-rule');
    expect(hidden.map(({ path }) => path)).toEqual([
      ...(isHidden ? ['Router.rules[2]'] : []),
      ...([first, second].some((each) => Object.keys(each).length === 0) ? ['Router.rules[3]'] : []),
    ]);
    for (const { message } of hidden) expect(message).toMatch(/never used: Router\.rules\[[12]\] takes all requests/);
  },
);

it('names a rule by its place in the file, also behind one that is left out', () => {
  const config = file([
    5,
    { when: {}, route: 'a,m' },
    { when: { model: 'x' }, route: 'a,m' },
    { when: {}, route: 'off,m' },
  ]) as { Providers: object[] };
  const { problems } = load({ ...config, Providers: [...config.Providers, off] });
  const said = problems.map(({ path, message }) => `${path} ${message}`);
  expect(said).toContain('Router.rules[3].route Router.rules[3].route: the provider off has no API key.');
  expect(said).toContain(
    'Router.rules[2] This rule is never used: Router.rules[1] takes all requests that it matches.',
  );
});

it('does not say so behind a rule whose provider is off, or that is ignored', () => {
  const config = file([
    { when: {}, route: 'off,m' },
    { when: { modle: 'x' }, route: 'a,m' },
    { when: {}, route: 'a,m' },
  ]);
  const { Providers } = config as { Providers: object[] };
  const { problems } = load({ ...config, Providers: [...Providers, off] });
  expect(problems.filter(({ code }) => code === 'unreachable-rule')).toEqual([]);
});

it('says at each route that its provider has no key, and once for the provider of the default route', () => {
  const config = file([
    { when: { model: 'x' }, route: 'off,m' },
    { when: { model: 'y' }, route: 'think' },
  ]) as {
    Providers: object[];
    Router: object;
  };
  const withOff = (router: object): object => ({
    ...config,
    Providers: [...config.Providers, off],
    Router: { ...config.Router, ...router },
    Presets: { slow: { route: 'off,m' }, cool: { route: 'think' } },
  });
  const paths = (content: object): (string | undefined)[] =>
    load(content).problems.flatMap(({ code, path }) => (code === 'missing-key' ? [path] : []));
  expect(paths(withOff({ think: 'off,m' }))).toEqual([
    'Providers[1].api_key',
    'Router.think',
    'Presets.slow.route',
    'Router.rules[0].route',
  ]);
  expect(paths(withOff({ default: 'off,m', think: 'off,m' }))).toEqual(['Providers[1].api_key', 'Router.default']);
});
