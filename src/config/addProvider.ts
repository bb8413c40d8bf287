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
  if (!value) {
    const [first] = problems;
    throw new Error(`Fix the config file before you add a provider. Line ${first?.line ?? 1}: ${first?.message ?? ''}`);
  }
  const entry = JSON.parse(JSON.stringify(provider)) as unknown;
  const withProvider = Array.isArray(value['Providers'])
    ? edit(text, ['Providers', value['Providers'].length], entry, true)
    : edit(text, ['Providers'], [entry]);
  if (!isDefault) return withProvider;
  const target = `${provider.name},${provider.models[0] ?? ''}`;
  return isObject(value['Router'])
    ? edit(withProvider, ['Router', 'default'], target)
    : edit(withProvider, ['Router'], { default: target });
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
