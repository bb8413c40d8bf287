import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream, type UpstreamOptions } from '../../../src/gateway/upstream.ts';

let server: Server;
let url = '';
let connections = 0;
let circled = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/hang') response.writeHead(200).flushHeaders();
    else if (request.url === '/moved') response.writeHead(308, { location: '/there' }).end('moved');
    else if (request.url === '/circle') response.writeHead(307, { location: `/circle?${++circled}` }).end();
    else if (request.url?.startsWith('/circle?')) response.writeHead(307, { location: `/circle?${++circled}` }).end();
    else if (request.url === '/away') response.writeHead(308, { location: 'http://other.test/v1' }).end();
    else if (request.url === '/early') early(response);
    else if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
    else if (request.url === '/there') response.end(`${request.method} ${request.headers.authorization}`);
    else response.end(request.url);
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What some proxies send before the answer, though nobody asked for it. */
function early(response: ServerResponse): void {
  response.writeContinue();
  response.writeEarlyHints({ link: '</style.css>; rel=preload' });
  response.end('early');
}

const open = (options: Partial<UpstreamOptions> = {}) =>
  createUpstream({ environment: {}, maxIdlePerHost: 64, idleTimeoutMs: 5_000, ...options });
const call = (path: string, headers: Record<string, string> = {}) => ({
  url: url + path,
  headers,
  body: '{}',
  signal: new AbortController().signal,
});

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return text;
}

describe('createUpstream', () => {
  it('reuses connections', async () => {
    const upstream = open();
    connections = 0;
    for (let time = 0; time < 10; time++) await readAll((await upstream.send(call('/a?b=c'))).body);
    // A request that starts just as another ends opens a second connection.
    expect(connections).toBeLessThanOrEqual(2);
    await upstream.close();
  });

  it('follows a redirect to the same origin, with method and key, and no other', async () => {
    const upstream = open();
    const moved = await upstream.send(call('/moved', { authorization: 'Bearer k' }));
    expect(await readAll(moved.body)).toBe('POST Bearer k');
    expect((await upstream.send(call('/circle'))).status).toBe(307);
    // The request, and three redirects.
    expect(circled).toBe(4);
    expect((await upstream.send(call('/away'))).status).toBe(308);
    await upstream.destroy();
  });

  it('reads compressed replies, and an answer after 100 Continue and 103 Early Hints', async () => {
    const upstream = open();
    expect(await readAll((await upstream.send(call('/packed'))).body)).toBe('packed');
    const reply = await upstream.send(call('/early'));
    expect([reply.status, await readAll(reply.body)]).toEqual([200, 'early']);
    await upstream.destroy();
  });

  it('reports which header it cannot send, without its value', async () => {
    const upstream = open();
    const sent = upstream.send(call('/', { authorization: 'Bearer secret\nx' }));
    await expect(sent).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringMatching(/invalid authorization header.*api_key/) as string,
    });
    await expect(sent).rejects.not.toThrow('secret');
  });

  it.each(['127.0.0.1:1', 'http://127.0.0.1:1'])('accepts %s as a proxy', async (proxyUrl) => {
    const upstream = open({ proxyUrl });
    // Nothing listens at this address: the test is that it was tried.
    const sent = upstream.send({ ...call('/'), url: 'http://provider.test/v1' });
    await expect(sent).rejects.toMatchObject({ kind: 'connection' });
    await expect(sent).rejects.toThrow('refused the connection');
  });

  it('reports an invalid proxy without its password', async () => {
    const sent = open({ proxyUrl: 'http://user:pass@[bad' }).send(call('/'));
    await expect(sent).rejects.toMatchObject({ kind: 'connection' });
    await expect(sent).rejects.toThrow('PROXY_URL');
    await expect(sent).rejects.not.toThrow('pass');
  });

  it('closes once running requests have ended', async () => {
    const upstream = open();
    const controller = new AbortController();
    const { body } = await upstream.send({ ...call('/hang'), signal: controller.signal });
    const reading = readAll(body).catch((error: unknown) => error);
    let closed = false;
    const closing = upstream.close().then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    controller.abort(new Error('gone'));
    await closing;
    expect(await reading).toMatchObject({ message: 'gone' });
  });

  it('aborts running requests when it is destroyed', async () => {
    const upstream = open();
    const { body } = await upstream.send(call('/hang'));
    const reading = readAll(body).catch((error: unknown) => error);
    await upstream.destroy();
    expect(await reading).toBeInstanceOf(Error);
  });
});
