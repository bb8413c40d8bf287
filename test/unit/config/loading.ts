import path from 'node:path';
import { expect } from 'vitest';
import { spokenAll } from '../../../src/canonical/wording.ts';
import { loadConfig, type LoadedConfig, type LoadOptions, type UsableConfig } from '../../../src/config/load.ts';

export const home = path.resolve('/home/someone');
export const configFile = path.join(home, '.claude-code-router', 'config.json');
export const homeDotenv = path.join(home, '.claude-code-router', '.env');

/** Reads from these files, and throws ENOENT for all others. */
export function readFrom(files: Record<string, string>): (file: string) => string {
  return (file) => {
    const text = files[file];
    if (text !== undefined) return text;
    throw Object.assign(new Error(`no such file: ${file}`), { code: 'ENOENT' });
  };
}

/** Loads this text (or JSON value) as the user's config.json. */
export function load(
  content: unknown,
  options: Partial<Omit<LoadOptions, 'readFile'>> & { files?: Record<string, string> } = {},
): LoadedConfig {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  const { files = {}, ...rest } = options;
  const readFile = readFrom({ [configFile]: text, ...files });
  const loaded = loadConfig({ environment: {}, homeDirectory: home, ...rest, readFile });
  // What a window shows in another language is the same, for every config of these tests.
  for (const { message, wording } of loaded.problems) expect(spokenAll(wording ?? [])).toBe(message);
  return loaded;
}

export function usable(loaded: LoadedConfig): UsableConfig {
  if (!loaded.usable) throw new Error(`not usable: ${messages(loaded).join(' ')}`);
  return loaded;
}

export function messages(loaded: LoadedConfig): string[] {
  return loaded.problems.map(({ message }) => message);
}

/** A minimal config: one provider with a key, and a route to it. */
export const plain = {
  Providers: [
    { name: 'deepseek', api_base_url: 'https://api.deepseek.com/v1', api_key: 'sk-1', models: ['deepseek-chat'] },
  ],
  Router: { default: 'deepseek,deepseek-chat' },
};
