import { isObject } from '../canonical/json.ts';
import { applyEdits, modify, type JSONPath } from 'jsonc-parser';
import { parseConfigText } from './parse.ts';

/** A provider to write to a config file. Undefined values are omitted. */
export type NewProvider = {
  name: string;
  api_base_url: string;
  api_key?: string | undefined;
  models: readonly string[];
  protocol?: string | undefined;
};

/**
 * Appends a provider to the text of a config file; if `isDefault`, its first model becomes `Router.default`. The rest of the
 * text is unchanged, comments included.
 * @throws Error with the line if the text is not a valid config.
 */
export function addProvider(text: string, provider: NewProvider, isDefault: boolean): string {
  const { value, problems } = parseConfigText('', text);
  if (!value) throw brokenConfig(problems);
  const entry = JSON.parse(JSON.stringify(provider)) as unknown;
  const withProvider = Array.isArray(value['Providers'])
    ? edit(text, ['Providers', value['Providers'].length], entry, true)
    : edit(text, ['Providers'], [entry]);
  if (!isDefault) return withProvider;
  return setDefaultRoute(withProvider, `${provider.name},${provider.models[0] ?? ''}`);
}

/** Sets `Router.default`. @throws Error with the line if the text is not a valid config. */
export function setDefaultRoute(text: string, target: string): string {
  const { value, problems } = parseConfigText('', text);
  if (!value) throw brokenConfig(problems);
  return isObject(value['Router'])
    ? edit(text, ['Router', 'default'], target)
    : edit(text, ['Router'], { default: target });
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
  return addProvider(start, provider, true);
}

function edit(text: string, path: JSONPath, value: unknown, isArrayInsertion = false): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: text.includes('\r\n') ? '\r\n' : '\n' };
  return applyEdits(text, modify(text, path, value, { formattingOptions, isArrayInsertion }));
}
