import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach } from '../../src/control/client.ts';
import { createLog } from '../../src/observe/log.ts';
import { runGateway, type RunningGateway } from '../../src/server/run.ts';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlpReceiver.ts';

const requests = 1000;
const planted = {
  key: 'sk-planted-4f9a8b7c6d5e',
  prompt: 'planted-prompt-of-the-user',
  collectorToken: 'planted-token-of-the-collector',
};

/** What the stand-in has counted of one tier. `nanoUsd`: by the prices of the config. */
type Count = {
  requests: number;
  failures: number;
  input: number;
  output: number;
  cached: number;
  written: number;
  nanoUsd: number;
};

const counts: Record<string, Count> = {};
let attempts = 0;
/** How often each kind of request came, so that no kind is missing. */
const seen = { streamed: 0, whole: 0, failed: 0, brokenOff: 0, cached: 0, fallback: 0 };

const provider = createServer((request, response) => {
  const tier = request.url?.split('/')[1] ?? '';
  const count = (counts[tier] ??= { requests: 0, failures: 0, input: 0, output: 0, cached: 0, written: 0, nanoUsd: 0 });
  let text = '';
  request.on('data', (data: Buffer) => (text += data.toString()));
  request.on('end', () => {
    const attempt = ++attempts;
    const number = Number(/number (\d+)/.exec(text)?.[1]);
    count.requests++;
    // Every tenth request finds its first provider down, others fail now and then.
    if ((tier === 'one' && number % 10 === 3) || attempt % 13 === 0) {
      count.failures++;
      seen.failed++;
      response.writeHead(attempt % 2 === 0 ? 500 : 429, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `Not now, ${planted.key}, for ${planted.prompt}.` } }));
      return;
    }
    const { stream = false } = JSON.parse(text) as { stream?: boolean };
    const isBroken = stream && attempt % 8 === 0;
    seen[stream ? 'streamed' : 'whole']++;
    if (tier !== 'one' && number % 10 === 3) seen.fallback++;
    if (isBroken) {
      seen.brokenOff++;
      count.failures++;
    }
    const answer = tier === 'three' ? messagesAnswer : chatAnswer;
    send(answer(attempt, count, stream), stream, isBroken, response);
  });
});

/** The events of a stream without the last one, or a whole answer, and the last event. */
type Answer = { body: object[]; last: string };

function send({ body, last }: Answer, stream: boolean, isBroken: boolean, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  if (!stream) return void response.end(JSON.stringify(body[0]));
  const events = body.map((event) => {
    const name = 'type' in event ? `event: ${String(event.type)}\n` : '';
    return `${name}data: ${JSON.stringify(event)}\n\n`;
  });
  // All of it arrives, then the connection ends.
  if (isBroken) response.write(events.join(''), () => response.socket?.end());
  else response.end(events.join('') + last);
}

function chatAnswer(attempt: number, count: Count, stream: boolean): Answer {
  const [input, output, cached] = [100 + (attempt % 50), 1 + (attempt % 9), attempt % 30];
  const reportsCost = attempt % 5 === 0;
  count.input += input;
  count.output += output;
  count.cached += cached;
  count.nanoUsd += reportsCost ? 123_456 : (input - cached) * 1000 + cached * 100 + output * 10_000;
  if (cached > 0) seen.cached++;
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    prompt_tokens_details: { cached_tokens: cached },
    ...(reportsCost && { cost: 0.000_123_456, is_byok: false }),
  };
  const of = (event: object) => ({ id: 'c', model: 'm', ...event });
  if (!stream) {
    const message = { role: 'assistant', content: 'Hi' };
    return { body: [of({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage })], last: '' };
  }
  const delta = { content: `Hi, ${planted.prompt}` };
  const events = [{ choices: [{ index: 0, delta, finish_reason: null }] }, { choices: [], usage }];
  const end = of({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  return { body: events.map(of), last: `data: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n` };
}

/** With a cache that is written for 5 minutes and for an hour. */
function messagesAnswer(attempt: number, count: Count, stream: boolean): Answer {
  const [fresh, output, cached, minutes, hour] = [10 + (attempt % 7), 1 + (attempt % 5), attempt % 40, attempt % 6, attempt % 4]; // prettier-ignore
  count.input += fresh + cached + minutes + hour;
  count.output += output;
  count.cached += cached;
  count.written += minutes + hour;
  count.nanoUsd += fresh * 1000 + cached * 100 + (minutes + hour) * 1250 + output * 10_000;
  if (cached > 0) seen.cached++;
  const usage = {
    input_tokens: fresh,
    output_tokens: output,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: minutes + hour,
    cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
  };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'o',
    stop_reason: null,
    stop_sequence: null,
  };
  const block = { type: 'text', text: 'Hi' };
  if (!stream) return { body: [{ ...message, content: [block], stop_reason: 'end_turn', usage }], last: '' };
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } };
  return {
    body: [
      { type: 'message_start', message: { ...message, content: [], usage: { ...usage, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `Hi, ${planted.prompt}` } },
      { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: output } },
    ],
    last: [{ type: 'content_block_stop', index: 0 }, end, { type: 'message_stop' }]
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
  };
}

let home = '';
let gateway: RunningGateway;
let receiver: OtlpReceiver;
const logged: string[] = [];

function startGateway(environment: Record<string, string> = {}): Promise<RunningGateway> {
  return runGateway({
    file: path.join(home, 'config.json'),
    environment,
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

const targets = ['one,m', 'two,n', 'three,o'];

async function ask(number: number): Promise<void> {
  const stream = number % 3 !== 0;
  const content = `${planted.prompt}, number ${number} of them`;
  const messages = [{ role: 'user', content }];
  const [endpoint, body] = [
    ['/v1/chat/completions', { messages }],
    ['/v1/messages', { max_tokens: 99, messages }],
    ['/v1/responses', { input: content }],
  ][(number % 4) % 3] as [string, object];
  const response = await fetch(gateway.url + endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${planted.key}` },
    body: JSON.stringify({ ...body, model: targets[number % 10 === 3 ? 0 : number % 3], stream }),
  });
  // One that breaks off is an error in the stream, or ends it.
  await response.text().catch(() => undefined);
}

beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  home = mkdtempSync(path.join(tmpdir(), 'ccr-figures-'));
  const base = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const pricing = {
    input_per_million_tokens: 1,
    output_per_million_tokens: 10,
    cache_read_per_million_tokens: 0.1,
    cache_write_per_million_tokens: 1.25,
  };
  const of = (name: string, model: string) => ({
    name,
    api_base_url: `${base}/${name}/v1`,
    api_key: planted.key,
    models: [model],
    pricing,
  });
  const retries = { max_retries: 2, base_backoff_ms: 1, max_backoff_ms: 2 };
  const config = {
    Providers: [of('one', 'm'), of('two', 'n'), { ...of('three', 'o'), protocol: 'anthropic' }],
    Router: { default: 'one,m', tiers: targets, tierRetries: { one: retries, two: retries, three: retries } },
    Persistence: { mode: 'file' },
  };
  writeFileSync(path.join(home, 'config.json'), JSON.stringify(config));
  receiver = await startOtlpReceiver();
  gateway = await startGateway({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${planted.collectorToken}`,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
  });
  for (let first = 0; first < requests; first += 10)
    await Promise.all(Array.from({ length: 10 }, (_, index) => ask(first + index)));
}, 180_000);

afterAll(async () => {
  await gateway.stop(0);
  await receiver.close();
  provider.close();
  rmSync(home, { recursive: true, force: true });
});

type Usage = { total_cost_usd: number; tiers: Record<string, number | string>[] };

const expectedTiers = () =>
  Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([tier, { requests: sent, failures, input, output, cached, written, nanoUsd }]) => ({
      tier,
      requests: sent,
      failures,
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: cached,
      cache_creation_tokens: written,
      cost_usd: nanoUsd / 1e9,
    }));

const total = (name: keyof Count) => Object.values(counts).reduce((all, count) => all + count[name], 0);

/** Everything that was said: by the endpoints, in the log, to the collector. */
const said: string[] = [];

describe(`after ${requests} requests`, () => {
  it('every kind of request was among them', () => {
    for (const [kind, count] of Object.entries(seen)) expect(count, kind).toBeGreaterThan(20);
    expect(Object.keys(counts)).toHaveLength(targets.length);
  });

  it('the usage is what the providers counted, exactly', async () => {
    const usage = await get<Usage>('/v1/usage');
    expect(usage.tiers).toMatchObject(expectedTiers());
    const all = Object.values(counts).reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
    expect(usage.total_cost_usd).toBe(all / 1e9);
    expect((await get<Usage>('/v1/usage?since=1h')).tiers).toEqual(usage.tiers);
  });

  it('the metrics are', async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    said.push(text);
    const valueOf = (name: string, tier: string) =>
      Number(new RegExp(`^${name}\\{tier="${tier}"\\} (.*)$`, 'm').exec(text)?.[1] ?? 0);
    for (const expected of expectedTiers())
      expect({
        tier: expected.tier,
        requests: valueOf('ccr_requests_total', expected.tier),
        failures: text
          .split('\n')
          .filter((line) => line.startsWith(`ccr_failures_total{tier="${expected.tier}"`))
          .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0),
        input_tokens: valueOf('ccr_input_tokens_total', expected.tier),
        output_tokens: valueOf('ccr_output_tokens_total', expected.tier),
        cache_read_tokens: valueOf('ccr_cache_read_tokens_total', expected.tier),
        cache_creation_tokens: valueOf('ccr_cache_creation_tokens_total', expected.tier),
        cost_usd: valueOf('ccr_cost_usd_total', expected.tier),
      }).toEqual(expected);
  });

  it('the records are', async () => {
    const attached = await attach({ homeDirectory: home, port: gateway.port });
    if (attached.kind !== 'ccr') throw new Error('The gateway does not answer.');
    const records = await attached.client.requests({});
    said.push(JSON.stringify(records), JSON.stringify(await attached.client.state()));
    const sum = (read: (record: (typeof records)[number]) => number | undefined) =>
      records.reduce((all, record) => all + (read(record) ?? 0), 0);
    expect(records).toHaveLength(requests);
    expect(sum(({ attempts: made }) => made.length)).toBe(total('requests'));
    expect(sum(({ inputTokens }) => inputTokens)).toBe(total('input'));
    expect(sum(({ outputTokens }) => outputTokens)).toBe(total('output'));
    expect(sum(({ costUsd }) => Math.round((costUsd ?? 0) * 1e9))).toBe(total('nanoUsd'));
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

  it('the stored files say the same to the next gateway', async () => {
    const before = await get<Usage>('/v1/usage');
    const pages = ['usage', 'token-drift', 'token-audit', 'throughput', 'frontend-metrics', 'latencies', 'models'];
    for (const page of pages) said.push(JSON.stringify(await get(`/v1/${page}`)));
    said.push(JSON.stringify(await get('/health')));
    await gateway.stop(1000);
    gateway = await startGateway();
    expect((await get<Usage>('/v1/usage')).tiers).toEqual(before.tiers);
    const attached = await attach({ homeDirectory: home, port: gateway.port });
    const kept = attached.kind === 'ccr' ? await attached.client.requests({}) : [];
    expect(kept).toHaveLength(requests);
    expect(kept.reduce((sum, each) => sum + (each.inputTokens ?? 0), 0)).toBe(total('input'));
    expect(kept.reduce((sum, each) => sum + (each.outputTokens ?? 0), 0)).toBe(total('output'));
    expect(kept.reduce((sum, each) => sum + Math.round((each.costUsd ?? 0) * 1e9), 0)).toBe(total('nanoUsd'));
  });

  it('the sums of the OTLP collector are the same', () => {
    expect(receiver.problems).toEqual([]);
    const attemptSpans = receiver.spans.filter(({ kind }) => kind === 3);
    expect(receiver.spans.filter(({ kind }) => kind === 2)).toHaveLength(requests);
    const spanSum = (tier: string, name: string, scale = 1) =>
      attemptSpans
        .filter(({ attributes }) => attributes['ccr.tier'] === tier)
        .reduce((sum, { attributes }) => sum + Math.round(Number(attributes[name] ?? 0) * scale), 0);
    const pointsOf = (metric: string, tier: string) =>
      (receiver.metrics.get(metric)?.points ?? []).filter(({ attributes }) => attributes['ccr.tier'] === tier);
    const metricSum = (metric: string, tier: string) =>
      pointsOf(metric, tier).reduce((sum, { value }) => sum + value, 0);
    const counted = (tier: string) => pointsOf('gen_ai.client.inference.duration', tier);
    const countOf = (points: readonly { count?: number }[]) => points.reduce((sum, { count = 0 }) => sum + count, 0);
    const usage = 'gen_ai.client.inference.usage';
    for (const [tier, expected] of Object.entries(counts)) {
      const ofTier = attemptSpans.filter(({ attributes }) => attributes['ccr.tier'] === tier);
      expect({
        requests: ofTier.length,
        failures: ofTier.filter(({ status }) => status.code === 2).length,
        input: spanSum(tier, 'gen_ai.usage.input_tokens'),
        output: spanSum(tier, 'gen_ai.usage.output_tokens'),
        cached: spanSum(tier, 'gen_ai.usage.cache_read.input_tokens'),
        written: spanSum(tier, 'gen_ai.usage.cache_write.input_tokens'),
        nanoUsd: spanSum(tier, 'ccr.usage.cost', 1e9),
      }).toEqual(expected);
      expect({
        requests: countOf(counted(tier)),
        failures: countOf(counted(tier).filter(({ attributes }) => 'error.type' in attributes)),
        input: metricSum(`${usage}.input_tokens`, tier),
        output: metricSum(`${usage}.output_tokens`, tier),
        cached: metricSum(`${usage}.cache_read.input_tokens`, tier),
        written: metricSum(`${usage}.cache_write.input_tokens`, tier),
        // The collector adds floating-point numbers, in the order in which concurrent requests ended.
        nanoUsd: Math.round(metricSum('ccr.usage.cost', tier) * 1e9),
      }).toEqual(expected);
    }
  });

  it('no file, log line, page, metric, record or span has a key or a prompt', () => {
    const folder = path.join(home, '.claude-code-router');
    const written = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));
    // Stored responses, sealed, and the records of requests are among them.
    expect(written.filter((text) => text.startsWith('ccr1:')).length).toBeGreaterThan(100);
    expect(written.some((text) => text.includes('"attempts":['))).toBe(true);
    expect(said.length).toBeGreaterThan(8);
    expect(logged.length).toBeGreaterThan(requests);
    expect(receiver.requests.length).toBeGreaterThan(1);
    for (const text of [...written, ...said, ...logged, ...receiver.requests.map((request) => request.text)])
      for (const secret of Object.values(planted)) expect(text.includes(secret), text.slice(0, 500)).toBe(false);
  });

  it('clear-stats sets all back to zero', async () => {
    const attached = await attach({ homeDirectory: home, port: gateway.port });
    if (attached.kind === 'ccr') await attached.client.clearStats();
    expect(await get<Usage>('/v1/usage')).toMatchObject({ total_cost_usd: 0, tiers: [] });
  });
});
