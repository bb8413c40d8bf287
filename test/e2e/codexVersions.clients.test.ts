// Codex CLIs from 0.98 to the newest, through `ccr codex`, since users often have older versions installed. `npm run
// test:clients` installs them on demand.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  agentAnswer,
  agentReasoning,
  agentScript,
  chatScript,
  imageScript,
  parallelAgentScript,
} from '../upstream/scripts.ts';
import type { JsonObject } from '../upstream/json.ts';
import { startStandIn, type ProviderName, type StandIn } from '../upstream/standIn.ts';
import {
  agentFiles,
  createClientFolders,
  execFlags,
  pinnedCodex,
  runCodex,
  type ClientFolders,
  type CodexRun,
} from './codex.ts';
import { askInTerminal, trustWorkspace, type CodexSession } from './codexTerminal.ts';
import { cli, providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';
import { installCodex } from './installClients.mjs';
import { hasTerminal } from './terminal.ts';

const bothFiles = { shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' };
const task = 'Create the two files';
/** A red dot. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const pinned = '0.169.0';
const newest = '0.171.0';
const versions = ['0.98.0', '0.155.0', pinned, newest];
const providers: { provider: ProviderName; name: string; model: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'openai-chat', name: 'openai', model: 'gpt-4o' },
];

let folders: ClientFolders;
beforeEach(() => {
  folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
});
afterEach(() => folders.remove());

const binaryOf = async (version: string): Promise<string> =>
  version === pinned ? pinnedCodex() : installCodex(version);

/** `ccr codex`, with that version's `codex` in the PATH. */
async function throughShim(
  gateway: Gateway,
  version: string,
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<CodexRun> {
  return runCodex({
    binary: cli,
    args: ['codex', '--port', String(gateway.port), ...args],
    environment: { ...(await terminalEnvironment(gateway, version)), ...more },
    workspace: folders.workspace,
    home: gateway.folders.home,
  });
}

async function terminalEnvironment(gateway: Gateway, version: string): Promise<Record<string, string>> {
  const bin = path.join(folders.root, 'bin');
  mkdirSync(bin, { recursive: true });
  const wrapper = `#!/bin/sh\nexec '${process.execPath}' '${await binaryOf(version)}' "$@"\n`;
  writeFileSync(path.join(bin, 'codex'), wrapper, { mode: 0o755 });
  // npm's location on Windows. `ccr codex` reads the version there, to decide which values the catalog may have.
  const installed = path.join(bin, 'node_modules', '@openai', 'codex');
  mkdirSync(installed, { recursive: true });
  writeFileSync(path.join(installed, 'package.json'), JSON.stringify({ name: '@openai/codex', version }));
  return {
    // As in our terminals. 0.98 reads them as well as the shim's options: without a key it would request OpenAI's catalog.
    OPENAI_BASE_URL: `${gateway.url}/v1`,
    OPENAI_API_KEY: 'anything',
    CODEX_API_KEY: 'anything',
    PATH: [bin, process.env['PATH'] ?? ''].join(path.delimiter),
    CODEX_HOME: path.join(folders.home, '.codex'),
  };
}

const refusals = (standIn: StandIn): string[] => standIn.requests.flatMap(({ refusal }) => refusal ?? []);

/** Models whose efforts differ from low, medium and high: `none`, no efforts, and some that older versions reject. */
const steeredOtherwise = (standIn: StandIn): JsonObject[] => [
  providerEntry('minimax', standIn, ['MiniMax-M2.7', 'MiniMax-M3']),
  providerEntry('kimi', standIn, ['kimi-k3']),
  providerEntry('openai', standIn, ['gpt-5.6-sol', 'gpt-5']),
];

/** No warning about a model without metadata, and no rejected catalog: Codex has read ours. */
function expectNoComplaint({ stderr }: CodexRun): void {
  expect(stderr).not.toMatch(/Model metadata|models_manager|available models|catalog/i);
}

describe.each(providers)('$provider', ({ provider, name, model }) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider, script: agentScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry(name, standIn, [model])],
      Router: { default: `${name},${model}`, tierRetries: quickRetries },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  describe.each(versions)('Codex %s', (version) => {
    const exec = (...args: string[]): Promise<CodexRun> => throughShim(gateway, version, [...execFlags, ...args]);

    test('a command and a patch, and their history in a resumed session', async () => {
      standIn.play(agentScript());
      for (const args of [[task], ['resume', '--last', 'Once more']]) {
        const run = await exec(...args);
        expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
        expect(agentFiles(folders.workspace)).toEqual(bothFiles);
        expectNoComplaint(run);
      }
      expect(refusals(standIn)).toEqual([]);
      if (provider !== 'deepseek') return;
      const received = standIn.requests.at(-1)?.replays.map((replay) => replay.received);
      expect(received).toEqual([...agentReasoning, agentReasoning[0], agentReasoning[1]]);
    });

    test('two calls at once', async () => {
      standIn.play(parallelAgentScript());
      const run = await exec(task);
      expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
      expect(agentFiles(folders.workspace)).toEqual(bothFiles);
      expect(refusals(standIn)).toEqual([]);
    });

    test('an image that the model asks to see', async () => {
      const file = path.join(folders.workspace, 'dot.png');
      writeFileSync(file, Buffer.from(pixel, 'base64'));
      standIn.play(imageScript(file));
      const run = await exec('What is in dot.png?');
      expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
      // A text-only model gets a note instead, from Codex or from the gateway.
      const seen = JSON.stringify(standIn.requests.at(-1)?.body['messages']);
      if (provider === 'openai-chat') expect(seen).toContain(`data:image/png;base64,${pixel}`);
      else expect(seen).toMatch(/you do not support image inputs|image omitted/);
      expect(refusals(standIn)).toEqual([]);
    });

    test('an answer that follows a schema', async () => {
      const schema = path.join(folders.workspace, 'schema.json');
      const properties = { verdict: { type: 'string', enum: ['good', 'bad'] }, count: { type: 'integer' } };
      const required = ['verdict', 'count'];
      writeFileSync(schema, JSON.stringify({ type: 'object', properties, required, additionalProperties: false }));
      standIn.play(agentScript());
      const run = await exec('--output-schema', schema, 'Judge this folder');
      expect(run, run.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(run.stdout)).toEqual({ verdict: 'good', count: 1 });
      expect(refusals(standIn)).toEqual([]);
      const type = provider === 'openai-chat' ? 'json_schema' : 'json_object';
      expect(standIn.requests.at(-1)?.body['response_format']).toMatchObject({ type });
    });
  });
});

describe('with environment variables only, which Codex supports up to 0.118', () => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider: 'deepseek', script: agentScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner']), ...steeredOtherwise(standIn)],
      Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  test('Codex 0.98 works', async () => {
    const environment = { OPENAI_BASE_URL: `${gateway.url}/v1`, CODEX_API_KEY: 'anything' };
    const run = await runCodex({
      binary: await installCodex('0.98.0'),
      args: [...execFlags, task],
      environment,
      ...folders,
    });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    expect(agentFiles(folders.workspace)).toEqual(bothFiles);
    expectNoComplaint(run);
    expect(refusals(standIn)).toEqual([]);
    const received = standIn.requests.at(-1)?.replays.map((replay) => replay.received);
    expect(received).toEqual([agentReasoning[0], agentReasoning[1]]);
  });

  // It requests a catalog when it has OPENAI_API_KEY and not CODEX_API_KEY, and logs an ERROR if it can't read it.
  test('Codex 0.98 reads our catalog, and so has the patch tool for our models', async () => {
    const before = standIn.requests.length;
    const run = await throughShim(gateway, '0.98.0', [...execFlags, '-m', 'auto', task], { CODEX_API_KEY: '' });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    expectNoComplaint(run);
    expect(JSON.stringify(standIn.requests[before]?.body['tools'])).toContain('"apply_patch"');
  });
});

// The file that the shim writes, for each of the names that a config offers or hides.
describe.each(['0.130.0', '0.155.0', pinned, newest])("Codex %s and the shim's catalog", (version) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider: 'deepseek', script: agentScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner', 'other']), ...steeredOtherwise(standIn)],
      Router: { default: 'deepseek,deepseek-reasoner', think: 'deepseek,other', tierRetries: quickRetries },
      Presets: { coding: { route: 'deepseek,other' } },
      Frontend: { codex: { modelMappings: { 'your-model': 'deepseek,other' } } },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  test.each(['', 'auto', 'think', 'coding', 'deepseek,other', 'other', 'your-model', 'gpt-4o'])(
    'knows the model "%s"',
    async (name) => {
      const before = standIn.requests.length;
      const run = await throughShim(gateway, version, [...execFlags, ...(name === '' ? [] : ['-m', name]), task]);
      expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
      expectNoComplaint(run);
      expect(JSON.stringify(standIn.requests[before]?.body['tools'])).toContain('"apply_patch"');
    },
  );

  // Shows that the tests above would fail without the catalog. 0.130 does not warn, but removes the tool.
  test('removes the patch tool from a model that is not in it', async () => {
    const before = standIn.requests.length;
    const run = await throughShim(gateway, version, [...execFlags, '-m', 'nobody', task]);
    expect(JSON.stringify(standIn.requests[before]?.body['tools'])).not.toContain('"apply_patch"');
    if (version !== '0.130.0') expect(run.stderr).toContain('Model metadata for');
  });
});

// On a terminal, as most people use it.
describe.runIf(hasTerminal).each(['0.98.0', '0.130.0', '0.155.0', pinned, newest])("Codex %s's TUI", (version) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider: 'glm', script: chatScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry('zai', standIn, ['glm-5'])],
      Router: { default: 'zai,glm-5', tierRetries: quickRetries },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  async function ask(...flags: string[]): Promise<CodexSession> {
    const environment = await terminalEnvironment(gateway, version);
    trustWorkspace(path.join(folders.home, '.codex'), folders.workspace);
    return askInTerminal({
      command: [process.execPath, cli, 'codex', '--port', String(gateway.port), ...flags],
      environment,
      workspace: folders.workspace,
      home: gateway.folders.home,
      question: 'What is 15 * 23?',
      answer: /• 15 \* 23 = 345$/m,
    });
  }

  test('starts, shows only the answer, and ends', async () => {
    const session = await ask();
    expect(session.code, session.ended).toBe(0);
    expect(Object.values(session).join('\n')).not.toMatch(/think>|metadata/i);
    expect(standIn.requests.length).toBeGreaterThan(0);
    expect(refusals(standIn)).toEqual([]);
  });

  // Shows that the test above would see a warning. 0.98 has none.
  test.runIf(version !== '0.98.0')('warns of a model without metadata', async () => {
    expect(Object.values(await ask('-m', 'nobody')).join('\n')).toMatch(/metadata for `nobody` not found/);
  });
});
