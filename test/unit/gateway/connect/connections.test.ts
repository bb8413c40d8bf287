import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createUpstream, type UpstreamCall, type UpstreamOptions } from '../../../../src/gateway/upstream.ts';
import {
  createCertificate,
  eventually,
  joinSockets,
  openHttpServer,
  openTcpServer,
  type TestServer,
} from '../../../support/sockets.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function opened(opening: Promise<TestServer>): Promise<TestServer> {
  const server = await opening;
  cleanups.push(server.close);
  return server;
}

function upstreamOf(options: Partial<UpstreamOptions> = {}) {
  const upstream = createUpstream({ environment: {}, maxIdlePerHost: 64, idleTimeoutMs: 5_000, ...options });
  cleanups.push(() => upstream.destroy());
  return upstream;
}

const call = (url: string, more: Partial<UpstreamCall> = {}): UpstreamCall => ({
  url,
  headers: {},
  body: '{}',
  signal: new AbortController().signal,
  ...more,
});

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return text;
}

/** How a sending failed, and after how long. */
async function failureOf(sending: Promise<unknown>): Promise<{ kind: string; message: string; durationMs: number }> {
  const startedAt = performance.now();
  const thrown = (await sending.then(
    () => new Error('It was sent.'),
    (error: unknown) => error,
  )) as Error & { kind: string };
  return { kind: thrown.kind, message: thrown.message, durationMs: performance.now() - startedAt };
}

/** A proxy that answers CONNECT with `head`. */
const openProxy = (head: string) => opened(openTcpServer((_, socket) => void socket.write(`${head}\r\n\r\n`)));

describe('a peer that accepts connections and is silent', () => {
  it('costs a request its own limit, also when several wait, and leaves no socket open', async () => {
    const server = await opened(openTcpServer());
    const upstream = upstreamOf();
    const url = `https://127.0.0.1:${server.port}/v1`;
    const failures = await Promise.all(
      [100, 150, 200].map((connectTimeoutMs) => failureOf(upstream.send(call(url, { connectTimeoutMs })))),
    );
    expect(failures.map(({ kind }) => kind)).toEqual(['connection', 'connection', 'connection']);
    expect(failures[0]?.message).toMatch(
      /^https:\/\/127\.0\.0\.1:\d+ did not complete the TLS handshake within 0\.1 s\./,
    );
    for (const { durationMs } of failures) expect(durationMs).toBeLessThan(1_000);
    await eventually(() => server.sockets.size === 0);
    expect(server.sockets.size).toBe(0);
  });

  it('is left at once when the client hangs up, during the handshake and while a proxy is silent', async () => {
    const server = await opened(openTcpServer());
    const direct = upstreamOf();
    const proxied = upstreamOf({ proxyUrl: `http://127.0.0.1:${server.port}` });
    const controller = new AbortController();
    const { signal } = controller;
    const sendings = [
      failureOf(direct.send(call(`https://127.0.0.1:${server.port}`, { signal }))),
      failureOf(proxied.send(call('https://provider.test', { signal }))),
      failureOf(proxied.send(call('http://provider.test', { signal }))),
    ];
    await eventually(() => server.sockets.size === 3);
    controller.abort(new Error('gone'));
    for (const { message, durationMs } of await Promise.all(sendings)) {
      expect(message).toBe('gone');
      expect(durationMs).toBeLessThan(2_000);
    }
    await eventually(() => server.sockets.size === 0);
    expect(server.sockets.size).toBe(0);
  });

  it('is named when it is the proxy', async () => {
    const { port, sockets } = await opened(openTcpServer());
    const upstream = upstreamOf({ proxyUrl: `http://127.0.0.1:${port}` });
    const { kind, message } = await failureOf(
      upstream.send(call('https://provider.test/v1', { connectTimeoutMs: 100 })),
    );
    expect({ kind, message }).toEqual({
      kind: 'connection',
      message: `The proxy http://127.0.0.1:${port} did not open a connection to provider.test within 0.1 s. Check PROXY_URL.`,
    });
    await eventually(() => sockets.size === 0);
    expect(sockets.size).toBe(0);
  });

  it('ends with the upstream', async () => {
    const { port, sockets } = await opened(openTcpServer());
    const upstream = upstreamOf();
    const sending = failureOf(upstream.send(call(`https://127.0.0.1:${port}`)));
    await eventually(() => sockets.size === 1);
    await upstream.destroy();
    expect((await sending).kind).toBe('cancelled');
    await eventually(() => sockets.size === 0);
    expect(sockets.size).toBe(0);
  });
});

describe('a proxy that refuses', () => {
  it.each([
    [
      'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"',
      '',
      'wants a user name and a password (HTTP 407). Write them in PROXY_URL: http://USER:PASSWORD@',
    ],
    [
      'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic',
      'user:secret-word@',
      'does not accept the user name and password (HTTP 407). Correct them in PROXY_URL.',
    ],
    [
      'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM',
      '',
      'wants NTLM authentication (HTTP 407), which CCR does not have. CCR has only Basic.',
    ],
    [
      'HTTP/1.1 403 Forbidden',
      '',
      'does not allow connections to provider.test:443 (HTTP 403). Ask its administrator.',
    ],
    [
      'HTTP/1.1 502 Bad Gateway',
      '',
      'could not reach provider.test:443 (HTTP 502). Check the URL of the provider and PROXY_URL.',
    ],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3', '', 'https://provider.test closed the connection.'],
  ])('with %s is named, and is no fault of the key', async (head, user, expected) => {
    const proxy = await (expected.startsWith('https')
      ? opened(openTcpServer((bytes, socket) => void socket.end(`${head}\r\n\r\n${String(bytes).slice(0, 0)}`)))
      : openProxy(head));
    const upstream = upstreamOf({ proxyUrl: `http://${user}127.0.0.1:${proxy.port}` });
    const { kind, message } = await failureOf(upstream.send(call('https://provider.test/v1')));
    expect(kind).toBe('connection');
    expect(message).toContain(expected);
    expect(message).not.toContain('secret-word');
    if (!expected.startsWith('https')) expect(message).toContain(`The proxy http://127.0.0.1:${proxy.port} `);
    await eventually(() => proxy.sockets.size === 0);
    expect(proxy.sockets.size).toBe(0);
  });

  it('a request without TLS is named, too', async () => {
    const proxy = await opened(openHttpServer((_, response) => response.writeHead(407).end('no')));
    const upstream = upstreamOf({ environment: { http_proxy: `http://127.0.0.1:${proxy.port}` } });
    const { kind, message } = await failureOf(upstream.send(call('http://provider.test/v1')));
    expect(kind).toBe('connection');
    expect(message).toContain(`The proxy http://127.0.0.1:${proxy.port} wants a user name and a password (HTTP 407).`);
    expect(message).toContain("VS Code's http.proxy");
  });

  it('to be connected to is named', async () => {
    const { message } = await failureOf(upstreamOf({ proxyUrl: '127.0.0.1:1' }).send(call('https://provider.test')));
    expect(message).toBe(
      'The proxy http://127.0.0.1:1 refused the connection. Is it running, and is the port right? Check PROXY_URL.',
    );
  });
});

describe('a proxy that works', () => {
  it('forwards requests without TLS, with its credentials', async () => {
    const proxy = await opened(
      openHttpServer(({ url, headers }, response) =>
        response.end(`${url} ${headers.host} ${headers['proxy-authorization']}`),
      ),
    );
    const upstream = upstreamOf({ proxyUrl: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
    const { body } = await upstream.send(call('http://provider.test:8000/v1?a=b'));
    expect(await readAll(body)).toBe(
      `http://provider.test:8000/v1?a=b provider.test:8000 Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
  });

  it('speaks SOCKS 5, with and without a password', async () => {
    const provider = await opened(openHttpServer(({ url }, response) => response.end(`answer ${url}`)));
    const seen: string[] = [];
    const proxy = await opened(openTcpServer(socksServer(provider.port, seen)));
    for (const user of ['', 'user:word@']) {
      const upstream = upstreamOf({ proxyUrl: `socks5://${user}127.0.0.1:${proxy.port}` });
      expect(await readAll((await upstream.send(call('http://provider.test:81/v1'))).body)).toBe('answer /v1');
    }
    const refused = await failureOf(
      upstreamOf({ proxyUrl: `socks5://user:bad@127.0.0.1:${proxy.port}` }).send(call('http://provider.test:81/v1')),
    );
    expect(refused.message).toContain(
      'did not open a connection to provider.test:81: it does not accept the user name',
    );
    expect(seen).toEqual(['provider.test:81', 'user word', 'provider.test:81', 'user bad']);
  });
});

/** RFC 1928: wants a password if one is offered. */
function socksServer(port: number, seen: string[]): (bytes: Buffer, socket: Socket) => void {
  return (bytes, socket) => {
    if (bytes[0] === 1) {
      const user = bytes.subarray(2, 2 + (bytes[1] ?? 0)).toString();
      const word = bytes.subarray(3 + user.length).toString();
      seen.push(`${user} ${word}`);
      socket.write(Buffer.from([1, word === 'bad' ? 1 : 0]));
    } else if (bytes.length <= 4) socket.write(Buffer.from([5, bytes[1] === 2 ? 2 : 0]));
    else {
      const length = bytes[4] ?? 0;
      seen.push(`${bytes.subarray(5, 5 + length).toString()}:${bytes.readUInt16BE(5 + length)}`);
      socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      socket.removeAllListeners('data');
      joinSockets(socket, port);
    }
  };
}

const certificate = createCertificate();

describe.skipIf(!certificate)('TLS', () => {
  it('works directly and through a tunnel, over HTTP/1.1', async () => {
    const authorities = getCACertificates('default');
    setDefaultCACertificates([...authorities, certificate?.cert ?? '']);
    cleanups.push(() => setDefaultCACertificates(authorities));
    const server = createTlsServer(certificate ?? {}, ({ httpVersion, url }, response) =>
      response.end(`${httpVersion} ${url}`),
    );
    const protocols: (string | false | null)[] = [];
    server.on('secureConnection', ({ alpnProtocol }) => protocols.push(alpnProtocol));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => void server.close());
    cleanups.push(() => server.closeAllConnections());
    const { port } = server.address() as { port: number };
    const asked: string[] = [];
    const proxy = await opened(
      openTcpServer((bytes, socket) => {
        asked.push(bytes.toString().split('\r\n', 1)[0] ?? '');
        socket.removeAllListeners('data');
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        joinSockets(socket, port);
      }),
    );
    const direct = upstreamOf();
    for (let time = 0; time < 2; time++)
      expect(await readAll((await direct.send(call(`https://localhost:${port}/v1`))).body)).toBe('1.1 /v1');
    const tunnelled = upstreamOf({ proxyUrl: `http://127.0.0.1:${proxy.port}` });
    const headers = { host: 'localhost' };
    expect(await readAll((await tunnelled.send(call('https://provider.test/v2', { headers }))).body)).toBe('1.1 /v2');
    expect(asked).toEqual(['CONNECT provider.test:443 HTTP/1.1']);
    // A request that starts just as another ends opens a connection of its own.
    expect(protocols.length).toBeLessThanOrEqual(3);
    expect(new Set(protocols)).toEqual(new Set(['http/1.1']));
    const wrongName = await failureOf(tunnelled.send(call('https://provider.test/v2')));
    expect(wrongName.message).toContain('https://provider.test has a certificate for another name');
  });
});

describe('idle connections', () => {
  it('are kept up to POOL_MAX_IDLE_PER_HOST', async () => {
    const server = await opened(openHttpServer((_, response) => void setTimeout(() => response.end('a'), 20)));
    const upstream = upstreamOf({ maxIdlePerHost: 2 });
    const url = `http://127.0.0.1:${server.port}`;
    const send = async (): Promise<string> => readAll((await upstream.send(call(url))).body);
    await Promise.all([1, 2, 3, 4].map(send));
    await eventually(() => server.sockets.size === 2);
    expect(server.sockets.size).toBe(2);
    await send();
    expect(server.sockets.size).toBe(2);
  });

  it('are replaced when the provider has just closed them', async () => {
    const server = await opened(
      openTcpServer((_, socket) => {
        // Closes the connection when its second request comes, as a provider does whose limit has just passed.
        if (socket.bytesWritten > 0) return void socket.destroy();
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na');
      }),
    );
    const upstream = upstreamOf();
    const url = `http://127.0.0.1:${server.port}`;
    for (let time = 0; time < 4; time++) expect(await readAll((await upstream.send(call(url))).body)).toBe('a');
  });

  it('that were never used are closed: a request that cannot be sent leaves none', async () => {
    const server = await opened(openHttpServer((_, response) => response.end('a')));
    const headers = { authorization: 'Bearer a\nb' };
    const { kind } = await failureOf(upstreamOf().send(call(`http://127.0.0.1:${server.port}`, { headers })));
    expect(kind).toBe('auth');
    await eventually(() => server.sockets.size === 0);
    expect(server.sockets.size).toBe(0);
  });
});
