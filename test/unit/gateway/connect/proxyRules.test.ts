import { describe, expect, it } from 'vitest';
import { createProxyFinder, proxyName } from '../../../../src/gateway/connect/proxyRules.ts';

const proxies = { http_proxy: 'http://plain.test:1', HTTPS_PROXY: 'user:pass@secure.test:2' };

function proxyOf(url: string, environment: Record<string, string> = {}): string | undefined {
  const proxy = createProxyFinder({ environment: { ...proxies, ...environment } })(new URL(url));
  return proxy && proxyName(proxy);
}

describe('createProxyFinder', () => {
  it('chooses the proxy by the scheme, and names it without credentials', () => {
    expect(proxyOf('http://a.test')).toBe('http://plain.test:1');
    expect(proxyOf('https://a.test')).toBe('http://secure.test:2');
    expect(createProxyFinder({ environment: {} })(new URL('https://a.test'))).toBeUndefined();
    const own = createProxyFinder({ proxyUrl: 'socks5://own.test:3', environment: proxies });
    expect(own(new URL('http://a.test'))).toMatchObject({ setting: 'PROXY_URL' });
  });

  it.each([
    'http://127.0.0.1:1',
    'http://127.1.2.3',
    'http://localhost:1234',
    'http://models.localhost',
    'https://localhost.',
    'http://[::1]:8080',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:127.9.9.9]',
    'http://0.0.0.0:11434',
    'http://[::]:1',
  ])('never uses one for this machine: %s', (url) => {
    expect(proxyOf(url)).toBeUndefined();
  });

  it.each([
    ['a.test', 'https://a.test', true],
    ['a.test', 'https://sub.A.test.', true],
    ['a.test', 'https://nota.test', false],
    ['.a.test', 'https://a.test', true],
    ['*.a.test', 'https://sub.a.test', true],
    ['*.a.test', 'https://a.test', false],
    ['a.test:8443', 'https://a.test:8443', true],
    ['a.test:8443', 'https://a.test', false],
    ['a.test:443', 'https://a.test', true],
    ['b.test, a.test', 'https://a.test', true],
    ['b.test a.test', 'https://a.test', true],
    ['*', 'https://a.test', true],
    ['*:80', 'https://a.test', false],
    ['10.0.0.0/8', 'http://10.1.2.3', true],
    ['10.0.0.0/8', 'http://11.1.2.3', false],
    ['10.0.0.0/8', 'http://10.test', false],
    ['10.0.0.0/99', 'http://10.1.2.3', false],
    ['192.168.1.5', 'http://192.168.1.5:8080', true],
    ['[fe80::1]:80', 'http://[fe80::1]', true],
    ['[fe80::1]:80', 'http://[fe80::1]:81', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['<local>', 'http://models', true],
    ['<local>', 'http://a.test', false],
  ])('reads NO_PROXY=%s for %s', (noProxy, url, isDirect) => {
    expect(proxyOf(url, { NO_PROXY: noProxy }) === undefined).toBe(isDirect);
  });

  it.each(['ftp://user:pass@a.test', 'http://user:pass@[bad'])('refuses %s without its password', (proxyUrl) => {
    const create = () => createProxyFinder({ proxyUrl, environment: {} });
    expect(create).toThrow(TypeError);
    expect(create).not.toThrow('pass');
  });
});
