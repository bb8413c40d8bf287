// Keys and prompts are planted, everything that writes is used, and then all that was written is searched: for the texts as they are,
// as Base64 or hexadecimal digits, encoded for a URL or JSON, and packed. Captures hold prompts on purpose, and no keys.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlpReceiver.ts';
import { plantedIn } from '../support/plantedForms.ts';
import type { JsonObject } from '../upstream/json.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { allKeys, allPrompts, keys, prompts, startQuotingProvider } from './plantedTexts.ts';
import { readPages, runCommands, talk } from './plantedUse.ts';
import { redisProgram, startRedis, type RedisServer } from './redisServer.ts';

let provider: { url: string; close(): void };
let receiver: OtlpReceiver;
const temporary = mkdtempSync(path.join(tmpdir(), 'ccr-planted-'));
let redis: RedisServer | undefined;
const open: Gateway[] = [];
/** All that was seen outside of files, by where it was. */
const seen = new Map<string, string>();
const note = (where: string, text: string): unknown => seen.set(`${where} (${seen.size})`, text);

async function start(more: JsonObject, environment: Record<string, string> = {}): Promise<Gateway> {
  const gateway = await startGateway(
    {
      Providers: [
        {
          name: 'one',
          api_base_url: provider.url,
          api_keys: ['${PLANTED_KEY}', 'another-key-of-the-provider'],
          extra_headers: { 'x-company': '${PLANTED_HEADER}' },
          models: ['answer', 'quote', 'break', 'limit'],
          pricing: { input_per_million_tokens: 1, output_per_million_tokens: 2 },
        },
      ],
      Router: { default: 'one,answer', tiers: ['one,answer', 'one,quote'], tierRetries: { one: { max_retries: 0 } } },
      Budgets: [
        { per: 'day', usd: 5 },
        { per: 'conversation', tokens: 100_000 },
      ],
      APIKEY: '${PLANTED_TOKEN}',
      ...more,
    },
    {
      PLANTED_KEY: keys.provider,
      PLANTED_HEADER: keys.header,
      PLANTED_TOKEN: keys.client,
      CCR_SEAL_KEY: keys.seal,
      CCR_LOG: 'debug',
      CCR_MODELS_DEV_URL: 'off',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${keys.collector}`,
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      ...environment,
    },
  );
  open.push(gateway);
  return gateway;
}

beforeAll(async () => {
  provider = await startQuotingProvider();
  receiver = await startOtlpReceiver();
  redis = redisProgram ? await startRedis(keys.redis) : undefined;
});
afterAll(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
  await receiver?.close();
  await redis?.stop();
  provider?.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** All files below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name));
}

/** Where planted texts are, by file. */
function foundIn(files: readonly string[], planted: readonly string[]): Record<string, string[]> {
  const found = files.map((file) => [file, plantedIn(readFileSync(file), planted)] as const);
  return Object.fromEntries(found.filter(([, each]) => each.length > 0));
}

const foundInSeen = (planted: readonly string[]) =>
  [...seen].map(([where, text]) => [where, plantedIn(text, planted)]).filter(([, found]) => found?.length !== 0);

const isCapture = (file: string): boolean => file.includes(`${path.sep}captures${path.sep}`);

describe('planted keys and prompts', () => {
  test('the search finds them in each form', () => {
    const { provider: key } = keys;
    const forms = [
      key,
      encodeURIComponent(key),
      JSON.stringify({ a: JSON.stringify(key) }),
      Buffer.from(`ab${key}c`).toString('base64'),
      Buffer.from(key).toString('hex'),
    ];
    for (const form of forms) expect(plantedIn(`... ${form} ...`, allKeys), form).toEqual([key]);
    expect(plantedIn(Buffer.concat([Buffer.from('x'), gzipSync(`{"a":"${key}"}`)]), allKeys)).toEqual([key]);
    expect(plantedIn('nothing of it', [...allKeys, ...allPrompts])).toEqual([]);
  });

  test('are nowhere that a gateway with files, captures and a collector writes', { timeout: 120_000 }, async () => {
    const environment = { TMPDIR: temporary };
    const more = { DebugCapture: { enabled: true, include_headers: true, capture_success: true, max_files: 500 } };
    const gateway = await start(more, environment);
    await talk(gateway);
    await runCommands(
      gateway,
      {
        ...environment,
        PLANTED_KEY: keys.provider,
        PLANTED_HEADER: keys.header,
        PLANTED_TOKEN: keys.client,
        CCR_SEAL_KEY: keys.seal,
      },
      note,
    );
    await readPages(gateway, note);
    await gateway.restart('SIGKILL');
    await talk(gateway);
    await readPages(gateway, note);
    await gateway.restart();
    note('the log', gateway.output());
    const files = [...filesIn(gateway.folders.home), ...filesIn(gateway.folders.workspace), ...filesIn(temporary)];
    const state = files.filter((file) => file.includes('/state/'));
    expect(state.length).toBeGreaterThan(5);
    expect(files.filter(isCapture).length).toBeGreaterThan(20);
    expect(files.some((file) => file.endsWith('bundle.json'))).toBe(true);
    expect(foundIn(files, allKeys)).toEqual({});
    expect(
      foundIn(
        files.filter((file) => !isCapture(file)),
        allPrompts,
      ),
    ).toEqual({});
    // They hold what was said, on purpose.
    expect(Object.keys(foundIn(files.filter(isCapture), [prompts.system])).length).toBeGreaterThan(5);
  });

  test.skipIf(!redisProgram)(
    'are nowhere in Redis, nor in what gateways tell each other',
    { timeout: 120_000 },
    async () => {
      const Persistence = { mode: 'redis', redis_url: '${CCR_REDIS_URL}', redis_prefix: 'ccr' };
      const environment = { CCR_REDIS_URL: redis?.url ?? '' };
      const told: string[] = [];
      const listener = redis?.client.duplicate();
      await listener?.psubscribe('*');
      listener?.on('pmessage', (_: string, channel: string, message: string) => told.push(`${channel} ${message}`));
      const [a, b] = [await start({ Persistence }, environment), await start({ Persistence }, environment)];
      await talk(a);
      await talk(b);
      for (const gateway of [a, b]) await readPages(gateway, note);
      for (const gateway of [a, b]) note('the log with Redis', gateway.output());
      const client = redis?.client;
      const names = (await client?.keys('*')) ?? [];
      expect(names.length).toBeGreaterThan(30);
      note('the names in Redis', names.join('\n'));
      for (const name of names)
        note(
          `Redis ${name}`,
          ((await client?.dumpBuffer(name)) ?? Buffer.alloc(0)).toString('latin1') + (await valueOf(name)),
        );
      expect(told.length).toBeGreaterThan(10);
      note('told by Redis', told.join('\n'));
      for (const gateway of [a, b])
        expect(foundIn(filesIn(gateway.folders.home), [...allKeys, ...allPrompts])).toEqual({});
      listener?.disconnect();
    },
  );

  test('are in no answer of a page or a command, in no log, span or metric', async () => {
    await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
    expect(receiver.spans.length).toBeGreaterThan(20);
    expect(receiver.metrics.size).toBeGreaterThan(2);
    for (const { path: url, text, headers: sent } of receiver.requests) {
      const { 'x-api-key': _, ...others } = sent;
      note(`to the collector: ${url}`, `${JSON.stringify(others)}\n${text}`);
    }
    note('spans and metrics', JSON.stringify([receiver.spans, [...receiver.metrics], receiver.resources]));
    expect(seen.size).toBeGreaterThan(60);
    expect(foundInSeen(allKeys)).toEqual([]);
    // The list of captures has what they hold.
    const isOfCaptures = ([where]: unknown[]): boolean => String(where).startsWith('ccr captures list --json');
    expect(foundInSeen(allPrompts).filter((found) => !isOfCaptures(found))).toEqual([]);
  });
});

async function valueOf(name: string): Promise<string> {
  const client = redis?.client;
  switch (await client?.type(name)) {
    case 'string':
      return (await client?.get(name)) ?? '';
    case 'hash':
      return JSON.stringify(await client?.hgetall(name));
    case 'list':
      return JSON.stringify(await client?.lrange(name, 0, -1));
    default:
      return JSON.stringify(await client?.zrange(name, 0, '-1'));
  }
}
