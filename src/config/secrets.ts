import { providerKeys } from './providers.ts';
import type { Config, ProviderConfig } from './schema.ts';

/** Shorter values are placeholders such as "none", for local servers that need no key. Characters. */
const minLength = 8;

const secretNames = /auth|key|token|secret|cookie|credential|password|signature|^sig$|^code$/i;

/** `Bearer`, `Basic` and other schemes before the secret. */
const leadingScheme = /^[a-z-]+\s+(?=\S+$)/i;

/**
 * Every value of the config that must never be shown: provider keys (`api_key`, `api_keys`, `extra_headers`, query and
 * user of `api_base_url`), the proxy's password, the client token.
 */
export function secretsOf(config: Config): string[] {
  const proxy = config.PROXY_URL === undefined ? [] : secretsOfUrl(proxyWithScheme(config.PROXY_URL));
  const secrets = [...config.Providers.flatMap(secretsOfProvider), ...proxy, config.APIKEY ?? ''];
  return uniqueSecrets(secrets);
}

/** Headers whose values are documented words of HTTP and of the protocols. */
const publicHeaders = /^(?:accept(?:-\w+)?|content-type|(?:anthropic|openai)-(?:version|beta))$/i;

/** A date, and a URL without user and query: what a header with a version or a referrer holds. */
const publicValue = /^(?:\d{4}-\d{2}-\d{2}|https?:\/\/[^?#@\s]*)$/i;

/**
 * The secrets of one provider. Every value of `extra_headers` counts as one, whatever its name: gateways of companies have
 * names of their own for keys.
 */
export function secretsOfProvider(provider: ProviderConfig): string[] {
  const headers = Object.entries(provider.extra_headers ?? {}).filter(
    ([name, value]) => !publicHeaders.test(name) && !publicValue.test(value),
  );
  return uniqueSecrets([
    ...providerKeys(provider),
    ...headers.map(([, value]) => value.replace(leadingScheme, '')),
    ...secretsOfUrl(provider.api_base_url),
  ]);
}

function uniqueSecrets(secrets: readonly string[]): string[] {
  return [...new Set(secrets)].filter(({ length }) => length >= minLength);
}

function secretsOfUrl(text: string): string[] {
  const url = URL.parse(text);
  if (!url) return [];
  const [user, password] = [url.username, url.password].map(decoded);
  const written = url.search
    .slice(1)
    .split('&')
    .map((pair): [string, string] => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')];
    });
  // Decoded and as written: providers quote either form.
  const parameters = [...url.searchParams, ...written].filter(([name]) => secretNames.test(name));
  const basic = url.password === '' ? '' : Buffer.from(`${user}:${password}`).toString('base64');
  return [...parameters.map(([, value]) => value), url.username, url.password, user ?? '', password ?? '', basic];
}

/** A proxy URL may omit the scheme, as other programs allow. Empty stays empty. */
export function proxyWithScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
