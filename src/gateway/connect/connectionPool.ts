import type { Socket } from 'node:net';
import { createHttpClient, type HttpClient } from './httpClient.ts';

export type PoolOptions = {
  /** Idle connections to keep for each name. */
  maxIdle: number;
  /** How long an idle connection is kept. Milliseconds. */
  idleTimeoutMs: number;
};

/** Open connections, each for one request at a time, by a name such as the origin. */
export type ConnectionPool = {
  /** The idle connection that was used last, which its peer is least likely to have closed. */
  take(name: string): HttpClient | undefined;
  /** Adds a connection, which becomes idle after its first request. */
  add(name: string, origin: string, socket: Socket): HttpClient;
  /** Closes a connection at once. */
  drop(client: HttpClient): void;
  /** Closes each connection once its request has ended; resolves then. Connections may still be added. */
  close(): Promise<void>;
  /** Closes all connections at once. */
  destroy(): Promise<void>;
};

export function createConnectionPool({ maxIdle, idleTimeoutMs }: PoolOptions): ConnectionPool {
  /** All connections. A client does not know its socket before its first request. */
  const open = new Map<HttpClient, { name: string; socket: Socket }>();
  /** Those without a request, by name: the one that was used last is at the end. */
  const idle = new Map<string, HttpClient[]>();
  let isClosing = false;
  let onEmpty: (() => void) | undefined;

  function drop(client: HttpClient): void {
    const connection = open.get(client);
    if (!connection) return;
    const { name, socket } = connection;
    open.delete(client);
    const others = (idle.get(name) ?? []).filter((each) => each !== client);
    if (others.length > 0) idle.set(name, others);
    else idle.delete(name);
    void client.destroy().then(() => socket.destroy());
    if (open.size === 0) onEmpty?.();
  }

  function release(client: HttpClient): void {
    const name = open.get(client)?.name;
    if (name === undefined) return;
    const others = idle.get(name);
    if (isClosing || (others?.length ?? 0) >= maxIdle) drop(client);
    else if (!others) idle.set(name, [client]);
    else if (!others.includes(client)) others.push(client);
  }

  return {
    take(name) {
      const clients = idle.get(name);
      const last = clients?.pop();
      if (clients?.length === 0) idle.delete(name);
      return last;
    },
    add(name, origin, socket) {
      const client = createHttpClient(socket, origin, idleTimeoutMs);
      open.set(client, { name, socket });
      client.on('drain', () => release(client));
      client.on('disconnect', () => drop(client));
      client.on('connectionError', () => drop(client));
      return client;
    },
    drop,
    async close() {
      isClosing = true;
      for (const client of [...idle.values()].flat()) drop(client);
      if (open.size > 0) await new Promise<void>((resolve) => (onEmpty = resolve));
    },
    async destroy() {
      isClosing = true;
      const connections = [...open];
      open.clear();
      idle.clear();
      onEmpty?.();
      await Promise.all(connections.map(([client]) => client.destroy()));
      for (const [, { socket }] of connections) socket.destroy();
    },
  };
}
