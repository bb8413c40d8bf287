import type { ProviderConfig } from '../config/schema.ts';
import { formatTarget } from '../config/routes.ts';
import type { Target } from '../routing/route.ts';
import type { RequestRecord } from './record.ts';
import { acceptedEncodings } from './decodeBody.ts';

type Headers = Record<string, string>;

/**
 * The headers of a request to a provider, each name once regardless of case: what the gateway needs, then `more` in order,
 * then the config's `extra_headers`, which win. `key` is one of the provider's, never the client's; `keyHeader` is the
 * header in which the protocol expects it.
 */
export function requestHeaders(
  config: ProviderConfig,
  key: string | undefined,
  more: readonly (Headers | undefined)[],
  keyHeader = 'authorization',
): Headers {
  const keyName = config.auth_header?.toLowerCase() ?? keyHeader;
  const own = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'accept-encoding': acceptedEncodings,
    ...(key ? { [keyName]: keyName === 'authorization' ? `Bearer ${key}` : key } : {}),
  };
  const all: Headers = own;
  for (const headers of more) addHeaders(all, headers);
  addHeaders(all, config.extra_headers);
  return all;
}

function addHeaders(all: Headers, headers: Headers | undefined): void {
  if (!headers) return;
  for (const name of Object.keys(headers)) all[name.toLowerCase()] = headers[name] ?? '';
}

/** The headers of a reply to the client: which target answered and why, and the provider's rate limits. If none did, which was asked last. */
export function replyHeaders(record: RequestRecord): Headers {
  const { id, target, reason, attempts, rateLimits, fallback, budget } = record;
  if (!target) {
    const asked = lastAsked(record);
    return { 'x-request-id': id, ...(asked && { 'x-ccr-tier': headerValue(asked.tier) }) };
  }
  const route = `${target.provider},${target.model}; reason=${reason ?? 'none'}; attempt=${attempts.length}`;
  const limits: Headers = {};
  for (const name of Object.keys(rateLimits ?? {})) limits[name] = headerValue(rateLimits?.[name] ?? '');
  return {
    ...limits,
    'x-request-id': id,
    'x-ccr-tier': headerValue(target.tier),
    'x-ccr-route': headerValue(route),
    ...(budget !== undefined && { 'x-ccr-budget': headerValue(budget) }),
    ...(fallback && { 'x-ccr-fallback': headerValue(`from=${fallback.from}; ${fallback.why}`) }),
  };
}

function lastAsked({ attempts, route }: RequestRecord): Target | undefined {
  const last = attempts.at(-1);
  return last && route?.candidates.find(({ target }) => formatTarget(target) === last.target)?.target;
}

/** Names of providers and models and what providers send are free text; a header takes printable ASCII. */
export function headerValue(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
