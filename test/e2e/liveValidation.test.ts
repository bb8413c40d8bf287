// `ccr validate --live`: reports what is wrong with a key, a model or an endpoint, with the provider's own error text.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type ProviderName, type StandIn } from '../upstream/standIn.ts';
import { freePort, providerEntry, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const script = always(turn({ reasoning: 'They want an OK.', text: 'OK' }));
const all: { provider: ProviderName; model: string; protocol?: string }[] = [
  { provider: 'deepseek', model: 'deepseek-flash' },
  { provider: 'glm', model: 'glm-5.3' },
  { provider: 'minimax', model: 'MiniMax-M3' },
  { provider: 'kimi', model: 'kimi-k3' },
  { provider: 'openai-chat', model: 'gpt-4o' },
  { provider: 'openai-responses', model: 'gpt-5.6', protocol: 'responses' },
  { provider: 'anthropic', model: 'claude-sonnet-4-5', protocol: 'anthropic' },
  { provider: 'openrouter', model: 'anthropic/claude-sonnet-5' },
  { provider: 'xai-chat', model: 'grok-4.6' },
  { provider: 'xai-responses', model: 'grok-4.7', protocol: 'responses' },
  { provider: 'qwen', model: 'qwen3.8-max' },
  { provider: 'groq', model: 'openai/gpt-oss-120b' },
  { provider: 'gemini', model: 'gemini-3.8-flash' },
  { provider: 'mistral', model: 'mistral-medium-3.5' },
  { provider: 'ollama', model: 'qwen3-coder' },
  { provider: 'lmstudio', model: 'qwen3-coder' },
  { provider: 'vllm', model: 'qwen3-coder' },
  { provider: 'llamacpp', model: 'qwen3-coder' },
];

describe('ccr validate --live', () => {
  let standIns: StandIn[];
  let gateway: Gateway;
  let unused: number;
  beforeAll(async () => {
    standIns = await Promise.all(
      all.map(({ provider, model }) => startStandIn({ provider, script, apiKey: upstreamKey, models: [model] })),
    );
    unused = await freePort();
    const [deepseek] = standIns;
    if (!deepseek) throw new Error('There is no stand-in.');
    gateway = await startGateway({
      Providers: [
        ...standIns.map((standIn, index) => {
          const { provider = '', model = '', protocol } = all[index] ?? {};
          return providerEntry(provider, standIn, [model], protocol ? { protocol } : {});
        }),
        providerEntry('wrong-model', deepseek, ['deepseek-flash', 'deepseek-typo']),
        providerEntry('pool', deepseek, ['deepseek-flash'], { api_keys: ['a-key-that-was-revoked'] }),
        { ...providerEntry('nowhere', deepseek, ['m']), api_base_url: `http://127.0.0.1:${unused}/v1` },
        { ...providerEntry('wrong-path', deepseek, ['deepseek-flash'], { protocol: 'anthropic' }) },
        { ...providerEntry('stored', deepseek, ['deepseek-flash']), api_key: '${secret:stored}' },
      ],
      Router: { default: 'deepseek,deepseek-flash' },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(standIns.map((standIn) => standIn.close()));
  });

  test("reports which models work, and the provider's own error for the others", async () => {
    const { code, stdout, stderr } = await gateway.ccr(['validate', '--live']);
    expect(code).toBe(1);
    const works = stdout.split('\n').filter((line) => line.includes(' works ('));
    expect(works.map((line) => line.replace(/ works \(\d+\.\d s\)\.$/, ''))).toEqual([
      ...all.map(({ provider, model }) => `${provider},${model}`),
      'wrong-model,deepseek-flash',
      'pool,deepseek-flash with key 1',
    ]);
    expect(stderr).toContain('wrong-model,deepseek-typo does not work: the model was rejected. Model Not Exist');
    expect(stderr).toMatch(
      /pool,deepseek-flash with key 2 does not work: the key or its permissions were rejected\. \S+/,
    );
    expect(stderr).toContain(
      `nowhere,m does not work: it can't be reached. http://127.0.0.1:${unused} refused the connection.`,
    );
    expect(stderr).toContain('wrong-path,deepseek-flash does not work: the endpoint does not match the config');
    expect(stderr).toContain('stored was not asked: ${secret:stored} is not in the secret storage.');
    expect(stdout + stderr).not.toContain('revoked');
  });

  test('prints JSON', async () => {
    const { code, stdout } = await gateway.ccr(['validate', '--live', '--json']);
    const { valid, live } = JSON.parse(stdout) as { valid: boolean; live: { checks: object[] } };
    expect({ code, valid }).toEqual({ code: 1, valid: false });
    expect(live.checks).toContainEqual(expect.objectContaining({ provider: 'kimi', model: 'kimi-k3' }));
  });

  test('sends no requests without --live', async () => {
    const before = standIns.map(({ requests }) => requests.length);
    expect((await gateway.ccr(['validate'])).code).toBe(0);
    expect(standIns.map(({ requests }) => requests.length)).toEqual(before);
  });
});
