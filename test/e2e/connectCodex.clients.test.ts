// Codex by its own config.toml, as `ccr connect codex` writes it: without our shim, our terminals or a variable. The Codex IDE
// extension runs `codex app-server`, which reads and edits the same file.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../upstream/json.ts';
import { agentAnswer, agentScript } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import {
  agentFiles,
  clientEnvironment,
  createClientFolders,
  execFlags,
  pinnedCodex,
  runCodex,
  type ClientFolders,
} from './codex.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';
import { installCodex } from './installClients.mjs';

const bothFiles = { shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' };
const token = 'the-token-of-this-test';
const pinned = '0.169.0';
const newest = '0.171.0';

const own = '# my settings\nmodel = "auto" # by CCR\n\n[tui]\nnotifications = false\n';

let standIn: StandIn;
let gateway: Gateway;
let folders: ClientFolders;
beforeAll(async () => {
  standIn = await startStandIn({ provider: 'deepseek', script: agentScript(), apiKey: upstreamKey });
  const config = {
    Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner', 'other'])],
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
    Presets: { coding: { route: 'deepseek,other' } },
  };
  gateway = await startGateway(config, { CCR_TOKEN: token });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});
beforeEach(() => {
  folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
  writeFileSync(configFile(), own);
  standIn.play(agentScript());
});
afterEach(() => folders.remove());

/** One home, as on a user's machine: the helper finds the gateway's run file there. */
const place = () => ({
  workspace: folders.workspace,
  home: gateway.folders.home,
  environment: { CODEX_HOME: codexHome() },
});
const codexHome = (): string => path.join(folders.home, '.codex');
const configFile = (): string => path.join(codexHome(), 'config.toml');
const config = (): string => readFileSync(configFile(), 'utf8');
const binaryOf = (version: string): Promise<string> | string =>
  version === pinned ? pinnedCodex() : installCodex(version);

async function connect(...more: string[]): Promise<void> {
  const run = await gateway.ccr(['connect', 'codex', '--yes', ...more], { CODEX_HOME: codexHome() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
}

describe.each(['0.130.0', '0.155.0', pinned, newest])('Codex %s', (version) => {
  test('works through the gateway with a token, and its file comes back as it was, with what Codex wrote', async () => {
    const isCurrent = version === pinned || version === newest;
    await connect();
    const run = await runCodex({
      binary: await binaryOf(version),
      args: [...execFlags, 'Create the two files'],
      ...place(),
    });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    expect(standIn.requests.length).toBeGreaterThan(0);
    if (isCurrent) {
      expect(agentFiles(folders.workspace)).toEqual(bothFiles);
      expect(run.stderr).not.toMatch(/Model metadata|models_manager/);
    }
    await connect('--undo');
    // Older versions trust the folder of `exec`, and write it down while CCR is in the file.
    const trust = `\n[projects."${folders.workspace}"]\ntrust_level = "trusted"\n`;
    expect(config()).toBe(isCurrent ? own : own + trust);
  });
});

// 0.80 and 0.98 do not know `auth.command`: they send no token, which only matters where one is required.
test.each(['0.80.0', '0.98.0'])('Codex %s reads the file', async (version) => {
  await connect();
  const run = await runCodex({ binary: await binaryOf(version), args: [...execFlags, 'Hello'], ...place() });
  expect(run.stderr).toContain('provider: ccr');
  expect(run.stderr + run.stdout).toMatch(/401|token/i);
});

describe.each([pinned, newest])('codex app-server %s, which the IDE extension runs', (version) => {
  test('lists our models and presets, and starts a thread on our provider', async () => {
    await connect();
    const server = await startAppServer(version);
    try {
      const { data } = await server.request('model/list', {});
      expect(JSON.stringify(data)).toMatch(/"auto"/);
      expect(JSON.stringify(data)).toMatch(/"coding"/);
      const started = await server.request('thread/start', { cwd: folders.workspace });
      expect(started).toMatchObject({ modelProvider: 'ccr', model: 'auto' });
    } finally {
      server.end();
    }
  });

  test('edits the file in between, and the undo keeps just that', async () => {
    const edit = async (): Promise<string> => {
      const server = await startAppServer(version);
      try {
        for (const [keyPath, value] of Object.entries({
          model: 'coding',
          'tui.theme': 'dark',
          [`projects."${folders.workspace}"`]: { trust_level: 'trusted' },
        })) {
          await server.request('config/value/write', { keyPath, value, mergeStrategy: 'upsert' });
        }
      } finally {
        server.end();
      }
      return config();
    };
    const without = await edit();
    expect(without).toContain('model = "coding"');
    writeFileSync(configFile(), own);
    await connect();
    expect(await edit()).toContain('model_provider = "ccr"');
    await connect('--undo');
    expect(config()).toBe(without);
  });
});

type AppServer = { request(method: string, parameters: object): Promise<JsonObject>; end(): void };

/** JSON-RPC over lines of standard input and output. */
async function startAppServer(version: string): Promise<AppServer> {
  mkdirSync(codexHome(), { recursive: true });
  const child = spawn(process.execPath, [await binaryOf(version), 'app-server'], {
    cwd: folders.workspace,
    env: clientEnvironment(place()),
    detached: true,
  });
  let last = 0;
  const replies = readReplies(child);
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  const server: AppServer = {
    request: (method, parameters) => {
      const id = ++last;
      const reply = new Promise<JsonObject>((resolve, reject) => replies.set(id, { resolve, reject }));
      send({ id, method, params: parameters });
      return reply;
    },
    end: () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
  await server.request('initialize', { clientInfo: { name: 'ccr-test', title: 'CCR', version: '1.0.0' } });
  send({ method: 'initialized' });
  return server;
}

type Pending = { resolve(result: JsonObject): void; reject(error: Error): void };

function readReplies(child: ChildProcessWithoutNullStreams): Map<number, Pending> {
  const pending = new Map<number, Pending>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result, error } = JSON.parse(line) as { id?: number; result?: JsonObject; error?: unknown };
    const waiting = id === undefined ? undefined : pending.get(id);
    if (error) waiting?.reject(new Error(JSON.stringify(error)));
    else waiting?.resolve(result ?? {});
  });
  return pending;
}
