// What scripts and the dashboard of ccr-rust ask, by curl as its documentation writes it, of a running gateway.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatScript } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { providerEntry, startGateway, upstreamKey, type Gateway } from './gateway.ts';

let standIn: StandIn;
let gateway: Gateway;
beforeAll(async () => {
  standIn = await startStandIn({
    provider: 'openai-chat',
    script: chatScript({ reasoning: '', text: 'Hello' }),
    apiKey: upstreamKey,
  });
  gateway = await startGateway({
    Providers: [providerEntry('one', standIn, ['m'], { tier_name: 'tier-one' })],
    Router: { default: 'one,m' },
    Presets: { coding: { route: 'one,m', max_tokens: 100, temperature: 0.2 } },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

const run = promisify(execFile);

async function curl(path: string, ...options: string[]): Promise<string> {
  const { stdout } = await run('curl', ['-sS', '--fail-with-body', ...options, gateway.url + path]);
  return stdout;
}

const json = async (path: string): Promise<unknown> => JSON.parse(await curl(path)) as unknown;

const post = (path: string, body: object): Promise<string> =>
  curl(path, '-X', 'POST', '-H', 'Content-Type: application/json', '-H', 'Authorization: Bearer test', '-d', JSON.stringify(body)); // prettier-ignore

const messages = [{ role: 'user', content: 'What is 15 * 23?' }];

/** As ccr-rust's own types: whole numbers, fractions, texts. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
  return typeof value;
}

describe('requests', () => {
  test.each([
    ['/v1/chat/completions', { model: 'm', messages, max_tokens: 1000 }, '"content":"Hello"'],
    ['/v1/chat/completions', { model: 'one,m', messages, stream: true }, 'data: [DONE]'],
    ['/v1/messages', { model: 'one,m', messages, max_tokens: 1000 }, '"text":"Hello"'],
    ['/v1/responses', { model: 'm', input: 'What is 15 * 23?', max_output_tokens: 100 }, '"text":"Hello"'],
    ['/preset/coding/v1/messages', { messages, max_tokens: 100 }, '"text":"Hello"'],
    ['/preset/coding/v1/chat/completions', { messages }, '"content":"Hello"'],
  ])('POST %s', async (path, body, expected) => {
    expect((await post(path, body)).replaceAll('": ', '":')).toContain(expected);
  });

  test('an unknown preset is a 404', async () => {
    await expect(post('/preset/none/v1/messages', { messages, max_tokens: 1 })).rejects.toMatchObject({
      stdout: expect.stringContaining('none') as string,
    });
  });
});

describe('the dashboard and its endpoints', () => {
  const [number, string] = ['number', 'string'];

  test('/v1/usage', async () => {
    const usage = (await json('/v1/usage')) as Record<string, unknown>;
    expect(shapeOf(usage)).toEqual({
      total_requests: number,
      total_failures: number,
      total_input_tokens: number,
      total_output_tokens: number,
      total_cost_usd: number,
      active_streams: number,
      active_requests: number,
      tiers: [
        {
          tier: string,
          requests: number,
          failures: number,
          input_tokens: number,
          output_tokens: number,
          cache_read_tokens: number,
          cache_creation_tokens: number,
          cost_usd: number,
          avg_duration_seconds: number,
        },
      ],
    });
    // Its types are unsigned integers, which a fraction or null would break.
    for (const name of [
      'total_requests',
      'total_failures',
      'total_input_tokens',
      'total_output_tokens',
      'active_streams',
      'active_requests',
    ])
      // prettier-ignore
      expect(Number.isInteger(usage[name]), name).toBe(true);
    expect(usage).toMatchObject({ total_requests: 6, total_failures: 0, tiers: [{ tier: 'tier-one', requests: 6 }] });
  });

  test.each([
    ['/v1/latencies', { tier: string, ewma_seconds: number, sample_count: number }],
    [
      '/v1/token-drift',
      {
        tier: string,
        samples: number,
        cumulative_local: number,
        cumulative_upstream: number,
        cumulative_drift_pct: number,
        last_local: number,
        last_upstream: number,
        last_drift_pct: number,
      },
    ],
    [
      '/v1/throughput',
      {
        tier: string,
        samples: number,
        avg_ttft_seconds: number,
        p50_ttft_seconds: number,
        p90_ttft_seconds: number,
        p99_ttft_seconds: number,
        avg_tokens_per_second: number,
        p50_tokens_per_second: number,
        recent: [
          {
            ttft_seconds: number,
            tokens_per_second: number,
            output_tokens: number,
            generation_seconds: number,
            timestamp: string,
          },
        ],
      },
    ],
    ['/v1/frontend-metrics', { frontend: string, requests: number, avg_latency_ms: number }],
    [
      '/v1/token-audit',
      {
        timestamp: string,
        tier: string,
        message_tokens: number,
        system_tokens: number,
        tool_tokens: number,
        total_tokens: number,
      },
    ],
    ['/v1/presets', { name: string, route: string, max_tokens: number, temperature: number }],
  ])('%s', async (path, expected) => {
    expect(shapeOf(await json(path))).toEqual([expected]);
  });

  test('/health, /v1/models and the metrics that its guide greps', async () => {
    expect(await json('/health')).toMatchObject({ status: 'healthy' });
    const { object, data, models } = (await json('/v1/models')) as {
      object: string;
      data: { id: string }[];
      models: unknown;
    };
    expect(models).toEqual([]);
    expect(object).toBe('list');
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['one,m', 'm']));
    const metrics = await curl('/metrics');
    expect(metrics).toContain('ccr_requests_total{tier="tier-one"} 6');
    expect(metrics).toMatch(/^# TYPE ccr_failures_total counter$/m);
    const headers = await curl('/metrics', '-o', '/dev/null', '-D', '-');
    expect(headers).toMatch(/content-type: text\/plain; version=0\.0\.4/i);
  });

  test('ccr status and ccr clear-stats', async () => {
    const status = await gateway.ccr(['status', '--port', String(gateway.port)]);
    expect([status.code, status.stdout]).toEqual([0, expect.stringContaining(String(gateway.port))]);
    expect((await gateway.ccr(['clear-stats'])).code).toBe(0);
    expect(await json('/v1/usage')).toMatchObject({ total_requests: 0 });
  });
});
