import { fieldsByPlainName, isFailureCode, messageNames } from './errorFields.ts';
import { parseCutJson } from './cutJson.ts';
import { isObject, own, parseJson } from './json.ts';
import type { JsonObject } from './request.ts';

export type ProviderErrorBody = {
  message: string;
  code?: string;
  type?: string;
  param?: string;
  /** The HTTP status that the body itself names, for an error inside a 200. */
  status?: number;
};

/** Longer texts are web pages and stack traces. Characters. */
export const maxMessageLength = 2000;

/** A code, a type or a parameter. Characters. */
const maxNameLength = 200;

/** Errors are wrapped by each gateway on their way, but not more often than this. */
const deepest = 8;

/**
 * Reads a provider's error in any known shape: `{error: {message, code, type, param}}`, `error` as text or list,
 * `{object: "error"}`, `{type: "error", error}`, `errors`, `fault`, `base_resp`, `{detail}`, `{code, message}`, `{code, msg}`,
 * `{success: false, errorMsg}`, an error on a choice, XML, plain text, a web page; also a list of these, and any of them as
 * JSON text within a message. Undefined when it says nothing. The body is parsed JSON or the raw text. Never throws.
 */
export function readProviderErrorBody(body: unknown): ProviderErrorBody | undefined {
  return readAny(body, 0);
}

function readAny(body: unknown, depth: number): ProviderErrorBody | undefined {
  if (depth > deepest) return undefined;
  if (typeof body === 'string') return readText(body, depth);
  if (Array.isArray(body)) return firstOf(body, depth);
  return isObject(body) ? (readBaseResp(body) ?? readObject(body, depth)) : undefined;
}

function firstOf(list: readonly unknown[], depth: number): ProviderErrorBody | undefined {
  for (const each of list.slice(0, 20)) {
    const found = readAny(each, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function readText(text: string, depth: number): ProviderErrorBody | undefined {
  // A refused stream may put its error in an event.
  const trimmed = text.trim().replace(/^(?:event:[^\n]*\n)?data:\s*(?=[[{"])/, '');
  if (trimmed === '') return undefined;
  // Bodies and quotations are cut off, by limits and by connections.
  const json = parseJson(trimmed) ?? parseCutJson(trimmed);
  const found = typeof json === 'object' || typeof json === 'string' ? readAny(json, depth + 1) : undefined;
  if (found) return found;
  return trimmed.startsWith('<') ? readMarkup(trimmed) : readEmbedded(trimmed, depth);
}

/** Of XML and web pages only the beginning is searched. Characters. */
const searchedMarkup = 20_000;

/** `<Error><Code>…</Code><Message>…</Message></Error>` of object stores, a SOAP fault, or a web page. */
function readMarkup(text: string): ProviderErrorBody {
  const markup = text.slice(0, searchedMarkup).replaceAll(/<!\[CDATA\[|\]\]>/g, '');
  const element = (name: string): string =>
    plainText(new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?>([^<]*)<`, 'i').exec(markup)?.[1] ?? '');
  const isPage = /<(?:!doctype html|html)\b/i.test(markup);
  const message = isPage ? '' : element('message') || element('faultstring') || element('description');
  if (message !== '') return withNames(message, { code: element('code') || element('faultcode') });
  const title = element('title') || element('h1');
  return { message: `The provider answered with a web page${title ? `: ${shorten(title)}` : '.'}` };
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", '#34': '"', amp: '&' };

function plainText(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|apos|#39|#34|amp);/g, (_, name: string) => own(entities, name) ?? '').trim();
}

/**
 * Text that ends in the JSON of the error that it wraps: `upstream error: 400 - b'{"error":{"message":"…"}}'`. JSON that is no
 * error stays as it is.
 */
function readEmbedded(text: string, depth: number): ProviderErrorBody {
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}') + 1];
  if (start < 0 || end <= start) return { message: shorten(text) };
  const inner = text.slice(start, end);
  const json = parseJson(inner) ?? parseJson(unescape(inner));
  const found = isObject(json) && isErrorBody(json) ? readAny(json, depth + 1) : undefined;
  if (!found || found.message === '') return { message: shorten(text) };
  const head = text.slice(0, start);
  const joint = /[\s\-:=]*(?:\bb)?['"]?$/.exec(head.slice(-20))?.[0] ?? '';
  const before = head.slice(0, head.length - joint.length);
  return before === '' ? found : { ...found, message: shorten(`${before}: ${found.message}`) };
}

/** JSON within JSON text that was escaped once more. */
function unescape(text: string): string {
  if (!text.startsWith('{\\"')) return text;
  const parsed = parseJson(`"${text}"`);
  return typeof parsed === 'string' ? parsed : text;
}

/** An envelope that comes with HTTP 200; `status_code` 0 is success. */
function readBaseResp(body: JsonObject): ProviderErrorBody | undefined {
  const base = body['base_resp'];
  if (!isObject(base) || Number(base['status_code'] ?? 0) === 0) return undefined;
  return withNames(textOf(base['status_msg']), { code: textOf(base['status_code']), type: 'base_resp' });
}

/** Where an error lies within another object, the most telling first. */
const wrappers = ['error', 'errors', 'fault', 'response', 'responsemetadata', 'header', 'exception'];

function readObject(body: JsonObject, depth: number): ProviderErrorBody | undefined {
  const fields = fieldsByPlainName(body);
  const own = readFields(body, fields, depth);
  for (const name of wrappers) {
    const value = fields.get(name);
    const inner = typeof value === 'string' ? undefined : readAny(value, depth + 1);
    if (inner) return merge(own, inner);
  }
  return own ?? readChoice(fields.get('choices'), depth);
}

function readChoice(choices: unknown, depth: number): ProviderErrorBody | undefined {
  const error = Array.isArray(choices) ? errorOnChoice(choices[0]) : undefined;
  return error === undefined ? undefined : readAny(error, depth + 1);
}

/** An error that stands on a choice or on its delta. */
function errorOnChoice(choice: unknown): unknown {
  if (!isObject(choice)) return undefined;
  const { error, delta } = choice;
  return error !== undefined ? error : isObject(delta) ? delta['error'] : undefined;
}

/** The inner error says what happened; the outer one fills in what it lacks. */
function merge(outer: ProviderErrorBody | undefined, inner: ProviderErrorBody): ProviderErrorBody {
  const { message, ...names } = outer ?? { message: '' };
  return { ...names, ...inner, message: inner.message === '' ? message : inner.message };
}

function readFields(error: JsonObject, fields: Map<string, unknown>, depth: number): ProviderErrorBody | undefined {
  const said = messageOf(fields, depth);
  const { message } = said;
  const code = codeOf(fields, message);
  const type = typeOf(fields);
  if (message === '' && code === '' && type === '') return undefined;
  const status = statusOf(error);
  const param = textOf(fields.get('param'));
  return { ...withNames(message, { code, type, param }), ...(status === undefined ? {} : { status }), ...said.inner };
}

/** A number in place of a type is a code. OAuth's `error` is one, where a description stands beside it. */
function codeOf(fields: Map<string, unknown>, message: string): string {
  for (const name of ['code', 'errorcode', 'errcode']) {
    const code = textOf(fields.get(name));
    if (code !== '') return code;
  }
  const type = textOf(fields.get('type'));
  if (/^\d{3,6}$/.test(type)) return type;
  const error = fields.get('error');
  return typeof error === 'string' && error !== message && /^[\w.-]+$/.test(error) ? error : '';
}

/** Google's `status` is the name of the error ("INVALID_ARGUMENT"), AWS has `__type`. Some only repeat that it is an error. */
function typeOf(fields: Map<string, unknown>): string {
  const type = textOf(fields.get('type')) || textOf(fields.get('status'));
  return /^(?:error|fail|failed|failure|\d+|false|true)$/i.test(type) ? '' : type;
}

type Said = { message: string; inner?: Omit<ProviderErrorBody, 'message'> };

function messageOf(fields: Map<string, unknown>, depth: number): Said {
  for (const name of messageNames) {
    const value = fields.get(name);
    const said = name === 'error' && typeof value !== 'string' ? { message: '' } : sayingOf(value, depth);
    if (said.message !== '') return withRaw(said, fields, depth);
  }
  return withRaw({ message: '' }, fields, depth);
}

/** A message may be text, FastAPI's list of `{loc, msg}`, an error of its own, or the JSON text of one. */
function sayingOf(value: unknown, depth: number): Said {
  if (Array.isArray(value)) return { message: shorten(listOf(value)) };
  const found =
    isObject(value) || (typeof value === 'string' && value.includes('{')) ? readAny(value, depth + 1) : undefined;
  if (!found || found.message === '') return { message: shorten(textOf(value)) };
  const { message, ...inner } = found;
  return { message, inner };
}

/** An aggregator says "Provider returned error" and keeps the provider's message in `metadata.raw`. */
function withRaw(said: Said, fields: Map<string, unknown>, depth: number): Said {
  const metadata = fields.get('metadata');
  const raw = isObject(metadata) ? readAny(metadata['raw'], depth + 1) : undefined;
  const more = raw?.message || quotaIds(fields.get('details'));
  if (more === '') return said;
  const { message: _, ...names } = raw ?? { message: '' };
  const message = shorten([said.message, more].filter((text) => text !== '').join(': '));
  return { message, inner: { ...said.inner, ...names } };
}

/** Which of Google's quotas is used up: `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
function quotaIds(details: unknown): string {
  if (!Array.isArray(details)) return '';
  const violations = details.flatMap((each: unknown) =>
    isObject(each) && Array.isArray(each['violations']) ? (each['violations'] as unknown[]) : [],
  );
  const ids = violations.map((each) => (isObject(each) ? textOf(each['quotaId']) : '')).filter((id) => id !== '');
  return shorten([...new Set(ids.slice(0, 5))].join(', '));
}

function listOf(items: readonly unknown[]): string {
  const texts = items.slice(0, 20).map((item) => {
    if (!isObject(item)) return textOf(item);
    const place = Array.isArray(item['loc']) ? `${item['loc'].slice(0, 10).map(textOf).join('.')}: ` : '';
    return `${place}${textOf(item['msg']) || textOf(item['message'])}`;
  });
  return texts.filter((text) => text !== '').join('; ');
}

function statusOf(error: JsonObject): number | undefined {
  for (const key of ['http_code', 'status', 'status_code', 'statusCode', 'code']) {
    const value = error[key];
    const status = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
    if (Number.isInteger(status) && status >= 400 && status < 600) return status;
  }
  return undefined;
}

function withNames(message: string, names: { code?: string; type?: string; param?: string }): ProviderErrorBody {
  const said = Object.entries(names).filter(([, name]) => name !== '');
  return { message: shorten(message), ...Object.fromEntries(said.map(([key, name]) => [key, cut(name)])) };
}

function cut(name: string): string {
  return name.slice(0, maxNameLength);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  try {
    return JSON.stringify(value);
  } catch {
    // Nested too deeply to be written.
    return '';
  }
}

function shorten(text: string): string {
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength)}…` : text;
}

/**
 * Whether a JSON value inside a 200 is an error. Called for every frame, so what marks an answer is looked at first. Text and
 * lists are none.
 */
export function isErrorBody(body: unknown): boolean {
  if (!isObject(body)) return false;
  const { error, base_resp: base, choices, type } = body;
  if (error !== undefined && saysSomething(error)) return true;
  if (base !== undefined && isObject(base) && Number(base['status_code'] ?? 0) !== 0) return true;
  if (Array.isArray(choices) && choices.length > 0) return saysSomething(errorOnChoice(choices[0]));
  if (body['object'] === 'error' || type === 'error') return true;
  const mark = body['object'] ?? type ?? body['output'] ?? body['content'] ?? body['usage'] ?? choices;
  return (mark === undefined || mark === null) && isEnvelope(body);
}

function saysSomething(error: unknown): boolean {
  return typeof error === 'object' ? Object.keys(error ?? {}).length > 0 : Boolean(error);
}

/** `{success: false}`, `{code, msg}`, `{errors}`, `{fault}`, `{detail}`, `{Response: {Error}}`, a bare `{message}`. */
function isEnvelope(body: JsonObject): boolean {
  const fields = fieldsByPlainName(body);
  if (fields.get('success') === false || fields.get('ok') === false) return true;
  if (['error', 'errors', 'fault', 'exception'].some((name) => saysSomething(fields.get(name)))) return true;
  if (['response', 'responsemetadata', 'message'].some((name) => hasError(fields.get(name)))) return true;
  const header = fields.get('header');
  if (isObject(header) && isFailureCode(header['code'])) return true;
  if (fields.has('detail')) return true;
  const says = messageNames.some((name) => typeof fields.get(name) === 'string' && fields.get(name) !== '');
  if (!says) return false;
  if (['code', 'errorcode', 'errcode', 'statuscode', 'status'].some((name) => isFailureCode(fields.get(name))))
    return true;
  return !['id', 'model', 'code', 'status', 'data', 'delta'].some((name) => fields.has(name));
}

function hasError(value: unknown): boolean {
  return isObject(value) && saysSomething(value['Error'] ?? value['error']);
}
