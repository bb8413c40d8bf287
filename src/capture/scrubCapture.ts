import { isObject, own } from '../canonical/json.ts';
import { keyPatterns } from '../canonical/providerError.ts';
import type { JsonObject } from '../canonical/request.ts';
import { createScrub } from '../gateway/scrub.ts';
import { editJson, editWire, type Span } from './texts.ts';

/** Removes secrets from what a capture holds. */
export type CaptureScrub = {
  json(value: unknown): unknown;
  /** JSON, an event stream, or any text. */
  wire(text: string): string;
  url(url: string): string;
  headers(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string>;
  /** The last look at a whole file, which also has names of fields in it. */
  file(text: string): string;
};

const mark = '[key]';

/** Headers whose value is a secret or names a person. */
const secretHeaders =
  /auth|cookie|token|secret|password|credential|signature|session|forwarded|real-ip|client-ip|account|(?:^|-)key(?:$|-)/i;

/** Headers that match, although all of them are of the protocols. */
const harmlessHeaders = /^(?:anthropic-ratelimit-|x-ratelimit-)/i;

/** Longer values of headers are cut. Characters. */
const longestHeader = 2000;

/** Shorter beginnings of a secret could be ordinary text. Characters. */
const shortestPart = 8;

/** Replaces a sealed text by one with an edited content. Any other text stays. */
export type Reseal = (text: string, edit: (content: string) => string) => string;

/** `secrets` are found as they are, URL-encoded and in JSON, and also where a cut text ends in the middle of one. */
export function createCaptureScrub(secrets: readonly string[], reseal: Reseal): CaptureScrub {
  const known = [...new Set(secrets.flatMap(writings))].filter(({ length }) => length >= shortestPart);
  const whole = known.toSorted((a, b) => b.length - a.length);
  const findSecrets = (text: string): Span[] => [...secretSpans(text, whole), ...patternSpans(text)];
  const find = (text: string): Span[] => {
    const sealed = reseal(text, (content) => editWire(content, findSecrets));
    return sealed === text ? findSecrets(text) : [{ from: 0, to: text.length, by: sealed }];
  };
  const short = createScrub(secrets);
  return {
    json: (value) => editJson(value, find),
    wire: (text) => editWire(text, find),
    url: (url) => withoutQueryKeys(short(url)),
    headers: (headers) => scrubHeaders(headers, (value) => editWire(value, find)),
    file: (text) => whole.reduce((left, secret) => left.replaceAll(secret, mark), text),
  };
}

function writings(secret: string): string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

function secretSpans(text: string, secrets: readonly string[]): Span[] {
  const spans: Span[] = [];
  for (const secret of secrets) {
    for (let from = text.indexOf(secret); from >= 0; from = text.indexOf(secret, from + secret.length))
      spans.push({ from, to: from + secret.length, by: mark });
    const length = commonEnd(text, secret);
    if (length >= shortestPart) spans.push({ from: text.length - length, to: text.length, by: mark });
  }
  return spans;
}

/** How much of a secret's beginning is the end of the text. */
function commonEnd(text: string, secret: string): number {
  const last = text.slice(1 - secret.length);
  const beginning = secret.slice(0, shortestPart);
  for (let at = last.indexOf(beginning); at >= 0; at = last.indexOf(beginning, at + 1))
    if (secret.startsWith(last.slice(at))) return last.length - at;
  return 0;
}

/** What looks like a key, although it is not one of the keys that CCR knows. */
function patternSpans(text: string): Span[] {
  return keyPatterns.flatMap(([pattern, by]) =>
    [...text.matchAll(pattern)].map((match) => {
      const [found] = match;
      const from = match.index;
      const replaced = found.replace(pattern, by);
      return { from, to: from + found.length, by: replaced === found ? mark : replaced };
    }),
  );
}

function withoutQueryKeys(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  parsed.username = '';
  parsed.password = '';
  for (const [name, value] of Array.from(parsed.searchParams))
    if (value !== '' && /key|token|secret|auth|sig|code|password/i.test(name)) parsed.searchParams.set(name, mark);
  return parsed.href.replaceAll(encodeURIComponent(mark), mark);
}

function scrubHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  scrub: (value: string) => string,
): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(
    (entries as [string, string | string[]][]).map(([name, value]) => {
      const isSecret = secretHeaders.test(name) && !harmlessHeaders.test(name);
      return [name, isSecret ? mark : scrub(String(value)).slice(0, longestHeader)];
    }),
  );
}

/** Keys of the config that hold a secret, or a name of this machine. */
const secretKeys = new Set(['api_key', 'api_keys', 'APIKEY', 'PROXY_URL', 'redis_url']);

/** The config as a capture holds it: every key is a mark, so that a provider keeps the number of its keys. */
export function scrubConfig(config: object, scrub: CaptureScrub): JsonObject {
  const clean = JSON.parse(JSON.stringify(config)) as JsonObject;
  delete clean['DebugCapture'];
  hideKeys(clean);
  return scrub.json(clean) as JsonObject;
}

function hideKeys(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(hideKeys);
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (secretKeys.has(name)) value[name] = Array.isArray(inner) ? inner.map(() => mark) : mark;
    else if (name === 'api_base_url' && typeof inner === 'string') value[name] = withoutQueryKeys(inner);
    else if (name === 'extra_headers' && isObject(inner)) value[name] = hiddenHeaders(inner);
    else hideKeys(inner);
  }
}

/** Every value counts as a secret, as in `secretsOfProvider`, unless it is a word of the protocols. */
function hiddenHeaders(headers: JsonObject): JsonObject {
  const isPublic = (name: string): boolean =>
    /^(?:accept|content-type|(?:anthropic|openai)-(?:version|beta))$/i.test(name);
  return Object.fromEntries(
    Object.keys(headers).map((name) => [name, isPublic(name) ? (own(headers, name) ?? '') : mark]),
  );
}
