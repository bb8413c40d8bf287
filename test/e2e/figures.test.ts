import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach } from '../../src/control/client.ts';
import { createLog } from '../../src/observe/log.ts';
import { runGateway, type RunningGateway } from '../../src/server/run.ts';

const requests = 1000;
const planted = { key: 'sk-planted-4f9a8b7c6d5e', prompt: 'planted-prompt-of-the-user' };

/** What the stand-in has counted of one tier. `nanoUsd`: by the prices of the config. */
type Count = { requests: number; failures: number; input: number; output: number; cached: number; nanoUsd: number };

const counts: Record<string, Count> = {};
let attempts = 0;

const provider = createServer((request, response) => {
  const tier = request.url?.split('/')[1] ?? '';
  const count = (counts[tier] ??= { requests: 0, failures: 0, input: 0, output: 0, cached: 0, nanoUsd: 0 });
  let text = '';
  request.on('data', (data: Buffer) => (text += data.toString()));
  request.on('end', () => {
    const number = ++attempts;
    count.requests++;
    if (number % 7 === 0) {
      count.failures++;
      response.writeHead(number % 2 === 0 ? 500 : 429, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"Not now."}}');
      return;
    }
    answer(JSON.parse(text) as { stream?: boolean }, number, count, response);
  });
});

function answer(
  { stream = false }: { stream?: boolean },
  number: number,
  count: Count,
  response: ServerResponse,
): void {
  const [input, output, cached] = [100 + (number % 50), 1 + (number % 9), number % 30];
  const reportsCost = number % 5 === 0;
  count.input += input;
  count.output += output;
  count.cached += cached;
  count.nanoUsd += reportsCost ? 123_456 : (input - cached) * 1000 + cached * 100 + output * 10_000;
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    prompt_tokens_details: { cached_tokens: cached },
    ...(reportsCost && { cost: 0.000_123_456, is_byok: false }),
  };
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  if (!stream) {
    const message = { role: 'assistant', content: 'Hi' };
    response.end(
      JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }),
    );
    return;
  }
  for (const event of [
    { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage },
  ])
    response.write(`data: ${JSON.stringify({ id: 'c', model: 'm', ...event })}\n\n`);
  response.end('data: [DONE]\n\n');
}

let home = '';
let gateway: RunningGateway;
const logged: string[] = [];

function startGateway(): Promise<RunningGateway> {
  return runGateway({
    file: path.join(home, 'config.json'),
    environment: {},
    homeDirectory: home,
    workspaceFolder: undefined,
    overrides: { port: 0, host: undefined },
    version: '1.0.0',
    log: createLog(
      () => 'debug',
      (level, message) => logged.push(`${level} ${message}`),
    ),
  });
}

async function get<T>(url: string): Promise<T> {
  return (await (await fetch(gateway.url + url)).json()) as T;
}

async function ask(number: number): Promise<void> {
  const stream = number % 3 === 0;
  const [endpoint, body] =
    number % 2 === 0
      ? ['/v1/chat/completions', { messages: [{ role: 'user', content: `${planted.prompt} ${number % 11}` }] }]
      : ['/v1/messages', { max_tokens: 99, messages: [{ role: 'user', content: `${planted.prompt} ${number % 13}` }] }];
  const model = number % 4 === 0 ? 'two,n' : 'one,m';
  const response = await fetch(gateway.url + endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${planted.key}` },
    body: JSON.stringify({ ...body, model, stream }),
  });
  await response.text();
}

beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  home = mkdtempSync(path.join(tmpdir(), 'ccr-figures-'));
  const base = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const pricing = { input_per_million_tokens: 1, output_per_million_tokens: 10, cache_read_per_million_tokens: 0.1 };
  const of = (name: string, model: string) => ({
    name,
    api_base_url: `${base}/${name}/v1`,
    api_key: planted.key,
    models: [model],
    pricing,
  });
  const retries = { max_retries: 2, base_backoff_ms: 1, max_backoff_ms: 2 };
  const config = {
    Providers: [of('one', 'm'), of('two', 'n')],
    Router: { default: 'one,m', tiers: ['one,m', 'two,n'], tierRetries: { one: retries, two: retries } },
    Persistence: { mode: 'file' },
  };
  writeFileSync(path.join(home, 'config.json'), JSON.stringify(config));
  gateway = await startGateway();
  for (let first = 0; first < requests; first += 10)
    await Promise.all(Array.from({ length: 10 }, (_, index) => ask(first + index)));
});

afterAll(async () => {
  await gateway.stop(0);
  provider.close();
  rmSync(home, { recursive: true, force: true });
});

type Usage = { total_cost_usd: number; tiers: Record<string, number | string>[] };

const expectedTiers = () =>
  Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([tier, { requests: sent, failures, input, output, cached, nanoUsd }]) => ({
      tier,
      requests: sent,
      failures,
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: cached,
      cost_usd: nanoUsd / 1e9,
    }));

describe(`after ${requests} requests`, () => {
  it('the usage is what the providers counted, exactly', async () => {
    const usage = await get<Usage>('/v1/usage');
    expect(usage.tiers).toMatchObject(expectedTiers());
    const all = Object.values(counts).reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
    expect(usage.total_cost_usd).toBe(all / 1e9);
    expect((await get<Usage>('/v1/usage?since=1h')).tiers).toEqual(usage.tiers);
  });

  it('the metrics are', async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    for (const { tier, ...values } of expectedTiers())
      expect(text).toContain(`ccr_cost_usd_total{tier="${tier}"} ${values.cost_usd}\n`);
    for (const { tier, input_tokens: input, output_tokens: output, requests: sent } of expectedTiers()) {
      expect(text).toContain(`ccr_input_tokens_total{tier="${tier}"} ${input}\n`);
      expect(text).toContain(`ccr_output_tokens_total{tier="${tier}"} ${output}\n`);
      expect(text).toContain(`ccr_requests_total{tier="${tier}"} ${sent}\n`);
    }
  });

  it('the records are', async () => {
    const attached = await attach({ homeDirectory: home, port: gateway.port });
    if (attached.kind !== 'ccr') throw new Error('The gateway does not answer.');
    const records = await attached.client.requests({});
    const sum = (read: (record: (typeof records)[number]) => number | undefined) =>
      records.reduce((total, record) => total + (read(record) ?? 0), 0);
    const total = (name: keyof Count) => Object.values(counts).reduce((all, count) => all + count[name], 0);
    expect(records).toHaveLength(requests);
    expect(sum(({ attempts: made }) => made.length)).toBe(total('requests'));
    expect(sum(({ inputTokens }) => inputTokens)).toBe(total('input'));
    expect(sum(({ outputTokens }) => outputTokens)).toBe(total('output'));
    expect(sum(({ costUsd }) => costUsd)).toBeCloseTo(total('nanoUsd') / 1e9, 9);
  });

  it('the other endpoints answer as dashboards read them', async () => {
    const [drift] = await get<object[]>('/v1/token-drift');
    expect(Object.keys(drift ?? {})).toEqual(['tier', 'samples', 'cumulative_local', 'cumulative_upstream', 'cumulative_drift_pct', 'last_local', 'last_upstream', 'last_drift_pct']); // prettier-ignore
    const audit = await get<object[]>('/v1/token-audit');
    expect(audit).toHaveLength(1024);
    expect(Object.keys(audit[0] ?? {})).toEqual(['timestamp', 'tier', 'message_tokens', 'system_tokens', 'tool_tokens', 'total_tokens']); // prettier-ignore
    expect(await get('/v1/throughput')).toBeInstanceOf(Array);
    const frontends = await get<{ frontend: string; requests: number }[]>('/v1/frontend-metrics');
    expect(frontends.reduce((sum, each) => sum + each.requests, 0)).toBe(requests);
  });

  it('the stored files say the same to the next gateway, and hold neither key nor prompt', async () => {
    const before = await get<Usage>('/v1/usage');
    await gateway.stop(1000);
    const folder = path.join(home, '.claude-code-router');
    const written = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    expect(written.length).toBeGreaterThan(0);
    for (const text of [...written, ...logged])
      for (const secret of Object.values(planted)) expect(text).not.toContain(secret);
    gateway = await startGateway();
    expect((await get<Usage>('/v1/usage')).tiers).toEqual(before.tiers);
    const attached = await attach({ homeDirectory: home, port: gateway.port });
    if (attached.kind === 'ccr') await attached.client.clearStats();
    expect(await get<Usage>('/v1/usage')).toMatchObject({ total_cost_usd: 0, tiers: [] });
  });
});
