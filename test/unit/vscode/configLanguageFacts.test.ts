import { spokenIn } from '../../support/spokenIn.ts';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { complete } from '../../../src/config/language/completion.ts';
import { readDocument } from '../../../src/config/language/document.ts';
import { providerPresets } from '../../../src/providers/presets.ts';
import { languageFacts } from '../../../src/vscode/configLanguageFacts.ts';
import { load } from '../config/loading.ts';

const home = mkdtempSync(path.join(tmpdir(), 'ccr-facts-'));
mkdirSync(path.join(home, '.claude-code-router'));
writeFileSync(path.join(home, '.claude-code-router', '.env'), 'MY_KEY=secret-value\nOPENAI_API_KEY=other\n', {
  mode: 0o600,
});
afterAll(() => rmSync(home, { recursive: true }));

const environment = { DEEPSEEK_API_KEY: 'secret-value', PATH: '/bin', 'ProgramFiles(x86)': 'C:' };
const facts = languageFacts(
  { environment, homeDirectory: home },
  ['stored'],
  [{ target: 'a,known', contextWindow: 5000, prices: { input: 1, output: 2 } }],
);

describe('variables', () => {
  it('are those of .env files and the environment, and the keys of known providers, without values', () => {
    const variables = spokenIn(facts.variables());
    expect(variables.slice(0, 4)).toEqual([
      { name: 'DEEPSEEK_API_KEY', from: 'set in the environment' },
      { name: 'MY_KEY', from: 'set in ~/.claude-code-router/.env' },
      { name: 'OPENAI_API_KEY', from: 'set in ~/.claude-code-router/.env' },
      { name: 'PATH', from: 'set in the environment' },
    ]);
    expect(variables).toContainEqual({ name: 'GROQ_API_KEY', from: 'not set; holds the key of Groq' });
    expect(variables.map(({ name }) => name)).not.toContain('ProgramFiles(x86)');
    expect(JSON.stringify(variables)).not.toContain('secret-value');
  });
});

describe('facts of models', () => {
  const provider = (text: string) => {
    const [found] = readDocument(`{ "Providers": [${text}] }`).providers;
    if (!found) throw new Error('no provider');
    return found;
  };
  const named = '"name": "a", "api_base_url": "https://api.deepseek.com"';

  it('are those of the gateway, else of the entry, else of the table', () => {
    const entry = provider(`{ ${named}, "models": ["known"], "model_info": { "x": { "context_window": 7 } } }`);
    expect(facts.modelFacts(entry, 'known')).toMatchObject({ contextWindow: 5000, prices: { input: 1 } });
    expect(facts.modelFacts(entry, 'x')).toMatchObject({ contextWindow: 7 });
    const ofTable = facts.modelFacts(entry, 'deepseek-v4-pro');
    expect(ofTable?.contextWindow).toBeGreaterThan(100_000);
    expect(ofTable?.prices?.input).toBeGreaterThan(0);
  });

  it('of entries that are not finished are known too', () => {
    for (const text of [`{ ${named} }`, `{ ${named}, "models": 1`, '{ "name": "b,c", "models": [""] }'])
      expect(facts.modelFacts(provider(text), 'deepseek-v4-pro')?.contextWindow).toBeGreaterThan(100_000);
  });
});

it('the snippet of every known provider is a valid entry', () => {
  const text = '{ "Providers": [], "Router": { "default": "x,y" } }';
  const snippets = complete(readDocument(text), text.indexOf(']'), facts);
  expect(snippets.map(({ label }) => label)).toEqual(providerPresets.map(({ name }) => name));
  for (const { label, insert } of snippets) {
    const entry = insert.replaceAll(/\\([\\$}])|\$1/g, (_, escaped: string | undefined) => escaped ?? 'm');
    const preset = providerPresets.find(({ name }) => name === label);
    const config = { Providers: [JSON.parse(entry) as { models: string[] }] };
    const Router = { default: `${label},${config.Providers[0]?.models[0]}` };
    const key = preset?.keyVariable === undefined ? {} : { [preset.keyVariable]: 'k-0123456789' };
    expect(load({ ...config, Router }, { environment: key }).problems).toEqual([]);
  }
});
