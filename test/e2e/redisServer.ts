import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { debianProgram } from '../../scripts/test/debianPrograms.mjs';
import { freePort } from './gateway.ts';

/** Undefined where Redis can't be installed. */
export const redisProgram = debianProgram('redis-server');

export type RedisServer = {
  port: number;
  url: string;
  /** For what a test reads and writes itself. */
  client: Redis;
  /** Ends the process at once, and loses the data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Neither answers nor closes its connections until it is thawed. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

/** A real Redis server with a password, without data and without a file. */
export async function startRedis(password = 'redis-pass-planted'): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'ccr-redis-'));
  const url = `redis://:${password}@127.0.0.1:${port}/0`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', password];
    child = spawn(redisProgram ?? '', [...settings, '--save', '', '--dir', folder], { stdio: 'ignore' });
    await untilListening(port);
  };
  const end = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  const client = new Redis(url, { maxRetriesPerRequest: null });
  // Tests end the server on purpose.
  client.on('error', () => undefined);
  return {
    port,
    url,
    client,
    kill: end,
    start,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async stop() {
      client.disconnect();
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Polls: a server in another process does not say when it listens.
async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await wait(25);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}
