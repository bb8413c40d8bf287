import { isLoopbackHost } from './access.ts';
import { spokenAll, wording, type Wording } from '../canonical/wording.ts';
import { placeholderKey } from './placeholder.ts';
import type { JsonPath } from './problems.ts';
import type { ProviderConfig, TransformerUse } from './schema.ts';
import { describeMissing, type MissingVariable } from './variables.ts';

/** Whether a configured provider can be used. If not: why, and what to do, as sentences. `needsKey`: a key would fix it. */
export type ProviderStatus = { name: string; enabled: true } | ({ name: string; enabled: false } & WhyOff);

/** In English, and as the wording of the same sentences. */
export type WhyOff = { reason: string; remedy?: string; wording?: readonly Wording[]; needsKey?: boolean };

export function whyOff({ reason, remedy }: Pick<ProviderFault, 'reason' | 'remedy'>): WhyOff {
  const wording = [reason, ...(remedy ?? [])];
  return { reason: spokenAll([reason]), ...(remedy && { remedy: spokenAll(remedy) }), wording };
}

/** Reason and remedy. Lists of providers show only the reason. */
export function describeOff({ reason, remedy }: { reason?: string; remedy?: string }): string {
  return [reason, remedy].filter((sentence) => sentence !== undefined).join(' ');
}

/** The provider's usable keys without duplicates, `api_key` first. Empty for a server that needs none. */
export function providerKeys(provider: ProviderConfig): string[] {
  const keys = [provider.api_key ?? '', ...(provider.api_keys ?? [])];
  // A key that was pasted or read from a file may end in a newline, which no header can hold.
  return [...new Set(keys.map((key) => key.trim()))].filter((key) => key !== '' && key !== placeholderKey);
}

/** `transformer.use` for a model: the provider's transformers, then the model's, which replace those with the same name. */
export function transformersOf(
  provider: ProviderConfig,
  model: string,
): { name: string; options: Record<string, unknown> }[] {
  const { use = [], ...models } = provider.transformer ?? {};
  const own = Object.hasOwn(models, model) ? (models[model]?.use ?? []) : [];
  const byName = new Map([...use, ...own].map((entry) => [transformerName(entry), entry]));
  return [...byName].map(([name, entry]) => ({ name, options: typeof entry === 'string' ? {} : (entry[1] ?? {}) }));
}

/** In lower case: claude-code-router's files write `Anthropic` (claude-code-router#548). */
export function transformerName(use: TransformerUse): string {
  return (typeof use === 'string' ? use : use[0]).trim().toLowerCase();
}

/** Why a provider is off. `path` is relative to the provider. */
export type ProviderFault = { path: JsonPath; reason: Wording; remedy?: readonly Wording[] };

/** `missing`: the references in this provider's values that have no value. */
export function findProviderFault(
  provider: ProviderConfig,
  missing: readonly MissingVariable[],
): ProviderFault | undefined {
  const url = URL.parse(provider.api_base_url);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { path: ['api_base_url'], reason: wording('api_base_url is not an http(s) URL.') };
  }
  if (providerKeys(provider).length > 0 || sendsOwnKey(provider)) return undefined;

  const missingKey = missing.find(({ path }) => path[2] === 'api_key' || path[2] === 'api_keys');
  if (missingKey) {
    const advice = missingKey.why === 'no-secret' ? secretRemedy : remedy;
    return { path: missingKey.path.slice(2), reason: wording('{0}.', describeMissing(missingKey)), remedy: advice };
  }
  if (provider.api_key === placeholderKey) {
    const reason = wording('api_key is the placeholder that CCR sets in its terminals.');
    return { path: ['api_key'], reason, remedy };
  }
  if (isLoopbackHost(url.hostname)) return undefined;
  const none = wording('If it needs none, write "none".');
  return { path: ['api_key'], reason: wording('it has no api_key.'), remedy: [...remedy, none] };
}

const remedy = [
  wording('Set it in the environment or in ~/.claude-code-router/.env, or use "CCR: Set Provider API Key" in VS Code.'),
];

/** The environment has no place for a secret. */
const secretRemedy = [wording('Use "CCR: Set Provider API Key" in VS Code, whose key takes precedence.')];

function sendsOwnKey(provider: ProviderConfig): boolean {
  const keyHeaders = ['authorization', 'x-api-key', 'api-key', provider.auth_header?.toLowerCase()];
  return Object.entries(provider.extra_headers ?? {}).some(
    ([name, value]) => value !== '' && keyHeaders.includes(name.toLowerCase()),
  );
}
