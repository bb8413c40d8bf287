import { isObject, own, parseJson } from '../canonical/json.ts';
import { keyPatterns } from '../canonical/providerError.ts';
import type { JsonObject } from '../canonical/request.ts';
import { createScrub, writingsOf } from '../gateway/scrub.ts';
import { finish, type Steps } from './slices.ts';
import { applySpans, editLines, editWire, type Span } from './texts.ts';

/** Removes secrets from what a capture holds. */
export type CaptureScrub = {
  /** A copy, unless there is nothing to remove. */
  json(value: unknown): unknown;
  jsonInSteps(value: unknown): Steps<unknown>;
  /** JSON, an event stream, or any text. */
  wire(text: string): string;
  wireInSteps(text: string): Steps<string>;
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

/** `secrets` are found however they are written, and also where a cut text ends in the middle of one. */
export function createCaptureScrub(secrets: readonly string[], reseal: Reseal): CaptureScrub {
  const known = [...new Set(secrets.flatMap(writingsOf))].filter(({ length }) => length >= shortestPart);
  const whole = known.toSorted((a, b) => b.length - a.length);
  const anySecret = anyOf(whole, 'g');
  const mayHold = createCheck(whole);
  const findSecrets = (text: string): Span[] =>
    mayHold(text) ? [...secretSpans(text, whole), ...patternSpans(text)] : [];
  const find = (text: string): Span[] => {
    const sealed = reseal(text, (content) => editWire(content, findSecrets));
    return sealed === text ? findSecrets(text) : [{ from: 0, to: text.length, by: sealed }];
  };
  const short = createScrub(secrets);
  const jsonInSteps = (value: unknown): Steps<unknown> => editValue(value, mayHold, find);
  function* wireInSteps(text: string): Steps<string> {
    const whole = parseJson(text);
    if (whole === undefined) return yield* editLines(text, find);
    const edited = yield* jsonInSteps(whole);
    return edited === whole ? text : JSON.stringify(edited);
  }
  return {
    json: (value) => finish(jsonInSteps(value)),
    jsonInSteps,
    wire: (text) => finish(wireInSteps(text)),
    wireInSteps,
    url: (url) => withoutQueryKeys(short(url)),
    headers: (headers) => scrubHeaders(headers, (value) => finish(wireInSteps(value))),
    file: (text) => (anySecret ? text.replaceAll(anySecret, mark) : text),
  };
}

/** Whether something may have to be removed from a text, or from one of the texts in a list, quickly: from most there is nothing. */
function createCheck(secrets: readonly string[]): (text: string) => boolean {
  const beginnings = new Set(secrets.map((secret) => secret.slice(0, shortestPart)));
  const known = anyOf([...beginnings], '');
  return (text) =>
    known?.test(text) === true || keyPatterns.some(([pattern, , hint]) => text.search(hint ?? pattern) >= 0);
}

/** Finds the texts in one pass, and the first of them where several begin. Undefined for none: it would find nothing everywhere. */
function anyOf(texts: readonly string[], flags: string): RegExp | undefined {
  const code = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const escaped = texts.map((text) => text.replaceAll(/\W/g, code));
  return escaped.length > 0 ? new RegExp(escaped.join('|'), flags) : undefined;
}

/** Characters to look at in a step, with the last text whole. */
const stepCharacters = 64 * 1024;

type Slot = { owner: JsonObject | unknown[]; key: string | number; text: string };

/** The same value, or a copy with its texts edited. Those without a secret are looked at together. */
function* editValue(
  value: unknown,
  mayHold: (text: string) => boolean,
  find: (text: string) => Span[],
): Steps<unknown> {
  const root = { value };
  let copy: typeof root | undefined;
  let slots = slotsIn(root);
  for (let from = 0; from < slots.length;) {
    let length = 0;
    let to = from;
    while (to < slots.length && length < stepCharacters) length += slots[to++]?.text.length ?? 0;
    const joined = slots
      .slice(from, to)
      .map(({ text }) => text)
      .join('\n');
    if (mayHold(joined) || /^ccr\d+:/m.test(joined)) {
      if (!copy) slots = slotsIn((copy = structuredClone(root)));
      for (const { owner, key, text } of slots.slice(from, to))
        Object.defineProperty(owner, key, { value: applySpans([text], find(text))[0] });
    }
    yield;
    from = to;
  }
  return (copy ?? root).value;
}

/** The texts within an object or a list, in their order. */
function slotsIn(owner: JsonObject | unknown[], slots: Slot[] = []): Slot[] {
  const visit = (key: string | number, inner: unknown): void => {
    if (typeof inner === 'string') slots.push({ owner, key, text: inner });
    else if (Array.isArray(inner) || isObject(inner)) slotsIn(inner, slots);
  };
  if (Array.isArray(owner)) owner.forEach((inner, at) => visit(at, inner));
  else for (const key of Object.keys(owner)) visit(key, owner[key]);
  return slots;
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
