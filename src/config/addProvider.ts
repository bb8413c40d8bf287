import { isObject } from '../canonical/json.ts';
import { applyEdits, modify, type JSONPath } from 'jsonc-parser';
import type { RouteName } from './routes.ts';
import { parseConfigText } from './parse.ts';

/** A provider to write to a config file. Undefined values are omitted. */
export type NewProvider = {
  name: string;
  api_base_url: string;
  api_key?: string | undefined;
  models: readonly string[];
  protocol?: string | undefined;
};

/** What a new provider's first model is for. */
export type ProviderUse = 'none' | { route: RouteName } | { preset: string };

/**
 * Appends a provider to the text of a config file, and makes its first model what `use` says. The rest of the
 * text is unchanged, comments included.
 * @throws Error with the line if the text is not a valid config.
 */
export function addProvider(text: string, provider: NewProvider, use: ProviderUse): string {
  const { value, problems } = parseConfigText('', text);
  if (!value) throw brokenConfig(problems);
  const entry = JSON.parse(JSON.stringify(provider)) as unknown;
  const withProvider = Array.isArray(value['Providers'])
    ? edit(text, ['Providers', value['Providers'].length], entry, true)
    : edit(text, ['Providers'], [entry]);
  if (use === 'none') return withProvider;
  const target = `${provider.name},${provider.models[0] ?? ''}`;
  return 'route' in use
    ? setValue(withProvider, 'Router', use.route, target)
    : setValue(withProvider, 'Presets', use.preset, { route: target });
}

/** Sets `Router.default`. @throws Error with the line if the text is not a valid config. */
export function setDefaultRoute(text: string, target: string): string {
  return setValue(text, 'Router', 'default', target);
}

/** Sets a key of a section, which is added if it is missing. @throws Error with the line if the text is not a valid config. */
function setValue(text: string, section: 'Router' | 'Presets', key: string, entry: unknown): string {
  const { value, problems } = parseConfigText('', text);
  if (!value) throw brokenConfig(problems);
  return isObject(value[section]) ? edit(text, [section, key], entry) : edit(text, [section], { [key]: entry });
}

/** @throws Error with the line if the text is not a valid config, which no provider can be added to. */
export function requireValid(text: string): void {
  const { value, problems } = parseConfigText('', text);
  if (!value) throw brokenConfig(problems);
}

function brokenConfig([first]: readonly { line?: number | undefined; message: string }[]): Error {
  return new Error(`Fix the config file first. Line ${first?.line ?? 1}: ${first?.message ?? ''}`);
}

/** The text of a new config file with only this provider. */
export function configWithProvider(provider: NewProvider): string {
  const start = '// CCR: the providers, and which of their models answers which requests.\n{}\n';
  return addProvider(start, provider, { route: 'default' });
}

function edit(text: string, path: JSONPath, value: unknown, isArrayInsertion = false): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: text.includes('\r\n') ? '\r\n' : '\n' };
  return applyEdits(text, modify(text, path, value, { formattingOptions, isArrayInsertion }));
}
