import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Servers on loopback for tests of connections. `close` ends a server and all of its connections.

export type TestServer = { port: number; sockets: Set<Socket>; close(): Promise<void> };

async function listening(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that answers each piece of bytes as `answer` says; silent without it. */
export function openTcpServer(answer?: (bytes: Buffer, socket: Socket) => void): Promise<TestServer> {
  return listening(createServer((socket) => socket.on('data', (bytes) => answer?.(bytes, socket))));
}

export function openHttpServer(listener: RequestListener): Promise<TestServer> {
  return listening(createHttpServer(listener));
}

/** Joins two connections, as a proxy does. */
export function joinSockets(one: Socket, port: number): void {
  const other = connect(port, '127.0.0.1');
  other.on('error', () => one.destroy());
  one.pipe(other).pipe(one);
  one.on('close', () => other.destroy());
}

/** A certificate for 127.0.0.1 and localhost that is its own authority; undefined where openssl is missing. */
export function createCertificate(): { key: string; cert: string } | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'ccr-certificate-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name)) as [string, string];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const options = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost`;
  try {
    const files = ['-addext', names, '-keyout', key, '-out', cert];
    execFileSync('openssl', [...options.split(' '), ...files], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until `isTrue`, at most two seconds; the test's own expectation then says what is missing. */
export async function eventually(isTrue: () => boolean): Promise<void> {
  for (let time = 0; time < 200 && !isTrue(); time++) await new Promise((resolve) => setTimeout(resolve, 10));
}
