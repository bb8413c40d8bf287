// Three gateways behind a real balancer, with the configs of docs/team.md, and a real Redis: under load, gateways are restarted one
// after the other, and Redis is frozen, killed and started again.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { debianProgram } from '../../scripts/test/debianPrograms.mjs';
import { createCertificate } from '../support/sockets.ts';
import type { JsonObject } from '../upstream/json.ts';
import { waysFor } from '../unit/matrix/sampling.ts';
import { freePort, startGateway, type Gateway } from './gateway.ts';
import { redisProgram, startRedis, type RedisServer } from './redisServer.ts';
import { median, spread, until } from './team.ts';
import { startTeamProvider, type TeamProvider } from './teamProvider.ts';

const team = readFileSync(new URL('../../docs/team.md', import.meta.url), 'utf8');
const configOf = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``).exec(team)?.[1] ?? '';

const certificate = createCertificate();
const programs = { nginx: debianProgram('nginx'), haproxy: debianProgram('haproxy') };
const gatewayToken = 'the-token-of-the-gateways';
const token = 'a-token-of-ada';
const tokenOfBob = 'a-token-of-bob';

let redis: RedisServer;
let provider: TeamProvider;
const gateways: Gateway[] = [];
let folder: string;
let balancer: ChildProcess | undefined;
let port = 0;
const agent = new Agent({ keepAlive: true, maxSockets: 32, rejectUnauthorized: false });

const isPossible = redisProgram !== undefined && certificate !== undefined;

function configFor({ url }: TeamProvider, Persistence: JsonObject): JsonObject {
  return {
    Providers: ['one', 'two'].map((name) => ({ name, api_base_url: url, api_key: `key-${name}`, models: [name] })),
    Router: { default: 'one,one', tiers: ['one,one', 'two,two'], strategy: 'ordered' },
    Persistence,
    allowedHosts: ['ccr.example.com'],
  };
}

beforeAll(async () => {
  if (!isPossible) return;
  folder = mkdtempSync(path.join(tmpdir(), 'ccr-balancer-'));
  redis = await startRedis();
  provider = await startTeamProvider();
  const config = {
    ...configFor(provider, { mode: 'redis', redis_url: '${CCR_REDIS_URL}', redis_prefix: 'ccr' }),
    Budgets: [{ per: 'day', tokens: 100, scope: 'bob' }],
  };
  const environment = {
    CCR_REDIS_URL: redis.url,
    CCR_TOKEN: gatewayToken,
    CCR_SEAL_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  for (let count = 0; count < 3; count++) gateways.push(await startGateway(config, environment));
});
afterEach(async () => {
  if (!balancer) return;
  const ended = hasEnded(balancer) ? undefined : once(balancer, 'exit');
  balancer.kill('SIGTERM');
  await ended;
  balancer = undefined;
});
const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
afterAll(async () => {
  agent.destroy();
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  provider?.close();
  await redis?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A file in the test's folder. */
function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The config in the documentation, with the ports and files of this test. */
function adapt(text: string, changes: Record<string, string>): string {
  const all = { ...changes };
  gateways.forEach((gateway, index) => (all[`127.0.0.1:${3461 + index}`] = `127.0.0.1:${gateway.port}`));
  return Object.entries(all).reduce((adapted, [from, to]) => {
    expect(adapted).toContain(from);
    return adapted.replaceAll(from, to);
  }, text);
}

async function startNginx(): Promise<void> {
  const http = adapt(configOf('nginx'), {
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    '/etc/ssl/ccr.crt': write('ccr.crt', certificate?.cert ?? ''),
    '/etc/ssl/ccr.key': write('ccr.key', certificate?.key ?? ''),
    '/var/log/nginx/ccr.log': path.join(folder, 'access.log'),
  });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const file = write(
    'nginx.conf',
    `${user} daemon off; worker_processes 1; pid ${folder}/pid; events {}\nhttp {\n${paths}\n${http}}\n`,
  );
  balancer = spawn(programs.nginx ?? '', ['-c', file, '-e', path.join(folder, 'error.log')], { stdio: 'ignore' });
}

async function startHaproxy(): Promise<void> {
  const file = write(
    'haproxy.cfg',
    adapt(configOf('haproxy'), {
      'bind :443': `bind 127.0.0.1:${port}`,
      '/etc/ssl/ccr.pem': write('ccr.pem', `${certificate?.cert}${certificate?.key}`),
      '/etc/haproxy/ccr-tokens': write('ccr-tokens', `${token} ada\n${tokenOfBob} bob\n`),
    }),
  );
  balancer = spawn(programs.haproxy ?? '', ['-db', '-f', file], { stdio: 'ignore' });
}

const start = { nginx: startNginx, haproxy: startHaproxy };

type Answer = { status: number; text: string; ms: number };

/** A request through the balancer. */
function ask(url: string, body?: JsonObject, bearer = token): Promise<Answer> {
  const startedAt = performance.now();
  const headers = { 'content-type': 'application/json', host: 'ccr.example.com', authorization: `Bearer ${bearer}` };
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port, path: url, method: body ? 'POST' : 'GET', headers, agent },
      (response) => {
        let text = '';
        const finish = (): void =>
          resolve({
            status: response.complete ? (response.statusCode ?? 0) : 0,
            text,
            ms: performance.now() - startedAt,
          });
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', finish).on('error', finish);
      },
    );
    sent.on('error', (error) => resolve({ status: 0, text: error.message, ms: performance.now() - startedAt }));
    sent.end(body && JSON.stringify(body));
  });
}

const chat = (stream: boolean, number: number): Promise<Answer> =>
  ask('/v1/chat/completions', { stream, messages: [{ role: 'user', content: `Conversation ${number}` }] });

/** Between two requests of a client. Milliseconds. */
const thinkingMs = 20;

/** Milliseconds that a gateway without a balancer and without Redis takes for the same. */
async function askTwin({ url }: Gateway, stream: boolean): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await response.text();
  return performance.now() - startedAt;
}

/** Six clients ask until `action` is over, and a twin at the same moment, which is as slow as the machine is just then. */
async function underLoad(action: () => Promise<void>, twin?: Gateway): Promise<(Answer & { twinMs: number })[]> {
  const answers: (Answer & { twinMs: number })[] = [];
  const over = new AbortController();
  let number = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const isStream = number % 2 === 0;
      const [answer, twinMs] = await Promise.all([chat(isStream, number++), twin ? askTwin(twin, isStream) : 0]);
      answers.push({ ...answer, twinMs });
      await wait(thinkingMs);
    }
  };
  const clients = Array.from({ length: 6 }, client);
  await action();
  over.abort();
  await Promise.all(clients);
  return answers;
}

const failuresIn = (answers: Answer[]): Answer[] =>
  answers.filter(({ status, text }) => status !== 200 || !/Hi/.test(text));

const balancers = ['nginx', 'haproxy'] as const;

describe.each(balancers)('three gateways behind %s', (name) => {
  const isMissing = !isPossible || !programs[name];
  const check = test.skipIf(isMissing);
  /** One balancer each by default, both in a full run. */
  const checkOf = (row: number) => test.skipIf(isMissing || !waysFor(balancers, row, 0).includes(name));
  /** With another port if a connection of some other test took the first one in between, and so the balancer ended. */
  const open = async (): Promise<void> => {
    for (let tries = 0; tries < 3; tries++) {
      port = await freePort();
      await start[name]();
      const started = balancer;
      await until(async () => (started && hasEnded(started)) || (await isListening(port)), 10_000);
      if (started && !hasEnded(started)) return;
    }
    throw new Error(`${name} did not start.`);
  };

  check('serve those who have a token, and share what they find out', async () => {
    await open();
    expect((await ask('/health', undefined, 'of nobody')).status).toBe(401);
    expect((await ask('/health')).text).toContain('"healthy"');
    const ids: string[] = [];
    let previous: string | undefined;
    for (let turn = 0; turn < 6; turn++) {
      const body = { model: 'auto', input: `Turn ${turn}`, ...(previous && { previous_response_id: previous }) };
      const { status, text } = await ask('/v1/responses', body);
      expect(status, text).toBe(200);
      previous = (JSON.parse(text) as { id: string }).id;
      ids.push(previous);
    }
    expect(provider.requests.at(-1)?.messages).toHaveLength(11);
  });

  check('spend the budget of each person, whoever they say they are', async () => {
    await open();
    const body = { messages: [{ role: 'user', content: 'Hello' }] };
    const asBob = (url: string): Promise<Answer> => ask(url, body, tokenOfBob);
    await until(async () => (await asBob('/v1/chat/completions')).status === 403, 10_000);
    for (const url of ['/w/ada/v1/chat/completions', '/w/ada/w/ada/v1/chat/completions', '/w/ada/chat/completions'])
      expect((await asBob(url)).status, url).toBe(403);
    for (const url of [
      '//w/ada/v1/chat/completions',
      '/%77/ada/v1/chat/completions',
      '/preset/x/w/ada/chat/completions',
    ])
      expect([403, 404], url).toContain((await asBob(url)).status);
    for (const url of ['/v1/chat/completions', '/w/bob/v1/chat/completions'])
      expect((await ask(url, body)).status, url).toBe(200);
    expect((await ask('/v1/models?client_version=0.169.0')).text).toContain('"slug"');
  });

  checkOf(0)(
    'lose no request while one after the other is restarted',
    async () => {
      await open();
      provider.rules.delayMs = 100;
      const answers = await underLoad(async () => {
        for (const gateway of gateways) {
          await gateway.restart();
          await wait(1200);
        }
      });
      provider.rules.delayMs = 0;
      expect(failuresIn(answers)).toEqual([]);
      expect(answers.length).toBeGreaterThan(50);
    },
    90_000,
  );

  checkOf(1)(
    'answer all requests while Redis is frozen, killed and started again',
    async () => {
      await open();
      const twinProvider = await startTeamProvider();
      const twin = await startGateway(configFor(twinProvider, { mode: 'none' }));
      const fail = async (): Promise<void> => {
        redis.freeze();
        await wait(4000);
        redis.thaw();
        await wait(1000);
        await redis.kill();
        await wait(2000);
        await redis.start();
        await wait(2000);
      };
      // What runs for the first time is slow, at the twin, too: a slow twin in the comparison makes the limit negative.
      await underLoad(() => wait(2000), twin);
      const compare = async () => ({
        usual: await underLoad(() => wait(2000), twin),
        answers: await underLoad(fail, twin),
      });
      const { usual, answers } = await compare().finally(async () => {
        await twin.stop();
        twinProvider.close();
      });
      expect(failuresIn(answers)).toEqual([]);
      const more = (all: typeof answers): number[] => all.map(({ ms, twinMs }) => ms - twinMs);
      expect(median(more(answers))).toBeLessThan(median(more(usual)) + 5 + spread(more(usual)));
      await until(async () => (await ask('/health')).text.includes('"healthy"'), 10_000);
      const sent = provider.requests.length;
      await until(async () => {
        const { total_requests } = JSON.parse((await ask('/v1/usage')).text) as { total_requests: number };
        return total_requests === sent;
      }, 30_000);
    },
    90_000,
  );
});

function isListening(at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
