// German and Simplified Chinese: every text is there, and says the same of the same values.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inEnglish, spokenAll, type Translate } from '../../../src/canonical/wording.ts';
import { load } from '../config/loading.ts';
import { translatedMessages, untranslatedTexts } from './messages.ts';

const projectFolder = path.join(import.meta.dirname, '../../..');
const read = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(path.join(projectFolder, file), 'utf8')) as Record<string, string>;
const english = read('package.nls.json');

/** Values, code, bold text, commands, settings and addresses: what a translation must leave as it is. */
function fixedParts(text: string): string[] {
  return (
    text.match(/\{\d\}|`[^`]*`|\(command:[\w.]+\)|CCR_\w+|OPENAI_\w+|Router\.default|models\.dev|\n/g) ?? []
  ).toSorted();
}

/** What is the same in every language, or in one. */
const alike = [
  '{0}.',
  '{0}: {1}',
  '{0}: {1}.',
  'Preset {0}',
  'Budget {0}: {1} % used',
  'Name',
  'Presets',
  'Routing: {0}',
  'Tokens',
  'p50',
  'p95',
  'Codex thread',
];

const provider = { name: 'a', api_base_url: 'https://a.test', api_key: 'k-01234567', models: ['m'] };
/** One of each kind of fault: the first has no config at all, and the second what is left out. */
const faultyConfigs = [
  '{ "Providers": [ }',
  {
    Providers: [provider, provider, { ...provider, name: 'b', api_key: '${KEY}', transformer: { use: ['maxtokn'] } }],
    PROT: 1,
    plugins: [1],
    PORT: '${PORT}',
    LOG_LEVEL: 'info',
    Router: {
      default: 'a,mm',
      think: 'c,m',
      longContext: 3,
      webSearch: {},
      longContextThreshold: -1,
      rules: [{ route: 'nothing' }, { preset: 'nothing' }, { route: 'a,m', preset: 'p' }, { route: 'd,m' }],
    },
    Presets: { p: { route: 'a,m', max_token: 1 }, q: {} },
    Budgets: [{ preset: 'pp', per: 'day', usd: 1 }, { per: 'year', usd: 1 }, { per: 'day' }],
    Frontend: { codex: { modelMappings: { x: 'nothing' } } },
  },
  { Providers: [{ ...provider, name: 'a,b' }, { name: 'c' }], Router: { default: 'a,m' }, APIKEY: '${TOKEN}' },
];

it('no text that people read in VS Code is left out of t()', () => {
  expect(untranslatedTexts()).toEqual([]);
});

describe.each(['de', 'zh-cn'])('%s', (language) => {
  const bundle = read(`l10n/bundle.l10n.${language}.json`);
  const manifest = read(`package.nls.${language}.json`);

  it('has every message, and none that is no longer used', () => {
    expect(Object.keys(bundle).toSorted()).toEqual(translatedMessages());
  });

  it('is sorted, so that branches merge', () => {
    expect(Object.keys(bundle)).toEqual(Object.keys(bundle).toSorted());
  });

  it('has every text of package.json', () => {
    expect(Object.keys(manifest).toSorted()).toEqual(Object.keys(english).toSorted());
  });

  it('keeps values, code and commands', () => {
    const all = [
      ...Object.entries(bundle),
      ...Object.entries(manifest).map(([key, text]): [string, string] => [english[key] ?? '', text]),
    ];
    for (const [message, translated] of all) expect(fixedParts(translated), message).toEqual(fixedParts(message));
  });

  it('has every part of what is said of a config with many faults', () => {
    const missing: string[] = [];
    const t: Translate = (message, ...values) => {
      if (bundle[message] === undefined && message !== '{0}') missing.push(message);
      return inEnglish(bundle[message] ?? message, ...values);
    };
    const said = faultyConfigs.flatMap((config) => load(config, { environment: {} }).problems);
    expect(said.length).toBeGreaterThan(15);
    for (const { message, wording = [] } of said) expect(spokenAll(wording, t)).not.toBe(message);
    expect(missing).toEqual([]);
  });

  it('translates each', () => {
    const same = Object.entries(bundle).flatMap(([message, text]) => (message === text ? message : []));
    expect(same.filter((message) => !alike.includes(message))).toEqual([]);
    expect(Object.entries(manifest).filter(([key, text]) => text === english[key])).toEqual([]);
  });
});

it('the English titles of the commands are those of the contract', () => {
  const titles = ['startProxy', 'stopProxy', 'restartProxy', 'switchPreset'].map(
    (name) => english[`contributes.commands.ccr.${name}.title`],
  );
  expect(titles).toEqual(['Start Proxy', 'Stop Proxy', 'Restart Proxy', 'Switch Preset']);
});

it('values that look like places are not filled in again', () => {
  expect(inEnglish('{0} and {1}', '{1}', '{0}')).toBe('{1} and {0}');
});
