import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../upstream/json.ts';
import type { StandIn } from '../upstream/standIn.ts';
import { createClientFolders, runCodex } from './codex.ts';
import type { ClientFolders, CodexRun } from './codex.ts';

export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The key in test configs, for stand-ins started with `apiKey: upstreamKey`. No client has it. */
export const upstreamKey = 'the-providers-own-key';

export type Gateway = {
  /** Without /v1. */
  url: string;
  port: number;
  folders: ClientFolders;
  /** The output so far. */
  output: () => string;
  /** Runs `ccr ...` with the gateway's home. */
  ccr: (args: readonly string[], environment?: Record<string, string>) => Promise<CodexRun>;
  /** Ends the process and starts a new one. After `SIGKILL` it can't finish anything. */
  restart: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Ends the process and deletes its folders. */
  stop: () => Promise<void>;
};

/** Starts `ccr start` in a separate process with its own home, and waits until it answers. */
export async function startGateway(config: JsonObject, environment: Record<string, string> = {}): Promise<Gateway> {
  const folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
  const port = await freePort();
  const file = writeConfig(folders.home, { ...config, PORT: port });
  const url = `http://127.0.0.1:${port}`;
  let output = '';
  const run = async (): Promise<ChildProcess> => {
    const started = spawn(process.execPath, [cli, 'start', '--config', file, '--port', String(port)], {
      cwd: folders.workspace,
      env: { PATH: process.env['PATH'] ?? '', HOME: folders.home, NO_PROXY: '127.0.0.1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    await untilHealthy(started, url, () => output);
    return started;
  };
  let child = await run();
  return {
    url,
    port,
    folders,
    output: () => output,
    ccr: (args, more = {}) => runCodex({ binary: cli, args, environment: more, ...folders }),
    restart: async (signal) => {
      await end(child, signal);
      child = await run();
    },
    stop: async () => {
      await end(child);
      folders.remove();
    },
  };
}

/** Writes a config at the default location. */
export function writeConfig(home: string, config: JsonObject): string {
  const folder = path.join(home, '.claude-code-router');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

/** An entry of `Providers[]` for a stand-in. */
export function providerEntry(
  name: string,
  standIn: StandIn,
  models: readonly string[],
  more: JsonObject = {},
): JsonObject {
  return { name, api_base_url: standIn.url, api_key: upstreamKey, models, ...more };
}

/** Retries without waiting. */
export const quickRetries = Object.fromEntries(
  [0, 1, 2, 3].map((tier) => [`tier-${tier}`, { max_retries: 1, base_backoff_ms: 1, max_backoff_ms: 5 }]),
);

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

// Polls, because there is no event across processes for a server that listens.
async function untilHealthy(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode}:\n${output()}`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    await wait(25);
  }
  child.kill('SIGKILL');
  throw new Error(`The gateway does not answer:\n${output()}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}
