import { fieldsWhere } from '../canonical/json.ts';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { JsonObject } from '../canonical/request.ts';
import { writeWellFormed } from '../canonical/wellFormed.ts';
import { withoutBetas } from '../providers/applyRemedies.ts';
import { chatBase } from '../providers/hosts.ts';
import type { AttemptInput } from './attempt.ts';

// What an attempt sends beside the canonical request: the URL, the client's own headers and query, the text of the body.

/** The paths of all protocols: a full endpoint in the config may be that of another protocol than the one in use. */
const endpoints = /\/(chat\/completions|responses|messages)$/;

/**
 * The URL of an endpoint, from a base URL or a full endpoint. A version that both base and path have is written once.
 * `query` is appended to the base URL's own query, which may hold a key.
 */
export function endpointUrl(baseUrl: string, path: string, query = ''): string {
  const name = `${baseUrl}\n${path}\n${query}`;
  const known = knownUrls.get(name);
  if (known !== undefined) return known;
  const url = makeUrl(baseUrl, path, query);
  knownUrls.set(name, url);
  return url;
}

/** To read and write URLs takes longer than to look one up, and each request needs one of a few. */
const knownUrls = createBoundedMap<string, string>(100);

function makeUrl(baseUrl: string, path: string, query: string): string {
  const url = new URL(chatBase(baseUrl));
  const given = url.pathname.replace(/\/+$/, '');
  const [version = ''] = /^\/v\d+(?=\/)/.exec(path) ?? [];
  const bare = path.slice(version.length);
  const base = given.replace(endpoints, '');
  if (!given.endsWith(bare)) url.pathname = base + (base.endsWith(version) ? bare : path);
  else url.pathname = given;
  url.search = [url.search, query]
    .map((each) => each.replace(/^\?/, ''))
    .filter(Boolean)
    .join('&');
  return url.href;
}

/** Betas and headers that came later are for the maker of the protocol alone. Others may refuse what they do not know. */
export function headersForProvider({
  passedHeaders: headers,
  provider,
  remedies,
}: AttemptInput): Record<string, string> {
  if (!provider.quirks.surface) return withoutBetas(headers, remedies);
  const isForAll = (name: string): boolean => name === 'anthropic-version' || !name.startsWith('anthropic-');
  return fieldsWhere(headers, (name) => isForAll(name));
}

export function queryForProvider({ passedQuery: query, provider }: AttemptInput): string {
  return provider.quirks.surface ? query.replace(/([?&])beta=[^&]*&?/, '$1').replace(/[?&]$/, '') : query;
}

/** Half of a character, which strict readers refuse, becomes the replacement character. */
export function writeJson(body: JsonObject, { target, note }: AttemptInput): string {
  const { text, repaired } = writeWellFormed(body);
  if (repaired)
    note(`${target}: the request had half of a character (a text cut within an emoji), which was replaced.`);
  return text;
}
