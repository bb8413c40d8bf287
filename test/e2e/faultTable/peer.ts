import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The provider's side of one request: raw bytes, so that anything can be wrong with them. */
export type Peer = {
  /** The status line and headers, then whatever `body` is; the connection stays open. */
  head(status: number, headers?: Record<string, string>): void;
  write(text: string | Uint8Array): void;
  end(): void;
  reset(): void;
  /** Writes `text` again and again until the other side closes the connection. */
  repeat(text: string, everyMs: number): void;
};

export type PeerServer = {
  url: string;
  /** Plays the answer to requests whose path begins with `/name/`. */
  serve(name: string, play: (peer: Peer) => void): void;
  asked(name: string): number;
  /** Whether all connections of `name` are closed within `limitMs`. */
  isClosed(name: string, limitMs: number): Promise<boolean>;
  close(): void;
};

export async function startPeerServer(): Promise<PeerServer> {
  const plays = new Map<string, (peer: Peer) => void>();
  const sockets = new Map<string, Socket[]>();
  const server = createServer((socket) => receive(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function receive(socket: Socket): void {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (text === undefined) return;
      text += data.toString('latin1');
      const bodyAt = text.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (bodyAt < 4 || text.length < bodyAt + length) return;
      const [, name = ''] = /^POST \/([^/]+)\//.exec(text) ?? [];
      text = '';
      sockets.set(name, [...(sockets.get(name) ?? []), socket]);
      plays.get(name)?.(createPeer(socket));
    });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (name, play) => void plays.set(name, play),
    asked: (name) => sockets.get(name)?.length ?? 0,
    async isClosed(name, limitMs) {
      const open = (sockets.get(name) ?? []).filter(({ closed }) => !closed);
      const closing = open.map((socket) => once(socket, 'close').catch(() => undefined));
      const late = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => late.resolve(false), limitMs);
      const isInTime = await Promise.race([Promise.all(closing).then(() => true), late.promise]);
      clearTimeout(timer);
      return isInTime;
    },
    close: () => closeAll(server, [...sockets.values()].flat()),
  };
}

function closeAll(server: Server, sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy();
  server.close();
}

function createPeer(socket: Socket): Peer {
  return {
    head(status, headers = {}) {
      const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`);
    },
    write: (text) => void socket.write(text),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    repeat(text, everyMs) {
      const timer = setInterval(() => {
        if (socket.writableLength < 4_000_000) socket.write(text);
      }, everyMs);
      socket.on('close', () => clearInterval(timer));
    },
  };
}
