// The real OpenCode by its own config file, as `ccr connect opencode` writes it, over each of the three APIs.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { chatScript } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { createClientFolders, runCodex as runClient, type ClientFolders } from './codex.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';
import { installOpenCode } from './installClients.mjs';

let standIn: StandIn;
let gateway: Gateway;
let folders: ClientFolders;
let binary: string;
beforeAll(async () => {
  binary = await installOpenCode();
  standIn = await startStandIn({ provider: 'deepseek', script: chatScript(), apiKey: upstreamKey });
  gateway = await startGateway({
    Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});
beforeEach(() => {
  folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
});
afterEach(() => folders.remove());

test.each([
  ['Chat Completions', '@ai-sdk/openai-compatible'],
  ['Responses', '@ai-sdk/openai'],
  ['Messages', '@ai-sdk/anthropic'],
])('answers over %s', async (_api, packageName) => {
  const XDG_CONFIG_HOME = path.join(folders.home, '.config');
  const connect = (...more: string[]) => gateway.ccr(['connect', 'opencode', '--yes', ...more], { XDG_CONFIG_HOME });
  expect(await connect()).toMatchObject({ code: 0 });
  const file = path.join(XDG_CONFIG_HOME, 'opencode', 'opencode.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('@ai-sdk/openai-compatible', packageName));
  const before = standIn.requests.length;
  const run = await runClient({
    binary,
    args: ['run', '--model', 'ccr/auto', 'What is 15 * 23?'],
    environment: { XDG_CONFIG_HOME, OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
    ...folders,
  });
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('15 * 23 = 345') });
  expect(standIn.requests.slice(before).flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  expect(standIn.requests.length).toBeGreaterThan(before);
  await connect('--undo');
  // OpenCode names its schema in the file, which stays.
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual(['$schema']);
});
