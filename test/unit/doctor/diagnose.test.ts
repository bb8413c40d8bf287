import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { spokenAll, type Wording } from '../../../src/canonical/wording.ts';
import { connectCodexConfig } from '../../../src/clients/codexConfig.ts';
import type { FaultyPart } from '../../../src/gateway/liveCheck.ts';
import { diagnose } from '../../../src/doctor/diagnose.ts';
import type { DoctorFacts } from '../../../src/doctor/facts.ts';
import { configFile, home, load, plain, readFrom } from '../config/loading.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { testedVersions } from '../../e2e/installClients.mjs';
import { stateOf } from '../vscode/fakes.ts';

const url = 'http://127.0.0.1:3456';
const running = (changes: Parameters<typeof stateOf>[0] = {}): DoctorFacts['port'] => ({
  kind: 'ccr',
  state: stateOf({ url, version: '1.0.0', configFile, ...changes }),
});

const connected = connectCodexConfig('', {
  baseUrl: `${url}/w/shared/v1`,
  catalogUrl: `${url}/v1/models`,
  tokenCommand: { command: '/h', args: [] },
}).text;

/** A terminal of VS Code on a machine where everything works. */
function healthy(changes: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    version: '1.0.0',
    nodeVersion: '24.1.0',
    environment: { CCR_URL: url, CCR_SCOPE: 's', OPENAI_BASE_URL: `${url}/v1` },
    config: load(plain),
    port: running(),
    isContainer: false,
    codex: { file: '/bin/codex', version: '0.169.0' },
    claude: { file: '/bin/claude', version: '2.1.330' },
    shims: { codex: 'first', claude: 'first' },
    codexConfig: connected,
    isCodexRecorded: true,
    tokenHelper: '/h',
    resolves: () => Promise.resolve(true),
    isListening: () => Promise.resolve(true),
    checkProviders: () => Promise.resolve([{ provider: 'deepseek', model: 'deepseek-chat', durationMs: 1 }]),
    ...changes,
  };
}

const fault = (part: FaultyPart, message = 'said no'): Partial<DoctorFacts> => ({
  checkProviders: () =>
    Promise.resolve([{ provider: 'deepseek', model: 'deepseek-chat', durationMs: 1, fault: { part, message } }]),
});

const [provider] = plain.Providers;
const withProvider = (changes: object): Partial<DoctorFacts> => ({
  config: load({ ...plain, Providers: [{ ...provider, ...changes }] }),
});
const terminal = healthy().environment;

const faults: [id: string, planted: Partial<DoctorFacts>, named: RegExp][] = [
  ['node', { nodeVersion: '20.11.1' }, /20\.11\.1.*22\.19/],
  ['config-unusable', { config: load('{ "Providers": [') }, /config\.json/],
  ['host', { config: load({ ...plain, HOST: '0.0.0.0' }) }, /config\.json:15:\d+: .*0\.0\.0\.0.*token/],
  [
    'config-missing',
    { config: loadConfig({ environment: {}, homeDirectory: home, readFile: readFrom({}) }) },
    /no config/,
  ],
  ['config', { config: load({ ...plain, Router: { default: 'depseek,deepseek-chat' } }) }, /Did you mean "deepseek"/],
  // Also where its name has that of a provider without a key in it.
  [
    'config',
    {
      config: load({
        ...plain,
        Providers: [
          ...plain.Providers,
          { ...provider, name: 'seek', api_key: '${NO_KEY}' },
          { ...provider, name: 'xseek', models: 'm' },
        ],
      }),
    },
    /^[^ ]*config\.json:\d+:\d+: Provider xseek is off: .*expected array/,
  ],
  ['config', withProvider({ api_base_url: 'no URL' }), /Provider deepseek is off: .*URL/],
  ['key-missing', withProvider({ api_key: '${NO_SUCH_KEY}' }), /deepseek is off/],
  ['port-taken', { port: { kind: 'stranger', port: 3456, owner: 'nginx (pid 7)' } }, /3456.*nginx \(pid 7\)/],
  ['not-running', { port: { kind: 'nobody', port: 3456 } }, /3456/],
  ['stale-config', { port: running({ stale: true }) }, /last valid/],
  ['degraded', { port: running({ status: 'degraded', reasons: ['No target.'] }) }, /No target/],
  ['other-config', { port: running({ configFile: '/else.json' }) }, /else\.json/],
  ['other-version', { port: running({ version: '0.9.0' }) }, /0\.9\.0/],
  ['proxy-invalid', { environment: { ...terminal, HTTPS_PROXY: 'http://a b', NO_PROXY: '*' } }, /HTTPS_PROXY/],
  [
    'proxy-down',
    {
      environment: { ...terminal, HTTPS_PROXY: 'http://proxy:8080', NO_PROXY: '*' },
      isListening: () => Promise.resolve(false),
    },
    /proxy:8080/,
  ],
  ['no-proxy', { environment: { ...terminal, HTTPS_PROXY: 'http://proxy:8080' } }, /NO_PROXY lacks/],
  ['dns', { resolves: (host) => Promise.resolve(host !== 'api.deepseek.com') }, /api\.deepseek\.com/],
  [
    'container-host',
    {
      ...withProvider({ api_base_url: 'http://localhost:11434/v1' }),
      isContainer: true,
      isListening: () => Promise.resolve(false),
    },
    /localhost:11434.*container/,
  ],
  ['tls', fault('connection', 'unable to verify the first certificate'), /certificate/],
  ['provider-connection', fault('connection', 'ECONNREFUSED'), /ECONNREFUSED/],
  ['provider-key', fault('key'), /said no/],
  ['provider-quota', fault('quota'), /said no/],
  ['provider-model', fault('model'), /deepseek-chat/],
  ['provider-endpoint', fault('endpoint'), /said no/],
  ['provider-provider', fault('provider'), /said no/],
  ['stale-terminal', { environment: { ...terminal, CCR_URL: 'http://127.0.0.1:4000' } }, /:4000.*:3456/],
  ['base-url', { environment: { ...terminal, OPENAI_BASE_URL: 'https://api.example.org/v1' } }, /api\.example\.org/],
  ['shim', { shims: { codex: 'behind', claude: 'first' } }, /codex comes before.*PATH/],
  ['shim', { shims: { codex: 'missing', claude: 'missing' } }, /codex of CCR is not in PATH/],
  ['claude-shim', { shims: { codex: 'first', claude: 'behind' } }, /claude comes before.*PATH/],
  [
    'claude-shim',
    {
      environment: { CCR_URL: url, CCR_SCOPE: 's', ANTHROPIC_BASE_URL: `${url}/w/s` },
      shims: { codex: 'missing', claude: 'missing' },
    },
    /claude of CCR is not in PATH/,
  ],
  ['codex-config', { codexConfig: 'model_provider = "openai"\n' }, /was changed since/],
  ['codex-url', { codexConfig: connected.replaceAll(':3456', ':3999') }, /another gateway/],
  ['codex-helper', { tokenHelper: undefined }, /missing/],
  ['codex-missing', { codex: { file: undefined, version: undefined } }, /not in PATH/],
  ['codex-old', { codex: { file: '/c', version: '0.36.0' } }, /0\.36\.0/],
  ['codex-new', { codex: { file: '/c', version: '0.200.0' } }, /0\.200\.0/],
  ['claude-old', { claude: { file: '/c', version: '2.0.9' } }, /2\.0\.9/],
  ['claude-new', { claude: { file: '/c', version: '3.0.0' } }, /3\.0\.0/],
];

it.each(['codex', 'claude'] as const)('the doctor knows the versions of %s that the tests run', async (client) => {
  const [oldest = '', newest = ''] = testedVersions[client];
  for (const version of [oldest, newest]) {
    expect(await diagnose(healthy({ [client]: { file: '/bin/x', version } }))).toEqual([]);
  }
  const newer = newest.replace(/\d+$/, (patch) => String(Number(patch) + 1));
  const older = oldest.replace(/\d+\.\d+$/, (rest) => `${Number.parseInt(rest, 10) - 1}.0`);
  for (const version of [older, newer]) {
    expect(await diagnose(healthy({ [client]: { file: '/bin/x', version } }))).toHaveLength(1);
  }
});
const bundles = ['de', 'zh-cn'].map(
  (language) => JSON.parse(readFileSync(`l10n/bundle.l10n.${language}.json`, 'utf8')) as Record<string, string>,
);

/** The messages that a bundle lacks. What is only a value is the same in each language. */
function untranslated(sentences: readonly Wording[]): string[] {
  const missing: string[] = [];
  for (const bundle of bundles)
    spokenAll(sentences, (message) => {
      if (message !== '{0}' && bundle[message] === undefined) missing.push(message);
      return message;
    });
  return missing;
}

describe('the doctor', () => {
  it('finds nothing where everything works', async () => {
    expect(await diagnose(healthy())).toEqual([]);
    const plainTerminal = { environment: {}, codexConfig: undefined, isCodexRecorded: false, tokenHelper: undefined };
    expect(await diagnose(healthy({ ...plainTerminal, claude: { file: undefined, version: undefined } }))).toEqual([]);
  });

  it('has more than 25 faults to find', () => {
    expect(new Set(faults.map(([id]) => id)).size).toBeGreaterThanOrEqual(25);
  });

  it.each(faults)('names %s first', async (id, planted, named) => {
    const [first] = await diagnose(healthy(planted));
    expect(first).toMatchObject({ id, message: expect.stringMatching(named), fix: expect.stringMatching(/\w/) });
  });

  it('knows the provider whose key is to be set', async () => {
    for (const planted of [fault('key'), withProvider({ api_key: '${NO_SUCH_KEY}' })]) {
      const [first] = await diagnose(healthy(planted));
      expect(first).toMatchObject({ command: 'ccr.setProviderApiKey', argument: 'deepseek' });
    }
  });

  it.each(faults)('says %s in German and Chinese too', async (id, planted) => {
    const found = await diagnose(healthy(planted));
    for (const { message, fix, wording, fixWording } of found) {
      expect([spokenAll(wording), spokenAll(fixWording)]).toEqual([message, fix]);
      expect(untranslated([...wording, ...fixWording]), id).toEqual([]);
    }
  });

  it('names what breaks requests before what only one client misses', async () => {
    const findings = await diagnose(
      healthy({ ...fault('key'), shims: { codex: 'behind', claude: 'first' }, nodeVersion: '18.0.0' }),
    );
    expect(findings.map(({ id }) => id)).toEqual(['node', 'provider-key', 'shim']);
  });

  it('misses no shim of a client that is not to use CCR in this terminal', async () => {
    const environment = { CCR_URL: url, CCR_SCOPE: 's', ANTHROPIC_BASE_URL: `${url}/w/s` };
    expect(await diagnose(healthy({ environment, shims: { codex: 'missing', claude: 'first' } }))).toEqual([]);
  });

  it('knows that the gateway may have a key from the secret storage', async () => {
    const withKey = running({ providers: [{ name: 'deepseek', enabled: true }] });
    expect(await diagnose(healthy({ ...withProvider({ api_key: '${NO_SUCH_KEY}' }), port: withKey }))).toEqual([]);
  });

  it('asks no provider that is off', async () => {
    const checkProviders = (): never => {
      throw new Error('asked');
    };
    const findings = await diagnose(healthy({ ...withProvider({ api_key: '${NO_SUCH_KEY}' }), checkProviders }));
    expect(findings.map(({ id }) => id)).toEqual(['key-missing']);
  });
});
