import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/observe/log.ts';
import { createBodyBudget } from '../../../src/server/bodyBudget.ts';
import { createHttpServer, type HttpServerParts } from '../../../src/server/httpServer.ts';
import { runGateway } from '../../../src/server/run.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { eventually, openHttpServer, openTcpServer } from '../../support/sockets.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A server whose gateway never answers. */
async function serve(changes: Partial<HttpServerParts> = {}) {
  const clock = createFakeClock();
  const server = createHttpServer({
    gateway: {
      answer: () => new Promise(() => {}),
      preview: () => ({}) as never,
      budgets: () => [],
      stored: {} as never,
    },
    control: { handle: () => Promise.resolve(), close: () => {} },
    pages: { health: () => ({ status: 'healthy' }) } as never,
    metrics: { text: () => Promise.resolve(''), contentType: 'text/plain' },
    guard: () => ({ boundHost: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], token: undefined }),
    clientResponse: () => ({ maxFrames: 1, onBackpressure() {}, writeTimeoutMs: 1_000, onStalled() {} }),
    bodies: createBodyBudget(1024, clock),
    ...changes,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => void server.close());
  cleanups.push(() => server.closeAllConnections());
  return { port: (server.address() as AddressInfo).port, clock };
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  cleanups.push(() => void socket.destroy());
  return socket;
}

/** All that a server answers to `text` until it closes the connection, or one second has passed. */
async function answerTo(port: number, text: string): Promise<string> {
  const socket = open(port);
  let answer = '';
  socket.on('data', (bytes) => (answer += String(bytes)));
  socket.write(text);
  await eventually(() => socket.closed || /\r\n\r\n/.test(answer));
  return answer;
}

const head = (first: string, ...lines: string[]): string =>
  [`${first} HTTP/1.1`, 'Host: 127.0.0.1', ...lines, '', ''].join('\r\n');
const post = (...lines: string[]): string =>
  head('POST /v1/chat/completions', 'Content-Type: application/json', ...lines);

describe('the HTTP server', () => {
  it.each([
    ['two lengths', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
    ['two values of one length', `${post('Content-Length: 5', 'Content-Length: 6')}{}   `],
    ['a chunk without a size', `${post('Transfer-Encoding: chunked')}xyz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk that ends late', `${post('Transfer-Encoding: chunked')}2\r\n{}GET /health HTTP/1.1\r\n\r\n`],
    ['another coding after chunked', `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n`],
    ['a space before the colon', post('Content-Length : 2')],
  ])('refuses a request with %s', async (_, text) => {
    const { port } = await serve();
    // By the parser, and not because of what the body holds.
    expect(await answerTo(port, text)).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });

  it('refuses a request without a host', async () => {
    const { port } = await serve();
    expect(await answerTo(port, 'GET /health HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('closes a connection that sends its headers or its body too slowly', async () => {
    const slowHeaders = await serve({ receiving: { headersMs: 100, requestMs: 60_000 } });
    expect(await answerTo(slowHeaders.port, 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n')).toMatch(/^HTTP\/1\.1 408 /);
    const slowBody = await serve({ receiving: { headersMs: 100, requestMs: 200 } });
    expect(await answerTo(slowBody.port, `${post('Content-Length: 5')}{`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('keeps connections for the next request', async () => {
    const { port } = await serve();
    const socket = open(port);
    let answers = '';
    socket.on('data', (bytes) => (answers += String(bytes)));
    for (let time = 1; time <= 2; time++) {
      socket.write(head('GET /health'));
      await eventually(() => answers.split('HTTP/1.1 200').length === time + 1);
    }
    expect(answers.split('HTTP/1.1 200')).toHaveLength(3);
    expect(answers).toContain('Keep-Alive: timeout=120');
  });

  it.each([
    ['OPTIONS /v1/models', [], 204],
    ['OPTIONS /v1/models', ['Origin: http://evil.test'], 403],
    ['GET /health', ['Sec-Fetch-Site: cross-site'], 403],
    ['GET /health', ['Sec-Fetch-Site: same-site'], 403],
    ['GET /health', ['Sec-Fetch-Site: same-origin'], 200],
    ['GET /health', ['Sec-Fetch-Site: none'], 200],
  ])('answers %s with %j by %i', async (first, lines, status) => {
    const { port } = await serve();
    const answer = await answerTo(port, head(first, ...lines));
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.toLowerCase()).not.toContain('access-control-allow');
  });

  it('answers 503 with Retry-After while the bodies being answered need all memory', async () => {
    const { port, clock } = await serve();
    const body = JSON.stringify({ messages: [], padding: 'x'.repeat(900) });
    open(port).write(post(`Content-Length: ${body.length}`) + body);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = answerTo(port, post(`Content-Length: ${body.length}`) + body);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(15_000);
    const answer = await second;
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer.toLowerCase()).toContain('retry-after: 5');
    expect(answer).toContain('no memory for more');
  });

  it('gives the memory of a body back when its client hangs up while it sends', async () => {
    const { port } = await serve();
    const socket = open(port);
    socket.write(`${post('Content-Length: 1000')}{`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    const answer = await answerTo(port, `${post('Content-Length: 900')}${'x'.repeat(900)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('another user of this machine', () => {
  it.each([
    [true, '403 200'],
    [false, '404 200'],
  ])('with refuseOtherUsers %s gets %s', async (refuseOtherUsers, expected) => {
    const { port } = await serve({
      guard: () => ({
        boundHost: '127.0.0.1',
        port: 0,
        allowedHosts: [],
        allowedOrigins: [],
        token: undefined,
        refuseOtherUsers,
      }),
    });
    const statuses = `Promise.all(['/nothing', '/health'].map((path) => fetch('http://127.0.0.1:${port}' + path)))`;
    const script = `${statuses}.then((all) => console.log(all.map(({ status }) => status).join(' ')))`;
    const child = promisify(execFile)('/proc/self/exe', ['-e', script], { uid: 12_345, env: {} });
    expect((await child).stdout.trim()).toBe(expected);
  });
});

async function gatewayTo(providers: Record<string, string>, more: object = {}) {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-connections-'));
  cleanups.push(() => rmSync(home, { recursive: true, force: true }));
  const file = path.join(home, 'config.json');
  const Providers = Object.entries(providers).map(([name, url]) => ({ name, api_base_url: url, models: ['m'] }));
  const [first = ''] = Object.keys(providers);
  const tiers = Object.keys(providers).map((name) => `${name},m`);
  const tierRetries = { [first]: { max_retries: 0, connect_timeout_ms: 200 } };
  const Router = { default: `${first},m`, tiers, strategy: 'ordered', tierRetries };
  writeFileSync(file, JSON.stringify({ Providers, Router, PORT: 0, ...more }));
  const logged: string[] = [];
  const log = createLog(
    () => 'info',
    (level, message) => logged.push(`${level} ${message}`),
  );
  const gateway = await runGateway({ file, environment: {}, homeDirectory: home, version: '1.0.0', log });
  cleanups.push(() => gateway.stop(0));
  return { gateway, logged };
}

const question = { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Hello' }] };

describe('the gateway', () => {
  it('answers several clients at once from the next target while the first one does not complete a handshake', async () => {
    const silent = await openTcpServer();
    cleanups.push(silent.close);
    const working = await openHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ choices: [{ message: { content: 'Hi.' }, finish_reason: 'stop' }] }));
    });
    cleanups.push(working.close);
    const { gateway } = await gatewayTo({
      silent: `https://127.0.0.1:${silent.port}/v1`,
      working: `http://127.0.0.1:${working.port}/v1`,
    });
    const startedAt = performance.now();
    const ask = async (): Promise<string> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ ...question, stream: false });
      return (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })).text();
    };
    for (const answer of await Promise.all([ask(), ask(), ask()])) expect(answer).toContain('Hi.');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(silent.sockets.size).toBe(0);
  });

  it('disconnects a client that takes nothing, not a slow one, and ends the request to the provider', async () => {
    const piece = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(64 * 1024) } }] })}\n\n`;
    let provided = 0;
    const provider = await openHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // More than the buffers of both connections hold.
      const write = (): void => {
        while (!response.destroyed && provided++ < 4_000) if (!response.write(piece)) return;
      };
      response.on('drain', write);
      write();
    });
    cleanups.push(provider.close);
    const { gateway, logged } = await gatewayTo(
      { one: `http://127.0.0.1:${provider.port}/v1` },
      { CLIENT_WRITE_TIMEOUT_MS: 1000 },
    );
    const body = JSON.stringify(question);
    const text = post(`Content-Length: ${body.length}`).replace('\r\n', `\r\nUser-Agent: test\r\n`) + body;
    const slow = open(gateway.port);
    let taken = 0;
    slow.write(text);
    slow.on('readable', () => undefined);
    const reading = setInterval(() => (taken += (slow.read() as Buffer | null)?.length ?? 0), 50);
    cleanups.push(() => clearInterval(reading));
    await eventually(() => taken > 0);
    const stalled = open(gateway.port);
    stalled.write(text);
    stalled.pause();
    await eventually(() => logged.some((line) => line.includes('took nothing')));
    expect(logged.find((line) => line.includes('took nothing'))).toMatch(
      /^warn The client took nothing of its answer for 1 s and was disconnected \(req_\w+\)\.$/,
    );
    expect(logged.filter((line) => line.includes('took nothing'))).toHaveLength(1);
    await eventually(() => gateway.state().active.streams === 1 && provider.sockets.size === 1);
    expect([gateway.state().active.streams, provider.sockets.size, slow.destroyed]).toEqual([1, 1, false]);
    expect(taken).toBeGreaterThan(0);
  });
});
