import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configFiles } from '../../../src/config/files.ts';
import { configHealth } from '../../../src/config/health.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { placeholderKey } from '../../../src/config/placeholder.ts';
import { providerKeys } from '../../../src/config/providers.ts';
import { configFile, home, homeDotenv, load, messages, plain, readFrom, usable } from './loading.ts';

const workspaceFolder = path.resolve('/work/app');
const workspaceDotenv = path.join(workspaceFolder, '.env');
const withProvider = (change: object) => ({ ...plain, Providers: [{ ...plain.Providers[0], ...change }] });
const withKey = withProvider({ api_key: '${KEY}' });

describe('where a variable comes from', () => {
  const files = { [workspaceDotenv]: 'KEY=workspace\n', [homeDotenv]: 'export KEY="home" # mine\r\n' };
  it.each([
    ['the environment', { environment: { KEY: 'process' }, workspaceFolder, files }, 'process'],
    ["the workspace's .env", { workspaceFolder, files }, 'workspace'],
    [
      "the workspace's .env, when the environment has it empty",
      { environment: { KEY: '' }, workspaceFolder, files },
      'workspace',
    ],
    [
      "the workspace's .env, when the environment holds CCR's placeholder",
      { environment: { KEY: placeholderKey }, workspaceFolder, files },
      'workspace',
    ],
    ["the user's .env, without a trusted workspace", { files }, 'home'],
  ])('%s', (_, options, key) => {
    const loaded = usable(load(withKey, options));
    expect(loaded.config.Providers[0]?.api_key).toBe(key);
    expect(loaded.problems).toEqual([]);
  });

  it('returns the files to watch', () => {
    const options = { environment: {}, homeDirectory: home, workspaceFolder };
    expect(configFiles(options)).toEqual([configFile, workspaceDotenv, homeDotenv]);
  });

  it('reads ${secret:NAME} from the secret storage', () => {
    const content = withProvider({ api_key: '${secret:mine}', extra_headers: { 'x-org': 'o-${secret:mine}' } });
    const loaded = usable(load(content, { secrets: { mine: 's' } }));
    expect(loaded.config.Providers[0]).toMatchObject({ api_key: 's', extra_headers: { 'x-org': 'o-s' } });
    expect(load(content).usable && messages(load(content))[0]).toContain('${secret:mine} is not in the secret storage');
  });

  it("prefers the key that was stored under the provider's name", () => {
    const loaded = usable(load(withKey, { environment: { KEY: 'old' }, secrets: { deepseek: 'stored' } }));
    expect(loaded.config.Providers[0]?.api_key).toBe('stored');
    expect(usable(load(withKey, { secrets: { deepseek: 'stored' } })).problems).toEqual([]);
  });

  it.each([
    ['EISDIR', []],
    ['EACCES', ["Can't read this file: EACCES."]],
  ])('a .env that fails with %s', (code, expected) => {
    const files = readFrom({ [configFile]: JSON.stringify(plain) });
    const readFile = (file: string): string => (file === workspaceDotenv ? fail(code) : files(file));
    const loaded = loadConfig({ environment: {}, homeDirectory: home, workspaceFolder, readFile });
    expect(messages(loaded)).toEqual(expected);
    expect(loaded.usable).toBe(true);
  });
});

function fail(code: string): never {
  throw Object.assign(new Error(code), { code });
}

describe('substitution', () => {
  it('happens after parsing, once, and anywhere in a string', () => {
    const environment = { KEY: '",\n"x": "${OTHER}', OTHER: 'never' };
    expect(usable(load(withProvider({ api_key: 'a${KEY}b' }), { environment })).config.Providers[0]?.api_key).toBe(
      'a",\n"x": "${OTHER}b',
    );
  });

  it('does not read inherited object members', () => {
    expect(usable(load(withProvider({ api_key: '${secret:constructor}' }))).providers[0]?.enabled).toBe(false);
    expect(
      usable(load(withProvider({ api_key: '${constructor}' }), { files: { [homeDotenv]: '' } })).providers[0],
    ).toMatchObject({ enabled: false });
  });

  it('reports references that are not a variable', () => {
    expect(messages(load(withProvider({ api_key: '${KEY:-none}' })))[0]).toContain('${KEY:-none} is neither ${NAME}');
  });

  it('ignores other dollar signs', () => {
    const loaded = usable(load(withProvider({ api_key: 'pa$$word$KEY' }), { environment: { KEY: 'k' } }));
    expect(loaded.config.Providers[0]?.api_key).toBe('pa$$word$KEY');
  });

  it('drops a value with a warning if its variable is not set', () => {
    const loaded = usable(load({ ...plain, PROXY_URL: 'http://${PROXY}', HOST: '${HOST}' }));
    expect(loaded.config.HOST).toBe('127.0.0.1');
    expect(loaded.config).not.toHaveProperty('PROXY_URL');
    expect(loaded.problems).toMatchObject([
      { severity: 'warning', path: 'PROXY_URL', message: 'PROXY_URL is ignored: ${PROXY} is not set.' },
      { severity: 'warning', path: 'HOST' },
    ]);
  });

  it('never fills in the placeholder, and says where it comes from', () => {
    const content = withProvider({ extra_headers: { 'x-key': '${KEY}', 'x-secret': '${secret:KEY}' } });
    const sources = { environment: { KEY: placeholderKey }, secrets: { KEY: placeholderKey } };
    const loaded = usable(load(content, sources));
    expect(JSON.stringify(loaded.config)).not.toContain(placeholderKey);
    expect(messages(loaded)).toEqual([
      expect.stringContaining('${KEY} holds only the placeholder'),
      expect.stringContaining('${secret:KEY} is not in the secret storage'),
    ]);
  });

  it('says which variable a required value lacks', () => {
    const loaded = load({ ...plain, Router: { default: '${ROUTE}' } });
    expect(loaded.usable).toBe(false);
    expect(messages(loaded)).toEqual(['${ROUTE} is not set.']);
  });
});

describe('what a .env file may not set', () => {
  const files = { [homeDotenv]: 'BASE=https://evil.example/v1\nCCR_KEY=k' };

  it.each([
    [{ HOST: '${BASE}' }, 'HOST'],
    [{ PROXY_URL: '${BASE}' }, 'PROXY_URL'],
    [{ Persistence: { redis_url: '${BASE}' } }, 'Persistence.redis_url'],
    [{ DebugCapture: { output_dir: '${BASE}' } }, 'DebugCapture.output_dir'],
    [{ allowedHosts: ['${BASE}'] }, 'allowedHosts[0]'],
    [{ allowedOrigins: ['${BASE}'] }, 'allowedOrigins[0]'],
    [{ Presets: { a: { route: 'deepseek,deepseek-chat', user: '${CCR_KEY}' } } }, 'Presets.a.user'],
  ])('%j', (change, place) => {
    const loaded = usable(load({ ...plain, ...change }, { files }));
    expect(JSON.stringify(loaded.config)).not.toContain('evil');
    expect(loaded.problems).toMatchObject([
      {
        path: place,
        message: expect.stringMatching(/is set only in .*\.env, and a \.env file may not set this value/),
      },
    ]);
    const environment = { BASE: place === 'HOST' ? '::1' : 'file:/x', CCR_KEY: 'k' };
    expect(messages(load({ ...plain, ...change }, { files, environment }))).toEqual([]);
  });

  it('the URL of a provider: it is off', () => {
    const loaded = usable(load(withProvider({ api_base_url: '${BASE}' }), { files }));
    expect(loaded.providers).toEqual([
      { name: 'deepseek', enabled: false, reason: expect.any(String), wording: expect.any(Array) },
    ]);
    expect(messages(loaded)).toEqual([
      expect.stringMatching(/^Provider deepseek is off: \$\{BASE\} is set only in .*\.env/),
    ]);
  });

  it('CCR_CONFIG, CCR_TOKEN', () => {
    const files = { [homeDotenv]: 'CCR_CONFIG=/other.json\nCCR_TOKEN=t' };
    expect(usable(load(plain, { files }))).toMatchObject({ file: configFile, access: { required: false } });
  });
});

describe('a provider without a key', () => {
  it.each([
    ['its variable is not set', { api_key: '${KEY}' }, {}],
    ['its variable is empty', { api_key: '${KEY}' }, { KEY: '' }],
    ["its variable holds CCR's placeholder", { api_key: '${KEY}' }, { KEY: placeholderKey }],
    ["its key is CCR's placeholder", { api_key: placeholderKey }, {}],
    ['its key is empty', { api_key: '' }, {}],
    ['its key is written as claude-code-router does', { api_key: '$KEY' }, {}],
    ['no key of its pool is set', { api_key: undefined, api_keys: ['${KEY}', ''] }, {}],
    ['it has none', { api_key: undefined }, {}],
    ['its local server wants one that is not set', { api_key: '${KEY}', api_base_url: 'http://127.0.0.1:1234/v1' }, {}],
  ])('is off: %s', (_, change, environment) => {
    const loaded = usable(load(withProvider(change), { environment }));
    expect(loaded.providers).toEqual([
      {
        name: 'deepseek',
        enabled: false,
        reason: expect.any(String),
        remedy: expect.stringMatching(/^Set it in the environment/),
        wording: expect.any(Array),
        needsKey: true,
      },
    ]);
    const problem = loaded.problems[0];
    expect(problem).toMatchObject({
      severity: 'warning',
      message: expect.stringMatching(/^Provider deepseek is off: /),
    });
    expect(problem?.line).toBeGreaterThan(1);
    expect(configHealth(loaded)).toMatchObject({
      status: 'degraded',
      reasons: [expect.stringMatching(/^Router.default's provider deepseek is off: /)],
    });
  });

  it('points at the key itself', () => {
    const text =
      '{\n  "Providers": [{\n    "name": "a", "api_base_url": "https://a.example",\n    "api_key": "${KEY}", "models": []\n  }],\n  "Router": {"default": "a,b"}\n}';
    expect(load(text).problems[0]).toMatchObject({ line: 4, column: 16, path: 'Providers[0].api_key' });
  });

  it.each([
    ['http://localhost:11434/v1', {}],
    ['http://127.1.2.3:8000', { api_key: '' }],
    ['http://[::1]:8000/v1', {}],
    ['https://lan.example', { extra_headers: { Authorization: 'Bearer x' } }],
    ['https://lan.example', { auth_header: 'X-Key', extra_headers: { 'x-key': 'x' } }],
    ['https://lan.example', { api_keys: ['', 'b', 'b', 'c'] }],
  ])('is fine at %s with %j', (api_base_url, change) => {
    const loaded = usable(load(withProvider({ api_key: undefined, api_base_url, ...change })));
    expect(loaded.providers).toEqual([{ name: 'deepseek', enabled: true }]);
    expect(configHealth(loaded)).toEqual({ status: 'healthy' });
  });

  it('uses the keys of a pool that are set, without duplicates', () => {
    const content = withProvider({ api_key: 'a', api_keys: ['${A}', 'a', '${B}'] });
    const loaded = usable(load(content, { environment: { B: 'b' } }));
    expect(loaded.config.Providers.map(providerKeys)).toEqual([['a', 'b']]);
    expect(messages(loaded)).toEqual(['Providers[0].api_keys[0] is ignored: ${A} is not set.']);
  });

  it.each(['ftp://a.example', 'api.example.com/v1', 'demo:'])('is off at %s', (api_base_url) => {
    expect(usable(load(withProvider({ api_base_url }))).providers).toMatchObject([{ enabled: false }]);
  });

  it('uses only the first of two with one name', () => {
    const [provider] = plain.Providers;
    const loaded = usable(load({ ...plain, Providers: [provider, { ...provider, api_key: '' }] }));
    expect(loaded.providers).toEqual([{ name: 'deepseek', enabled: true }]);
    expect(loaded.problems).toMatchObject([{ severity: 'error', path: 'Providers[1].name' }]);
  });
});

describe('APIKEY', () => {
  it.each([
    [{}, {}, undefined, { required: false }],
    [{ APIKEY: 'file' }, {}, undefined, { required: true, token: 'file' }],
    [{ APIKEY: '${T}' }, { T: 'variable' }, undefined, { required: true, token: 'variable' }],
    [{ APIKEY: 'file' }, { CCR_TOKEN: 'environment' }, undefined, { required: true, token: 'environment' }],
    [{}, { CCR_TOKEN: '' }, undefined, { required: false }],
    [{}, {}, true, { required: true, token: undefined }],
  ])('%j with %j and %j requires a token: %j', (change, environment, requireToken, access) => {
    expect(usable(load({ ...plain, ...change }, { environment, overrides: { requireToken } })).access).toEqual(access);
  });

  it('never opens the gateway because its variable is not set', () => {
    const loaded = load({ ...plain, APIKEY: '${T}' });
    expect(loaded.usable).toBe(false);
    expect(loaded.problems).toMatchObject([
      { severity: 'error', path: 'APIKEY', message: expect.stringContaining('${T} is not set') },
    ]);
  });
});

it('never repeats a value that came from a variable or could be a key', () => {
  const secret = 'sk-very-secret';
  const content = {
    PORT: '${S}',
    Providers: [
      { name: 'a', api_base_url: `https://user:${secret}@`, api_key: secret, models: [] },
      { name: 'b', api_base_url: 'https://b.example', api_key: { value: secret }, models: [] },
      { name: 'c', api_base_url: 'https://c.example', api_keys: secret, models: [] },
      { name: 'd', api_base_url: 'https://d.example', api_key: secret, models: ['x'], protocol: '${S}' },
    ],
    Router: { default: '${S},x', think: 'd,${S}', image: '${S}' },
  };
  const secrets = { S: secret };
  const loaded = load(JSON.stringify(content), { environment: { S: secret }, secrets });
  const withoutPort = load({ ...content, PORT: 1 }, { environment: { S: secret }, secrets });
  expect(loaded.problems.length).toBeGreaterThan(3);
  expect(withoutPort.problems.length).toBeGreaterThan(5);
  expect(withoutPort.usable).toBe(true);
  expect(JSON.stringify([loaded, withoutPort].map((each) => [each.problems, configHealth(each)]))).not.toContain(
    secret,
  );
});
