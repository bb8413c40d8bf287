import { isObject } from './json.ts';
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
const maxMessageLength = 2000;

/**
 * Reads a provider's error in any known shape: `{error: {message, code, type, param}}`, `error` as text, `{object: "error"}`,
 * `{type: "error", error}`, a list of these, `base_resp`, `{detail}`, `{code, message}`, plain text, a web page.
 * Undefined when it says nothing. The body is parsed JSON or the raw text.
 */
export function readProviderErrorBody(body: unknown): ProviderErrorBody | undefined {
  if (typeof body === 'string') return readText(body);
  if (Array.isArray(body)) return body.map(readProviderErrorBody).find((found) => found !== undefined);
  if (!isObject(body)) return undefined;
  return readBaseResp(body) ?? readErrorField(body) ?? readFields(body);
}

function readText(text: string): ProviderErrorBody | undefined {
  // A refused stream may put its error in an event.
  const trimmed = text.trim().replace(/^(?:event:[^\n]*\n)?data:\s*(?=[[{])/, '');
  if (trimmed === '') return undefined;
  try {
    const found = readProviderErrorBody(JSON.parse(trimmed) as unknown);
    if (found) return found;
  } catch {
    // Not JSON: then it is the message itself.
  }
  if (!trimmed.startsWith('<')) return { message: shorten(trimmed) };
  const title = /<title[^>]*>([^<]*)</i.exec(trimmed)?.[1]?.trim();
  return { message: `The provider answered with a web page${title ? `: ${shorten(title)}` : '.'}` };
}

/** An envelope that comes with HTTP 200; `status_code` 0 is success. */
function readBaseResp(body: JsonObject): ProviderErrorBody | undefined {
  const base = body['base_resp'];
  if (!isObject(base) || Number(base['status_code'] ?? 0) === 0) return undefined;
  return { message: shorten(textOf(base['status_msg'])), code: textOf(base['status_code']), type: 'base_resp' };
}

function readErrorField(body: JsonObject): ProviderErrorBody | undefined {
  const error = body['error'];
  if (typeof error === 'string' && error !== '') return { ...readFields(body), message: shorten(error) };
  if (!isObject(error)) return undefined;
  return readFields(error);
}

function readFields(error: JsonObject): ProviderErrorBody | undefined {
  const code = textOf(error['code']);
  // Google's `status` is the name of the error ("INVALID_ARGUMENT").
  const type = textOf(error['type']) || (typeof error['status'] === 'string' ? error['status'] : '');
  const message = messageOf(error);
  if (message === '' && code === '' && type === '') return undefined;
  const status = statusOf(error);
  const param = textOf(error['param']);
  return {
    message,
    ...(code === '' ? {} : { code }),
    ...(type === '' ? {} : { type }),
    ...(param === '' ? {} : { param }),
    ...(status === undefined ? {} : { status }),
  };
}

function messageOf(error: JsonObject): string {
  const message =
    // FastAPI's report may be wrapped in a message.
    (isObject(error['message']) ? detailOf(error['message']['detail']) : '') ||
    textOf(error['message']) ||
    detailOf(error['detail']) ||
    textOf(error['msg']) ||
    textOf(error['error_msg']) ||
    textOf(error['error_description']) ||
    textOf(error['error']);
  // An aggregator says "Provider returned error" and keeps the provider's message in `metadata.raw`.
  const raw = isObject(error['metadata']) ? error['metadata']['raw'] : undefined;
  const inner = raw === undefined ? undefined : readProviderErrorBody(raw)?.message;
  return shorten([message, inner].filter((text) => text !== undefined && text !== '').join(': '));
}

/** FastAPI: text, or a list of `{loc, msg}`. */
function detailOf(detail: unknown): string {
  if (!Array.isArray(detail)) return isObject(detail) ? messageOf(detail) || textOf(detail) : textOf(detail);
  return detail
    .map((item: unknown) => {
      if (!isObject(item)) return textOf(item);
      const place = Array.isArray(item['loc']) ? `${item['loc'].join('.')}: ` : '';
      return `${place}${textOf(item['msg'])}`;
    })
    .join('; ');
}

function statusOf(error: JsonObject): number | undefined {
  for (const key of ['http_code', 'status', 'status_code', 'code']) {
    const status = Number(error[key] ?? undefined);
    if (Number.isInteger(status) && status >= 400 && status < 600) return status;
  }
  return undefined;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return JSON.stringify(value);
}

function shorten(text: string): string {
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength)}…` : text;
}
