import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  checkAddress,
  checkContentType,
  checkNames,
  checkOrigin,
  checkToken,
  type GuardSettings,
} from '../../../src/server/guard.ts';

const settings: GuardSettings = {
  boundHost: '127.0.0.1',
  port: 3456,
  allowedHosts: ['CCR.test', 'with-port.test:8080'],
  allowedOrigins: ['https://app.test'],
  token: undefined,
};

function requestWith(headers: IncomingHttpHeaders): { headers: IncomingHttpHeaders } {
  return { headers };
}

describe('checkOrigin', () => {
  it.each([
    '127.0.0.1:3456',
    'localhost:3456',
    'LOCALHOST',
    '[::1]:3456',
    'ccr.test:3456',
    'with-port.test:8080',
    '127.8.8.8',
  ])('allows the host %s', (host) => {
    expect(checkOrigin(requestWith({ host }), settings)).toBeUndefined();
  });

  it.each([
    'evil.test',
    '127.0.0.1.evil.test',
    'localhost.evil.test:3456',
    '10.0.0.1:3456',
    '',
    '[::1].evil.test',
    '127.0.0.1@evil.test',
    '0.0.0.0:3456',
    '127.0.0.1:1:2',
    'with-port.test:81',
  ])('refuses the host "%s"', (host) => {
    expect(checkOrigin(requestWith({ host }), settings)).toMatchObject({ status: 403 });
  });

  it('refuses a request without a host', () => {
    expect(checkOrigin(requestWith({}), settings)).toMatchObject({ status: 403 });
  });

  it('allows an address as host only if it listens beyond loopback', () => {
    const open = { ...settings, boundHost: '0.0.0.0' };
    expect(checkOrigin(requestWith({ host: '192.168.1.5:3456' }), open)).toBeUndefined();
    expect(checkOrigin(requestWith({ host: 'evil.test:3456' }), open)).toMatchObject({ status: 403 });
  });

  it.each([
    ['https://app.test', undefined],
    ['http://127.0.0.1:3456', undefined],
    ['http://localhost:3456', undefined],
    ['http://[::1]:3456', undefined],
    ['http://localhost:3000', 403],
    ['https://evil.test', 403],
    ['null', 403],
    ['https://app.test.evil.test', 403],
  ])('checks the origin %s', (origin, status) => {
    expect(checkOrigin(requestWith({ host: 'localhost:3456', origin }), settings)?.status).toBe(status);
  });
});

it.each([
  [undefined, undefined],
  ['127.0.0.1:3456', undefined],
  ['ccr.test', undefined],
  ['api.openai.com', 403],
  ['127.0.0.1@evil.test', 403],
  ['', 403],
])('checks the host %s of a URL', (host, status) => {
  const address = { path: '/', query: new URLSearchParams(), ...(host !== undefined && { host }) };
  expect(checkAddress(address, settings)?.status).toBe(status);
});

describe('what a refusal says', () => {
  it.each([
    ['evil.test', 'Requests to the host "evil.test" are not allowed.'],
    [undefined, 'Requests to the host "" are not allowed.'],
  ])('of the host %s names it', (host, words) => {
    expect(checkOrigin({ headers: host === undefined ? {} : { host } }, settings)?.message).toContain(words);
  });

  it('of a missing type of content names none', () => {
    expect(checkContentType({ headers: {} })?.message).toContain('instead of "".');
  });
});

it('allows web pages of the host that it listens on', () => {
  const open = { ...settings, boundHost: 'ccr.lan' };
  const headers = { host: 'ccr.lan:3456', origin: 'http://ccr.lan:3456' };
  expect(checkOrigin({ headers }, open)).toBeUndefined();
  expect(checkOrigin({ headers }, { ...open, boundHost: '127.0.0.1', allowedHosts: ['ccr.lan'] })?.status).toBe(403);
  for (const host of ['127.0.0.1', 'localhost', '[::1]'])
    expect(checkOrigin({ headers: { host: 'ccr.lan:3456', origin: `http://${host}:3456` } }, open)).toBeUndefined();
});

it('allows an IPv6 address as host if it listens beyond loopback', () => {
  const headers = { host: '[2001:db8::1]:3456' };
  expect(checkOrigin({ headers }, { ...settings, boundHost: '::' })).toBeUndefined();
  expect(checkOrigin({ headers }, settings)?.status).toBe(403);
});

describe('checkToken', () => {
  it('allows every request if no token is set', () => {
    expect(checkToken(requestWith({}), undefined)).toBeUndefined();
  });

  it.each([
    [{ authorization: 'Bearer secret' }, undefined],
    [{ authorization: 'bearer secret' }, undefined],
    [{ 'x-api-key': 'secret' }, undefined],
    [{ authorization: 'Basic abc', 'x-api-key': 'secret' }, undefined],
    [{ authorization: 'Bearer placeholder', 'x-api-key': 'secret' }, undefined],
    [{ authorization: 'Bearer secret', 'x-api-key': 'placeholder' }, undefined],
    [{ authorization: 'Bearer placeholder', 'x-api-key': 'placeholder' }, 401],
    [{ authorization: 'Bearer ', 'x-api-key': '' }, 401],
    [{ authorization: 'Bearer secreT' }, 401],
    [{ authorization: 'Bearer secret2' }, 401],
    [{}, 401],
  ] as [Record<string, string>, number | undefined][])('checks %j', (headers, status) => {
    expect(checkToken(requestWith(headers), 'secret')?.status).toBe(status);
  });
});

describe('checkContentType', () => {
  it.each([
    ['application/json', undefined],
    ['Application/JSON; charset=utf-8', undefined],
    ['application/vnd.api+json', undefined],
    ['application/xjson', 415],
    ['application/json-seq', 415],
    ['json', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['', 415],
  ])('checks "%s"', (type, status) => {
    expect(checkContentType(requestWith({ 'content-type': type }))?.status).toBe(status);
  });
});

describe('a request of a web page without an Origin header', () => {
  it.each(['cross-site', 'same-site', 'CROSS-SITE', 'same-origin, cross-site', ''])('is refused: %s', (site) => {
    const headers = { host: 'localhost:3456', 'sec-fetch-site': site };
    expect(checkOrigin({ headers }, settings)).toMatchObject({ status: 403 });
    expect(checkOrigin({ headers: { ...headers, origin: 'https://app.test' } }, settings)).toBeUndefined();
  });

  it.each(['none', 'same-origin'])('is allowed if the user or CCR itself made it: %s', (site) => {
    expect(checkOrigin({ headers: { host: 'localhost:3456', 'sec-fetch-site': site } }, settings)).toBeUndefined();
  });
});

it('quotes no more of a header than a name has', () => {
  const long = 'x'.repeat(9000);
  const refusals = [
    checkOrigin({ headers: { host: long } }, settings),
    checkOrigin({ headers: { host: 'localhost', origin: long } }, settings),
    checkContentType({ headers: { 'content-type': long } }),
  ];
  for (const refusal of refusals) expect(refusal?.message.length).toBeLessThan(500);
});

it('refuses several Host headers', () => {
  const headers = { host: '127.0.0.1' };
  const rawHeaders = ['Host', '127.0.0.1', 'host', 'evil.test'];
  expect(checkOrigin({ headers, rawHeaders }, settings)).toMatchObject({ status: 400 });
  expect(checkOrigin({ headers, rawHeaders: ['Host', 'host'] }, settings)).toBeUndefined();
});

describe('checkNames', () => {
  it.each([
    {},
    { preset: 'p'.repeat(200) },
    { scope: 's'.repeat(64) },
    { preset: 'my preset, 漢字' },
    { scope: 'a-Z_9' },
  ])('allows %j', (names) => {
    expect(checkNames(names)).toBeUndefined();
  });

  it.each([
    { preset: 'p'.repeat(201) },
    { preset: 'a\r\nset-cookie: x' },
    { preset: '\u202e' },
    { scope: '../../etc' },
    { scope: 's'.repeat(65) },
    { scope: 'a\u0000' },
  ])('refuses %j', (names) => {
    expect(checkNames(names)).toMatchObject({ status: 400 });
  });
});
