import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { transformerNames } from '../../../src/providers/findProvider.ts';
import { configTemplate } from '../../../src/vscode/configTemplate.ts';

const keys = { DEEPSEEK_API_KEY: 'a' };
const load = (environment: NodeJS.ProcessEnv) =>
  loadConfig({
    environment,
    homeDirectory: '/home/me',
    knownTransformers: transformerNames,
    readFile(file) {
      if (file.endsWith('config.json')) return configTemplate;
      throw Object.assign(new Error(), { code: 'ENOENT' });
    },
  });

it('the config for new users is valid once its keys are set', () => {
  const loaded = load(keys);
  expect(loaded.problems).toEqual([]);
  expect(loaded).toMatchObject({
    usable: true,
    providers: [{ enabled: true }],
  });
});

it('the config for new users is usable without keys, with two warnings: for the key of the provider that answers, and at the default route', () => {
  const loaded = load({});
  expect(loaded.usable).toBe(true);
  expect(loaded.problems).toMatchObject([
    { severity: 'warning', code: 'missing-key', path: 'Providers[0].api_key' },
    { severity: 'warning', code: 'missing-key', path: 'Router.default' },
  ]);
});
