import { rememberByText } from '../canonical/remember.ts';

/** To read a URL takes longer than to look it up, and each request asks for one of a few. */
const rememberUrls = 100;

/** The host name of a base URL, in lower case; '' if it is not a URL. */
export const hostnameOf = rememberByText(rememberUrls, (url) => URL.parse(url)?.hostname.toLowerCase() ?? '');

/** The host of a base URL, with its port unless that is the usual one. @throws TypeError if it is not a URL */
export const hostOf = rememberByText(rememberUrls, (url) => new URL(url).host);

/**
 * The base URL of a provider's Chat Completions API, given the base URL of the maker's own protocol, which configs of
 * claude-code-router contain (its README: `https://generativelanguage.googleapis.com/v1beta/models/`).
 */
export function chatBase(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (url.hostname.toLowerCase() === 'generativelanguage.googleapis.com')
    url.pathname = url.pathname.replace(/^\/(v\d+(?:beta)?)(?:\/models)?\/?$/, '/$1/openai');
  return url.href;
}

/** Whether `hostname` is one of `domains` or a subdomain. */
export function isBelow(hostname: string, domains: readonly string[]): boolean {
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

/** Whether the host is on this machine or in the local network. */
export function isLocal(hostname: string): boolean {
  return (
    /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^\[::1\]$/.test(hostname) ||
    isBelow(hostname, ['localhost', 'local', 'internal'])
  );
}
