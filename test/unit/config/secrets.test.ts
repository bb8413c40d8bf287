import { expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { secretsOf } from '../../../src/config/secrets.ts';

const provider = { name: 'a', api_base_url: 'https://a.test/v1', models: ['m'] };
const secrets = (changes: object, more: object = {}): string[] =>
  secretsOf(configSchema.parse({ Providers: [{ ...provider, ...changes }], Router: { default: 'a,m' }, ...more }));

it.each([
  ['keys', { api_key: 'key-number-1', api_keys: ['key-number-2', 'key-number-1'] }, ['key-number-1', 'key-number-2']],
  [
    'headers',
    {
      extra_headers: {
        Authorization: 'Bearer from-header',
        'X-Api-Key': 'other-header',
        'X-Auth': 'ApiKey third-header',
        'X-Corp-Route': 'fourth-header',
      },
    },
    ['from-header', 'other-header', 'third-header', 'fourth-header'],
  ],
  [
    'no header with a public value',
    {
      extra_headers: {
        accept: 'application/json',
        'anthropic-beta': 'files-api-2025-04-14',
        'x-api-version': '2026-01-01',
        'http-referer': 'https://example.com/app',
        'x-short': 'true',
      },
    },
    [],
  ],
  ['the header for the key', { auth_header: 'X-Own', extra_headers: { 'x-own': 'from-header' } }, ['from-header']],
  [
    'the query of a URL, but not its plain parameters',
    { api_base_url: 'https://a.test/v1?key=from%2Fquery&api-version=2026-01-01' },
    ['from/query', 'from%2Fquery'],
  ],
  [
    'the user of a URL',
    { api_base_url: 'https://username:pass%40word@a.test/v1' },
    expect.arrayContaining(['pass@word']),
  ],
  ['nothing too short to be a secret', { api_key: 'none', extra_headers: { 'x-api-key': 'ollama' } }, []],
])('finds %s', (_, changes, expected) => {
  expect(secrets(changes)).toEqual(expected);
});

it("finds the proxy's password, also as sent, and the client token", () => {
  const basic = Buffer.from('username:proxy-password').toString('base64');
  const found = secrets({}, { PROXY_URL: 'username:proxy-password@proxy.test:8080', APIKEY: 'token-of-clients' });
  expect(found).toEqual(['username', 'proxy-password', basic, 'token-of-clients']);
});
