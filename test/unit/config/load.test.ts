import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { configHealth } from '../../../src/config/health.ts';
import { demoUrl } from '../../../src/config/demo.ts';
import { configFile, home, load, messages, plain, readFrom, usable } from './loading.ts';

const named = (port: number) => JSON.stringify({ ...plain, PORT: port });
const withRouter = (router: object) => ({ ...plain, Router: { ...plain.Router, ...router } });
const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, '../../fixtures/config', name), 'utf8');

function refuse(): never {
  throw Object.assign(new Error('no'), { code: 'EACCES' });
}

it('says where the host is that needs a token, unless something else names it', () => {
  const [problem] = load({ ...plain, HOST: '0.0.0.0' }).problems;
  expect(problem).toMatchObject({ code: 'unsafe-host', severity: 'error', path: 'HOST', line: 15 });
  expect(load({ ...plain, HOST: '0.0.0.0', APIKEY: 'secret' }).problems).toEqual([]);
  const [overridden] = load(plain, { overrides: { host: '0.0.0.0' } }).problems;
  expect(overridden).toMatchObject({ code: 'unsafe-host' });
  expect(overridden).not.toHaveProperty('line');
});

it('says so of the demo as well', () => {
  const demo = (host: string) =>
    loadConfig({ environment: {}, homeDirectory: home, overrides: { host }, readFile: readFrom({}) });
  expect(demo('0.0.0.0')).toMatchObject({ source: 'demo', problems: [{ code: 'unsafe-host', severity: 'error' }] });
  expect(demo('127.0.0.1').problems).toEqual([]);
});

describe('where the config comes from', () => {
  const readFile = readFrom({
    [path.resolve('/work/by-option.json')]: named(1),
    [path.join(home, 'by-variable.json')]: named(2),
    [path.resolve('/etc/by-setting.json')]: named(3),
    [configFile]: named(4),
  });
  const base = { homeDirectory: home, workspaceFolder: path.resolve('/work'), readFile };

  it.each([
    [1, { file: 'by-option.json', settingFile: '/etc/by-setting.json' }, { CCR_CONFIG: '~/by-variable.json' }],
    [2, { settingFile: '/etc/by-setting.json' }, { CCR_CONFIG: '~/by-variable.json' }],
    [3, { settingFile: '/etc/by-setting.json' }, { CCR_CONFIG: '' }],
    [4, {}, {}],
  ])('takes file %i', (port, files, environment) => {
    expect(usable(loadConfig({ ...base, ...files, environment })).config.PORT).toBe(port);
  });

  it('runs the demo when there is no file at all', () => {
    const loaded = usable(loadConfig({ homeDirectory: home, environment: {}, readFile: readFrom({}) }));
    expect(loaded).toMatchObject({ source: 'demo', file: configFile, problems: [] });
    expect(loaded.config.Providers).toMatchObject([{ name: 'demo', api_base_url: demoUrl, models: ['demo'] }]);
    expect(loaded.config.Router.default).toBe('demo,demo');
    expect(configHealth(loaded)).toEqual({ status: 'healthy' });
  });

  it('does not run the demo if a named file is missing', () => {
    const loaded = loadConfig({ ...base, file: 'missing.json', environment: {} });
    expect(loaded.usable).toBe(false);
    expect(loaded.problems).toMatchObject([{ severity: 'error', file: path.resolve('/work/missing.json') }]);
    expect(messages(loaded)[0]).toContain('--config');
  });

  it('reports a file that cannot be read', () => {
    const loaded = loadConfig({ homeDirectory: home, environment: {}, readFile: refuse });
    expect(loaded.usable).toBe(false);
    expect(messages(loaded)).toContainEqual(expect.stringContaining('EACCES'));
  });

  it('lets the overrides win over the file', () => {
    const { config } = usable(load({ ...plain, PORT: 5, HOST: 'localhost' }, { overrides: { port: 0, host: '::1' } }));
    expect(config).toMatchObject({ PORT: 0, HOST: '::1' });
    expect(usable(load({ ...plain, PORT: 5 }, { overrides: { host: '' } })).config).toMatchObject({
      PORT: 5,
      HOST: '127.0.0.1',
    });
  });
});

describe('reading the file', () => {
  it('accepts comments, trailing commas and a byte order mark', () => {
    const text = `\uFEFF// mine\n${JSON.stringify(plain).slice(0, -1)}, /* why */ "PORT": 4000,\n}`;
    expect(usable(load(text)).config.PORT).toBe(4000);
  });

  it('locates a syntax error', () => {
    const loaded = load('{\n  "PORT": 3456\n  "HOST": "x"\n}');
    expect(loaded.usable).toBe(false);
    expect(loaded.problems).toMatchObject([{ severity: 'error', file: configFile, line: 3, column: 3 }]);
    expect(messages(loaded)[0]).toContain('comma expected');
  });

  it.each(['', '[]', '"x"'])('refuses %j', (text) => expect(load(text).usable).toBe(false));

  it('warns about a key that is written twice', () => {
    const loaded = load(`{"PORT": 1,\n ${JSON.stringify(plain).slice(1, -1)},\n "PORT": 2}`);
    expect(usable(loaded).config.PORT).toBe(2);
    expect(loaded.problems).toMatchObject([{ severity: 'warning', line: 1, column: 2 }]);
  });

  it('fills in the defaults', () => {
    expect(usable(load(plain)).config).toMatchObject({
      PORT: 3456,
      HOST: '127.0.0.1',
      API_TIMEOUT_MS: 600_000,
      POOL_MAX_IDLE_PER_HOST: 64,
      POOL_IDLE_TIMEOUT_MS: 90_000,
      SSE_BUFFER_SIZE: 32,
      Presets: {},
      Persistence: { mode: 'file' },
      DebugCapture: { enabled: false, max_files: 100, max_body_size: 1_048_576 },
      Frontend: { codex: { modelMappings: {} }, claudeCode: { modelMappings: {} } },
      Router: { longContextThreshold: 60_000, tierRetries: {}, ignoreDirect: false, forceNonStreaming: false },
      Providers: [{ protocol: 'openai', honor_ratelimit_headers: true }],
    });
  });

  it("fills in the defaults of a tier's retries", () => {
    const tierRetries = { 'tier-0': { max_retries: 5 } };
    const { config } = usable(load({ ...plain, Router: { ...plain.Router, tierRetries } }));
    expect(config.Router.tierRetries['tier-0']).toEqual({
      max_retries: 5,
      base_backoff_ms: 100,
      backoff_multiplier: 2,
      max_backoff_ms: 10_000,
      connect_timeout_ms: 5_000,
      stream_first_event_timeout_ms: 120_000,
      stream_idle_timeout_ms: 120_000,
    });
  });

  it('keeps every parameter of a preset', () => {
    const Presets = { coding: { route: 'deepseek,deepseek-chat', top_p: 0.5, seed: 7, stop: null } };
    const loaded = usable(load({ ...plain, Presets }));
    expect(loaded.config.Presets).toEqual(Presets);
    expect(loaded.problems).toEqual([]);
  });

  it('reads prices in camelCase', () => {
    const pricing = { inputPerMillionTokens: 1, output_per_million_tokens: 2, cacheReadPerMillionTokens: 0.1 };
    const provider = { ...plain.Providers[0], pricing, model_pricing: { 'deepseek-chat': pricing } };
    const loaded = usable(load({ ...plain, Providers: [provider] }));
    const expected = {
      input_per_million_tokens: 1,
      output_per_million_tokens: 2,
      cache_read_per_million_tokens: 0.1,
    };
    expect(loaded.config.Providers[0]).toMatchObject({
      pricing: expected,
      model_pricing: { 'deepseek-chat': expected },
    });
    expect(loaded.problems).toEqual([]);
  });

  it('converts the numbers and booleans that claude-code-router writes as strings', () => {
    const loaded = usable(
      load({ ...plain, API_TIMEOUT_MS: '600000', PORT: '${PORT}', LOG: 'true' }, { environment: { PORT: '99' } }),
    );
    expect(loaded.config).toMatchObject({ API_TIMEOUT_MS: 600_000, PORT: 99, LOG: true });
    expect(loaded.problems).toEqual([]);
  });

  it('treats an empty string or null as unset, as its settings page writes them', () => {
    const Router = { ...plain.Router, think: '', webSearch: null };
    const loaded = usable(load({ ...plain, Router, APIKEY: '', PROXY_URL: '', CUSTOM: undefined }));
    expect(loaded.problems).toEqual([]);
    expect(loaded.config.Router).not.toHaveProperty('think');
    expect(loaded.config).not.toHaveProperty('PROXY_URL');
    expect(loaded.access).toEqual({ required: false });
  });
});

describe('values out of range or of the wrong type', () => {
  it.each([
    ['PORT', 65_536],
    ['PORT', -1],
    ['PORT', 1.5],
    ['PORT', 'http'],
    ['API_TIMEOUT_MS', 0],
    ['API_TIMEOUT_MS', 2_147_483_648],
    ['SSE_BUFFER_SIZE', 0],
    ['HOST', 5],
    ['allowedHosts', 'example.com'],
    ['DebugCapture', { max_files: -1 }],
    ['DebugCapture', { max_body_size: 1.5 }],
    ['Persistence', { mode: 'sqlite' }],
    ['Router', { think: 'deepseek,deepseek-chat' }],
    ['Router', undefined],
  ])('%s: %j makes the config unusable, and the problem has its place', (key, value) => {
    const loaded = load({ ...plain, [key]: value });
    expect(loaded.usable).toBe(false);
    expect(loaded.problems).toMatchObject([
      { severity: 'error', file: configFile, path: expect.stringContaining(key) },
    ]);
    expect(configHealth(loaded)).toMatchObject({ status: 'degraded', reasons: [expect.stringContaining(key)] });
  });

  it('says what is missing', () => {
    expect(messages(load({ ...plain, Router: {} }))).toEqual(['Router.default: is missing.']);
  });

  it('turns off only the invalid provider', () => {
    const faulty = { name: 'zai', api_base_url: 'https://api.z.ai/v1', api_key: 'k', models: 'glm-5' };
    const loaded = usable(
      load({ Providers: [faulty, ...plain.Providers], Router: { ...plain.Router, think: 'zai,glm-5' } }),
    );
    expect(loaded.config.Providers.map(({ name }) => name)).toEqual(['deepseek']);
    expect(loaded.providers).toMatchObject([
      { name: 'zai', enabled: false },
      { name: 'deepseek', enabled: true },
    ]);
    expect(loaded.problems).toMatchObject([
      { severity: 'error', path: 'Providers[0].models', message: expect.stringMatching(/^Provider zai is off: /) },
    ]);
    expect(configHealth(loaded)).toEqual({ status: 'healthy' });
  });

  it('drops only the invalid preset', () => {
    const loaded = usable(load({ ...plain, Presets: { good: { route: 'deepseek,deepseek-chat' }, bad: {} } }));
    expect(Object.keys(loaded.config.Presets)).toEqual(['good']);
    expect(loaded.problems).toMatchObject([{ severity: 'error', path: 'Presets.bad.route' }]);
  });
});

describe('unknown keys', () => {
  it('are kept, with a warning at their place and a suggestion', () => {
    const loaded = usable(load('{\n "PROT": 1,\n' + JSON.stringify(plain).slice(1)));
    expect(loaded.config['PROT']).toBe(1);
    expect(loaded.problems).toEqual([
      {
        severity: 'warning',
        code: 'unknown-key',
        suggestion: 'PORT',
        message: 'Unknown key "PROT". Did you mean "PORT"?',
        wording: [
          { text: 'Unknown key "{0}".', values: ['PROT'] },
          { text: 'Did you mean "{0}"?', values: ['PORT'] },
        ],
        file: configFile,
        line: 2,
        column: 2,
        path: 'PROT',
      },
    ]);
  });

  it.each([
    [{ Router: { ...plain.Router, longcontext: 'deepseek,deepseek-chat' } }, 'Did you mean "longContext"?'],
    [{ Providers: [{ ...plain.Providers[0], apikey: 'k' }] }, 'Did you mean "api_key"?'],
    [{ Providers: [{ ...plain.Providers[0], pricing: { inputs: 1 } }] }, 'Unknown key "inputs".'],
    [{ Frontend: { Codex: {} } }, 'Did you mean "codex"?'],
    [{ Router: { ...plain.Router, tierRetries: { 'tier-0': { max_retry: 1 } } } }, 'Did you mean "max_retries"?'],
    [{ CUSTOM_ROUTER_PATH: '/x.js' }, 'CUSTOM_ROUTER_PATH has no effect: CCR runs no code'],
    [{ CLAUDE_PATH: '/usr/bin/claude' }, 'CLAUDE_PATH has no effect: `ccr claude` runs the `claude` on the PATH.'],
  ])('%j', (change, message) => {
    expect(messages(load({ ...plain, ...change }))).toEqual([expect.stringContaining(message)]);
  });

  it('are not reported if they begin with _ or are $schema', () => {
    const provider = { ...plain.Providers[0], _note: '${NOT_A_VARIABLE}' };
    expect(messages(load({ $schema: 'x', _comment: 'y', ...plain, Providers: [provider] }))).toEqual([]);
  });
});

describe('routes', () => {
  it.each([
    [withRouter({ think: 'depseek,deepseek-chat' }), 'error', 'Router.think', 'Did you mean "deepseek"?'],
    [withRouter({ think: 'deepseek' }), 'error', 'Router.think', 'must be "provider,model"'],
    [withRouter({ think: 'deepseek,deepseek-chta' }), 'warning', 'Router.think', 'Did you mean "deepseek-chat"?'],
    [withRouter({ tiers: ['default', 'nobody,x'] }), 'error', 'Router.tiers[1]', 'no provider "nobody"'],
    [withRouter({ webSearch: { search_provider: 'nobody,x' } }), 'error', 'Router.webSearch.search_provider', 'nobody'],
    [{ ...plain, Presets: { a: { route: 'nobody,x' } } }, 'error', 'Presets.a.route', 'nobody'],
    [
      { ...plain, Frontend: { codex: { modelMappings: { 'gpt-4o': 'nobody,x' } } } },
      'error',
      'Frontend.codex.modelMappings.gpt-4o',
      'nobody',
    ],
  ])('to unknown providers or models are reported: %#', (content, severity, place, message) => {
    const loaded = usable(load(content));
    expect(loaded.problems).toMatchObject([{ severity, path: place, message: expect.stringContaining(message) }]);
    expect(loaded.problems[0]?.line).toBeGreaterThan(1);
  });

  it('may name presets and routes in mappings, and commas in a model', () => {
    const Providers = [{ ...plain.Providers[0], models: ['deepseek-chat', 'a,b'] }];
    const Frontend = { codex: { modelMappings: { a: 'coding', b: 'think', c: ' deepseek , a,b ' } } };
    const Presets = { coding: { route: 'think' } };
    expect(messages(load({ ...withRouter({ think: 'deepseek,a,b' }), Providers, Presets, Frontend }))).toEqual([]);
  });
});

it('warns about unknown transformers, if the known ones are given', () => {
  const transformer = {
    use: ['deepseek', ['maxtoken', { max_tokens: 5 }], 'deepsek'],
    'deepseek-chat': { use: ['x'] },
  };
  const content = { ...plain, Providers: [{ ...plain.Providers[0], transformer }] };
  expect(load(content, { knownTransformers: ['deepseek', 'maxtoken'] }).problems).toMatchObject([
    { severity: 'warning', path: 'Providers[0].transformer.use[2]', message: expect.stringContaining('"deepseek"?') },
    { severity: 'warning', path: 'Providers[0].transformer.deepseek-chat.use[0]' },
  ]);
  expect(messages(load(content))).toEqual([]);
});

describe('existing files', () => {
  it.each([
    ['https://api.example.com/v1/messages', undefined, 'anthropic'],
    ['https://api.example.com/v1/responses/', undefined, 'responses'],
    ['https://api.example.com/v1/chat/completions', undefined, 'openai'],
    ['https://api.example.com/v1', undefined, 'openai'],
    ['https://api.example.com/v1/messages', 'openai', 'openai'],
  ])('a provider at %s that says %s speaks %s', (api_base_url, protocol, spoken) => {
    const provider = { name: 'a', api_base_url, api_key: 'k', models: ['m'], ...(protocol && { protocol }) };
    const loaded = usable(load({ Providers: [provider], Router: { default: 'a,m' } }));
    expect(loaded.config.Providers[0]?.protocol).toBe(spoken);
  });

  it('accepts the config of the setup guide without problems, given its keys', () => {
    const environment = { ZAI_API_KEY: 'a', DEEPSEEK_API_KEY: 'b', MINIMAX_API_KEY: 'c', OPENROUTER_API_KEY: 'd' };
    const loaded = usable(load(fixture('setup-guide.json'), { environment }));
    expect(loaded.problems).toEqual([]);
    expect(loaded.config).toMatchObject({ API_TIMEOUT_MS: 120_000, SSE_BUFFER_SIZE: 1024 });
    expect(loaded.providers.every(({ enabled }) => enabled)).toBe(true);
  });

  it('reads one of claude-code-router unchanged', () => {
    const loaded = usable(load(fixture('claude-code-router.json'), { environment: { OPENROUTER_API_KEY: 'k' } }));
    expect(loaded.config.Providers[0]?.api_key).toBe('k');
    expect(loaded.providers.map(({ enabled }) => enabled)).toEqual([true, true, true, false]);
    expect(messages(loaded)).toEqual([
      expect.stringContaining('NON_INTERACTIVE_MODE has no effect'),
      expect.stringContaining('Provider modelscope is off: it has no api_key'),
      expect.stringContaining('LOG_LEVEL has no effect: use the variable CCR_LOG'),
    ]);
    expect(configHealth(loaded)).toEqual({ status: 'healthy' });
  });
});
