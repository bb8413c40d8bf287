import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import {
  Agent,
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { providerSchema } from '../../../src/config/schema.ts';
import { attach, type ControlClient } from '../../../src/control/client.ts';
import type { Endpoint } from '../../../src/control/endpoints.ts';
import type { GatewayState } from '../../../src/control/protocol.ts';
import { createLog } from '../../../src/observe/log.ts';
import { endpoints } from '../../../src/server/endpoints.ts';
import type { RunOptions } from '../../../src/server/parts.ts';
import { runGateway, type RunningGateway } from '../../../src/server/run.ts';

const config = {
  Providers: [{ name: 'one', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
  Router: { default: 'one,m' },
  Presets: { cool: { route: 'one,m' } },
};

const mebibyte = 1024 * 1024;

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function makeHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-run-'));
  cleanups.push(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

async function run(changes: object = {}, options: Partial<RunOptions> = {}, home = makeHome()) {
  const file = path.join(home, 'config.json');
  const write = (more: object): void => writeFileSync(file, JSON.stringify({ ...config, PORT: 0, ...more }));
  write(changes);
  const log = createLog(
    () => 'error',
    () => undefined,
  );
  const gateway = await runGateway({ file, environment: {}, homeDirectory: home, version: '1.0.0', log, ...options });
  cleanups.push(() => gateway.stop(0));
  return { gateway, home, write, control: () => control(gateway, home) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function control({ port }: RunningGateway, homeDirectory: string): Promise<ControlClient> {
  const occupant = await attach({ homeDirectory, port });
  if (occupant.kind !== 'ccr') throw new Error(`Found ${occupant.kind}.`);
  return occupant.client;
}

function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  return fetch(url, { headers }).then(({ status }) => status);
}

describe('a request that no dialect reads', () => {
  const answerTo = async (url: string, options: RequestInit): Promise<unknown> => (await fetch(url, options)).json();

  it('is refused with the path that the client sent', async () => {
    const { gateway } = await run();
    expect(await answerTo(`${gateway.url}/preset/cool/v1/nothing?key=secret`, {})).toMatchObject({
      error: {
        message: expect.stringMatching(/^CCR has no GET \/preset\/cool\/v1\/nothing\. It serves /),
        code: 'not_found',
      },
    });
    expect(await answerTo(`${gateway.url}/v1/responses`, {})).toMatchObject({
      error: { message: '/v1/responses takes POST.' },
    });
  });

  it('is refused in the format of its dialect', async () => {
    const { gateway } = await run({ APIKEY: 'token' });
    const [authentication, contentType] = await Promise.all([
      answerTo(`${gateway.url}/v1/messages`, { method: 'POST', body: '{}' }),
      answerTo(`${gateway.url}/v1/messages`, { method: 'POST', body: '{}', headers: { 'x-api-key': 'token' } }),
    ]);
    expect(authentication).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    expect(contentType).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});

describe('the endpoints', () => {
  it('require the client token, if there is one, except for those that say otherwise', async () => {
    const { gateway } = await run({ APIKEY: 'token' });
    for (const { method, path: url, token } of Object.values<Endpoint>(endpoints)) {
      const { status } = await fetch(`${gateway.url}${url.replace('{id}', 'a')}`, { method });
      expect([url, status]).toEqual([url, token === 'none' ? 200 : 401]);
    }
  });

  it('answer HEAD like GET, and another method with 405 and the right one', async () => {
    const { gateway } = await run();
    const head = await fetch(`${gateway.url}/v1/models`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const wrong = await fetch(`${gateway.url}/v1/responses/compact`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('/health', () => {
  const refused = {
    Providers: [{ name: 'one', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
    Router: { default: 'one,m', tierRetries: { one: { max_retries: 0 } } },
  };
  const health = async (url: string, headers = {}): Promise<unknown> =>
    (await fetch(`${url}/health`, { headers })).json();
  const ask = (url: string, token = 'none') =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] }),
    });

  it('is healthy until a target fails, and then says which one, why and since when', async () => {
    const { gateway, control } = await run(refused);
    expect(await health(gateway.url)).toEqual({ status: 'healthy', version: '1.0.0' });
    const client = await control();
    const { promise: changed, resolve } = Promise.withResolvers<GatewayState>();
    const leaving = new AbortController();
    cleanups.push(() => leaving.abort());
    void client.events((event) => event.type === 'state' && event.state.status !== 'healthy' && resolve(event.state), leaving.signal);
    await ask(gateway.url);
    const target = { target: 'one,m', state: 'failing', lastFailure: { kind: 'connection', at: expect.any(Number) as number } };
    const reasons = [expect.stringMatching(/^one,m failed \d+ s ago \(connection\)/)];
    expect(await health(gateway.url)).toMatchObject({ status: 'down', reasons, targets: [target] });
    expect(await client.state()).toMatchObject({ status: 'down', reasons, targets: [target] });
    expect(await changed).toMatchObject({ status: 'down', targets: [target] });
  }); // prettier-ignore

  it("keeps the providers' words from those who do not have the token", async () => {
    const { gateway } = await run({ ...refused, APIKEY: 'token' });
    await ask(gateway.url, 'token');
    expect(await health(gateway.url)).not.toHaveProperty('targets');
    expect(await health(gateway.url, { 'x-api-key': 'token' })).toMatchObject({
      targets: [{ lastFailure: { message: expect.stringContaining('127.0.0.1:1') as string } }],
    });
  });
});

describe('the records of requests', () => {
  it.skipIf(process.platform === 'win32')('can be read as docs/troubleshooting.md says', async () => {
    const { gateway, home } = await run();
    const body = JSON.stringify({ model: 'nobody,m', messages: [{ role: 'user', content: 'Hello' }] });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
    const page = readFileSync(path.join(import.meta.dirname, '../../../docs/troubleshooting.md'), 'utf8');
    const [, command = ''] = /^```bash\n(sed [^`]*)```/m.exec(page) ?? [];
    const script = command.replaceAll('3456', String(gateway.port));
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: { ...process.env, HOME: home } });
    expect(JSON.parse(stdout)).toMatchObject([
      { model: 'nobody,m', error: expect.stringContaining('nobody') as string },
    ]);
  });
});

describe('stopping', () => {
  it('does not wait for a client whose WebSocket was refused', async () => {
    const { gateway } = await run();
    const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
    cleanups.push(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.write('GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 426 /);
    await gateway.stop(60_000);
  }, 3_000);

  it('does not wait for connections whose last answer is complete', async () => {
    const { gateway } = await run();
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    const request = httpRequest(`${gateway.url}/v1/responses`, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    request.write('{');
    await once(request, 'socket');
    await statusOf(`${gateway.url}/health`);
    const stopping = gateway.stop(60_000);
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(400);
    await stopping;
  }, 3_000);

  it('accepts any drain timeout', async () => {
    const { gateway } = await run();
    const request = httpRequest(`${gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    request.write('{');
    await once(request, 'socket');
    await statusOf(`${gateway.url}/health`);
    // Beyond the limit of Node's timers, which would fire at once.
    const stopping = gateway.stop(1e12);
    // Node turns a delay beyond its limit into 1 ms, so such a timer would fire before this one.
    await new Promise((resolve) => setTimeout(resolve, 2));
    request.end();
    await once(request, 'response');
    await stopping;
  });
});

describe('starting', () => {
  it('frees the port if the run file cannot be written', async () => {
    const home = makeHome();
    writeFileSync(path.join(home, '.claude-code-router'), 'a file where a folder should be');
    const port = await freePort();
    await expect(run({ PORT: port }, {}, home)).rejects.toThrow(/run file/);
    await expect(statusOf(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed');
  });

  it('lets only the owner read the run file', async () => {
    const { gateway, home } = await run();
    const file = path.join(home, '.claude-code-router', 'run', `${gateway.port}.json`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });
});

describe('a reload', () => {
  it('requires the token of the new config', async () => {
    const { gateway, write, control } = await run();
    expect(await statusOf(`${gateway.url}/v1/models`)).toBe(200);
    write({ APIKEY: 'new-token' });
    const client = await control();
    await client.reload();
    expect(await statusOf(`${gateway.url}/v1/models`)).toBe(401);
    expect(await statusOf(`${gateway.url}/v1/models`, { authorization: 'Bearer new-token' })).toBe(200);
    expect(await client.clientToken()).toBe('new-token');
    write({});
    await client.reload();
    expect(await statusOf(`${gateway.url}/v1/models`)).toBe(200);
  });

  it('does not start beyond loopback without one, and says where the host is set', async () => {
    await expect(run({ HOST: '0.0.0.0' })).rejects.toThrow(/config\.json:1:\d+: .*0\.0\.0\.0 without a token/);
    const demo = { file: undefined, overrides: { host: '0.0.0.0', port: 0 } };
    await expect(run({}, demo)).rejects.toThrow('0.0.0.0 without a token');
  });

  it('never opens a gateway that listens beyond loopback', async () => {
    const { gateway, write, control } = await run({ HOST: '0.0.0.0', APIKEY: 'token' });
    write({ HOST: '0.0.0.0' });
    const client = await control();
    await client.reload();
    const url = `http://127.0.0.1:${gateway.port}/v1/models`;
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(url, { authorization: 'Bearer token' })).toBe(200);
    expect((await client.state()).tokenRequired).toBe(true);
  });

  it('generates a token only once', async () => {
    const { control } = await run({}, { overrides: { requireToken: true } });
    const client = await control();
    const token = await client.clientToken();
    await client.reload();
    expect(token).toMatch(/^[\w-]{40,}$/);
    expect(await client.clientToken()).toBe(token);
  });

  it("gives a scope the config's own routing while its preset is missing", async () => {
    const { gateway, write, control } = await run();
    const client = await control();
    await client.setScope('w1', { preset: 'cool' });
    write({ Presets: {} });
    expect((await client.reload()).scopes).toEqual({});
    const body = JSON.stringify({ model: 'one,nothing', messages: [{ role: 'user', content: 'x' }] });
    const ask = () =>
      fetch(`${gateway.url}/w/w1/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }).then((response) => response.text());
    expect(await ask()).toContain('has no model');
    write({});
    expect((await client.reload()).scopes).toEqual({ w1: { preset: 'cool' } });
  });
});

describe('an offer of HTTP/2', () => {
  it('is ignored, and the request is answered', async () => {
    const { gateway } = await run();
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    const request = httpRequest(`${gateway.url}/health`, { headers });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
  });
});

describe('a refusal', () => {
  const tooLong = 80 * mebibyte;
  it.each([
    ['a body that is too large', 80, {}, 413],
    ['a body with a content-length that is too large', 80, { 'content-length': String(tooLong) }, 413],
    ['a foreign host', 8, { host: 'evil.test' }, 403],
    ['a foreign content type', 8, { 'content-type': 'text/plain' }, 415],
  ])('of %s reaches a client that is still sending', async (_, mebibytes, headers, status) => {
    const { gateway } = await run();
    const request = httpRequest(`${gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    const sent = once(request, 'finish');
    for (let part = 0; part < mebibytes; part++) request.write(Buffer.alloc(mebibyte, 32));
    request.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(status);
    response.resume();
    await sent;
  });
});

describe('connections to providers', () => {
  it.each([
    ['survive a reload that does not change their options', { LOG_LEVEL: 'debug' }, 1],
    ['are replaced by a reload that changes their options', { POOL_IDLE_TIMEOUT_MS: 1234 }, 2],
  ])('%s', async (_, change, expected) => {
    const server = createHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: [{ id: 'm' }] }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => void server.closeAllConnections(), () => void server.close()); // prettier-ignore
    let connections = 0;
    server.on('connection', () => connections++);
    const { port } = server.address() as AddressInfo;
    const provider = providerSchema.parse({ name: 'one', api_base_url: `http://127.0.0.1:${port}/v1`, models: ['m'] });
    const started = await run();
    const client = await started.control();
    expect(await client.models({ provider })).toEqual(['m']);
    started.write(change);
    await client.reload();
    await client.models({ provider });
    expect(connections).toBe(expected);
  });
});

describe('a live check', () => {
  /** A provider that answers when `answer` is called. */
  async function startProvider() {
    const waiting: ServerResponse[] = [];
    const events = new EventEmitter();
    const server = createHttpServer((request, response) => {
      request.resume();
      waiting.push(response);
      response.on('close', () => void (response.writableFinished || events.emit('gone')));
      events.emit('asked');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(
      () => void server.closeAllConnections(),
      () => void server.close(),
    );
    const { port } = server.address() as AddressInfo;
    const choices = [{ index: 0, message: { role: 'assistant', content: 'OK' }, finish_reason: 'stop' }];
    const answer = (): void => {
      waiting.shift()?.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices }));
    };
    const provider = { name: 'one', api_base_url: `http://127.0.0.1:${port}/v1`, models: ['m', 'n'] };
    return { events, answer, config: { Providers: [provider] } };
  }

  it('continues with the other models if a reload happens meanwhile', async () => {
    const { events, answer, config: own } = await startProvider();
    const started = await run(own);
    const client = await started.control();
    const asked = once(events, 'asked');
    const checking = client.check({ provider: 'one' });
    await asked;
    started.write({ ...own, POOL_IDLE_TIMEOUT_MS: 1234 });
    await client.reload();
    events.on('asked', answer);
    answer();
    const faults = (await checking).map(({ model, fault }) => [model, fault]);
    expect(faults).toEqual([['m', undefined], ['n', undefined]]); // prettier-ignore
  });

  it('ends when the client hangs up', async () => {
    const { events, config: own } = await startProvider();
    const { gateway, home } = await run(own);
    const { token } = JSON.parse(
      readFileSync(path.join(home, `.claude-code-router/run/${gateway.port}.json`), 'utf8'),
    ) as { token: string };
    const [asked, gone] = [once(events, 'asked'), once(events, 'gone')];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const request = httpRequest(`${gateway.url}/ccr/check`, { method: 'POST', headers, agent: false });
    request.on('error', () => undefined);
    request.end(JSON.stringify({ provider: 'one' }));
    await asked;
    request.destroy();
    await gone;
  }, 3_000);
});
