// What a hostile or broken client sends. Each attack is tried at every endpoint that it can reach.
import { gzipSync } from 'node:zlib';
import type { RawRequest } from './rawHttp.ts';

export type Endpoint = { name: string; path: string; body: (prompt: string) => Record<string, unknown> };

const user = (content: unknown) => [{ role: 'user', content }];

/** The endpoints that take a body. */
export const posts: readonly Endpoint[] = [
  { name: 'chat', path: '/v1/chat/completions', body: (prompt) => ({ messages: user(prompt) }) },
  { name: 'responses', path: '/v1/responses', body: (prompt) => ({ input: prompt }) },
  { name: 'messages', path: '/v1/messages', body: (prompt) => ({ messages: user(prompt), max_tokens: 9 }) },
  { name: 'compact', path: '/v1/responses/compact', body: (prompt) => ({ input: user(prompt) }) },
  { name: 'count', path: '/v1/messages/count_tokens', body: (prompt) => ({ messages: user(prompt) }) },
];

/** Endpoints without a body. */
export const gets = ['/v1/models', '/v1/presets', '/metrics', '/ccr/state', '/v1/responses/resp_1'] as const;

/** `expected`: the statuses that may come back. 0: the connection is closed without an answer. */
export type Attack = { name: string; expected: readonly number[]; change(request: RawRequest): RawRequest };

const json = ['content-type', 'application/json'] as const;
const withBody =
  (body: string | Uint8Array) =>
  (request: RawRequest): RawRequest => ({ ...request, body });
const withText =
  (change: (body: string) => string) =>
  (request: RawRequest): RawRequest =>
    withBody(change(String(request.body)))(request);
/** Adds fields before the others. */
const withFields = (fields: string) => withText((body) => body.replace('{', `{${fields},`));
const withHeaders =
  (...headers: [string, string][]) =>
  (request: RawRequest): RawRequest => ({
    ...request,
    headers: [...(request.headers ?? []), ...headers],
  });
const instead =
  (...headers: [string, string][]) =>
  (request: RawRequest): RawRequest => {
    const names = new Set(headers.map(([name]) => name));
    return { ...request, headers: [...(request.headers ?? []).filter(([name]) => !names.has(name)), ...headers] };
  };
const withPath =
  (change: (path: string) => string) =>
  (request: RawRequest): RawRequest => ({
    ...request,
    path: change(request.path),
  });

const nested = (levels: number, open = '[', close = ']'): string => open.repeat(levels) + close.repeat(levels);
/** 65 MiB of blanks in 64 KiB. */
const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, ' '));
const answered = [200, 400] as const;

export const bodyAttacks: readonly Attack[] = [
  { name: 'no JSON', expected: [400], change: withBody('{"a":') },
  { name: 'an empty body', expected: [400], change: withBody('') },
  { name: 'NUL bytes', expected: [400], change: withBody('\0\0\0\0') },
  { name: 'invalid UTF-8', expected: [400], change: withBody(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])) },
  {
    name: 'UTF-16',
    expected: [400],
    change: (request) => withBody(Buffer.from(String(request.body), 'utf16le'))(request),
  },
  { name: 'a byte order mark', expected: [200], change: withText((body) => `\ufeff${body}`) },
  { name: 'null', expected: [400], change: withBody('null') },
  { name: 'a list', expected: [400], change: withBody('[]') },
  { name: 'a number', expected: [400], change: withBody('1e999') },
  { name: '5000 levels', expected: [400], change: withFields(`"x":${nested(5000)}`) },
  { name: '100000 levels', expected: [400], change: withFields(`"x":${nested(100_000)}`) },
  {
    name: '5000 levels of objects',
    expected: [400],
    change: withFields(`"tools":${nested(5000, '{"a":', '}').replace('{"a":}', '{"a":1}')}`),
  },
  {
    name: '5000 levels of a schema',
    expected: answered,
    change: withFields(`"metadata":${'{"items":'.repeat(190)}{}${'}'.repeat(190)}`),
  },
  ...['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'].map((name) => ({
    name: `the key ${name}`,
    expected: answered,
    change: withFields(`"${name}":{"polluted":true},"metadata":{"${name}":"x"}`),
  })),
  { name: 'a model of a megabyte', expected: [400, 200], change: withFields(`"model":"${'m'.repeat(1_000_000)}"`) },
  {
    name: 'a model that forges a log line',
    expected: answered,
    change: withFields(String.raw`"model":"x\n2026-01-01T00:00:00.000Z error forged\u001b[2J\u0000\u202e"`),
  },
  { name: 'a model named constructor', expected: answered, change: withFields('"model":"constructor"') },
  { name: 'a model that is a path', expected: [200, 400, 404], change: withFields('"model":"../../etc/passwd"') },
  { name: 'an unknown provider', expected: [200, 404, 400], change: withFields('"model":"nobody,m"') },
  {
    name: 'the wrong types',
    expected: [400],
    change: withText((body) => body.replaceAll(/"(messages|input)":/g, '"$1":7,"was":')),
  },
  {
    name: 'a gzip bomb',
    expected: [413],
    change: (request) => withHeaders(['content-encoding', 'gzip'])(withBody(bomb)(request)),
  },
  { name: 'damaged gzip', expected: [400], change: withHeaders(['content-encoding', 'gzip']) },
  { name: 'an unknown encoding', expected: [400], change: withHeaders(['content-encoding', 'constructor']) },
  {
    name: 'an encoding of 9000 characters',
    expected: [400],
    change: withHeaders(['content-encoding', 'x'.repeat(9000)]),
  },
  {
    name: 'an encoding twice',
    expected: [400],
    change: (request) =>
      withHeaders(['content-encoding', 'gzip, gzip'])(withBody(gzipSync(gzipSync(String(request.body))))(request)),
  },
  { name: 'a form', expected: [415], change: instead(['content-type', 'text/plain']) },
  {
    name: 'no content type',
    expected: [415],
    change: (request) => ({ ...request, headers: (request.headers ?? []).filter(([name]) => name !== json[0]) }),
  },
];

export const headerAttacks: readonly Attack[] = [
  {
    name: 'no token',
    expected: [401, 403],
    change: (request) => ({
      ...request,
      headers: (request.headers ?? []).filter(([name]) => name !== 'authorization'),
    }),
  },
  { name: 'a wrong token', expected: [401, 403], change: instead(['authorization', 'Bearer wrong']) },
  {
    name: 'the beginning of a token',
    expected: [401, 403],
    change: (request) => ({
      ...request,
      headers: (request.headers ?? []).map(
        ([name, value]) => [name, name === 'authorization' ? value.slice(0, -1) : value] as const,
      ),
    }),
  },
  { name: 'a foreign host', expected: [403], change: withHeaders(['host', 'evil.test']) },
  { name: 'a host with user', expected: [403], change: withHeaders(['host', '127.0.0.1@evil.test']) },
  { name: 'two hosts', expected: [400], change: withHeaders(['host', '127.0.0.1'], ['host', 'evil.test']) },
  { name: 'no host', expected: [400, 403], change: withHeaders(['host', '']) },
  { name: 'a foreign origin', expected: [403], change: withHeaders(['origin', 'https://evil.test']) },
  { name: 'a sandboxed page', expected: [403], change: withHeaders(['origin', 'null']) },
  { name: 'an image of a page', expected: [403], change: withHeaders(['sec-fetch-site', 'cross-site']) },
  { name: 'an unknown place of a page', expected: [403], change: withHeaders(['sec-fetch-site', 'CROSS-SITE']) },
  {
    name: 'two places of a page',
    expected: [403],
    change: withHeaders(['sec-fetch-site', 'same-origin'], ['sec-fetch-site', 'cross-site']),
  },
  {
    name: 'an origin that begins as its own',
    expected: [403],
    change: withHeaders(['origin', 'http://127.0.0.1.evil.test']),
  },
  { name: 'a host that begins as loopback', expected: [403], change: withHeaders(['host', '127.0.0.1.evil.test']) },
  { name: 'a loopback address in another form', expected: [403], change: withHeaders(['host', '2130706433']) },
  { name: 'the unspecified address', expected: [403], change: withHeaders(['host', '0.0.0.0']) },
  { name: 'a list of hosts', expected: [403], change: withHeaders(['host', '127.0.0.1, evil.test']) },
  { name: 'a page on another port', expected: [403], change: withHeaders(['sec-fetch-site', 'same-site']) },
  { name: 'headers of 100 KB', expected: [431, 0], change: withHeaders(['x-long', 'x'.repeat(100_000)]) },
  { name: 'a control character in a header', expected: [400, 0], change: withHeaders(['x-odd', 'a\u0000b']) },
  { name: 'TRACE', expected: [404, 405, 401], change: (request) => ({ ...request, method: 'TRACE', body: '' }) },
  { name: 'CONNECT', expected: [0, 400, 404], change: (request) => ({ ...request, method: 'CONNECT', body: '' }) },
  { name: 'a made-up method', expected: [400, 0], change: (request) => ({ ...request, method: 'STEAL', body: '' }) },
  {
    name: 'a preflight of a foreign page',
    expected: [403],
    change: (request) =>
      withHeaders(
        ['origin', 'https://evil.test'],
        ['access-control-request-method', 'POST'],
      )({ ...request, method: 'OPTIONS', body: '' }),
  },
  {
    name: 'a WebSocket',
    expected: [426],
    change: (request) => ({
      ...withHeaders(['upgrade', 'websocket'], ['connection', 'upgrade'])(request),
      method: 'GET',
      body: '',
    }),
  },
  {
    name: 'an encoded slash',
    expected: [404, 405, 401],
    change: withPath((path) => `/%2e%2e${path}%2f`),
  },
  { name: 'a climbing path', expected: [404, 405], change: withPath((path) => `/v1/../../..${path}`) },
  { name: 'a scope that climbs', expected: [400], change: withPath((path) => `/w/..%2f..%2fetc${path}`) },
  {
    name: 'a preset with a line break',
    expected: [400],
    change: withPath((path) => `/preset/a%0d%0aset-cookie:%20x${path}`),
  },
  {
    name: 'a preset of 5000 characters',
    expected: [400],
    change: withPath((path) => `/preset/${'p'.repeat(5000)}${path}`),
  },
  { name: 'an absolute URL', expected: [403], change: withPath((path) => `http://evil.test${path}`) },
];

/** Whatever names an address in a conversation is the provider's business: the gateway itself connects to none. */
export function urlBodies(url: string): readonly [endpoint: string, body: object][] {
  const tool = { type: 'mcp', server_label: 'x', server_url: url };
  return [
    [
      '/v1/chat/completions',
      {
        messages: user([
          { type: 'image_url', image_url: { url } },
          { type: 'file', file: { file_data: url } },
        ]),
      },
    ],
    [
      '/v1/responses',
      {
        input: user([
          { type: 'input_image', image_url: url },
          { type: 'input_file', file_url: url },
        ]),
        tools: [tool],
      },
    ],
    [
      '/v1/messages',
      {
        messages: user([
          { type: 'image', source: { type: 'url', url } },
          { type: 'document', source: { type: 'url', url } },
        ]),
        max_tokens: 9,
        mcp_servers: [{ type: 'url', url, name: 'x' }],
      },
    ],
    ['/v1/responses', { input: 'Hi', base_url: url, webhook: { url }, api_base_url: url }],
  ];
}
