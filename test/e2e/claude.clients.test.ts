// The real Claude Code through the real gateway, with `ccr claude`. `npm run test:clients` installs it on demand.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  agentAnswer,
  agentReasoning,
  agentScript,
  always,
  parallelAgentScript,
  sequence,
  turn,
} from '../upstream/scripts.ts';
import { writeShims } from '../../src/cli/shimFiles.ts';
import { startStandIn, type ProviderName, type StandIn } from '../upstream/standIn.ts';
import type { Outcome } from '../upstream/turn.ts';
import { agentFiles, createClientFolders, runCodex as runClient, type ClientFolders, type CodexRun } from './codex.ts';
import { cli, providerEntry, startGateway, upstreamKey, type Gateway } from './gateway.ts';
import { installClaudeCode } from './installClients.mjs';

const bothFiles = { shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' };
const marks = /<\/?think>|◁\/?think▷/;

let folders: ClientFolders;
let binary: string;
beforeAll(async () => {
  binary = await installClaudeCode();
});
beforeEach(() => {
  folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
});
afterEach(() => folders.remove());

/** Runs `ccr claude -p` with the gateway's home, where its run file is. */
function claude(
  gateway: Gateway,
  args: readonly string[] = ['Create the two files'],
  more: Record<string, string> = {},
): Promise<CodexRun> {
  const bin = path.join(folders.root, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(binary, path.join(bin, 'claude'));
  const environment = {
    PATH: [bin, process.env['PATH'] ?? ''].join(path.delimiter),
    CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // By default it retries for minutes before a failure shows.
    CLAUDE_CODE_MAX_RETRIES: '1',
    ...more,
  };
  const own = ['claude', '--port', String(gateway.port), '-p', ...args, '--model', 'auto', '--allowedTools', 'Bash'];
  const { workspace } = folders;
  return runClient({ binary: cli, args: own, environment, workspace, home: gateway.folders.home });
}

/** Runs the bare `claude` of a terminal in VS Code: our shim is first in its PATH. */
function claudeInTerminal(gateway: Gateway, args: readonly string[]): Promise<CodexRun> {
  const bin = path.join(folders.root, 'bin');
  const shims = path.join(folders.root, 'shims');
  mkdirSync(bin, { recursive: true });
  symlinkSync(binary, path.join(bin, 'claude'));
  writeShims(shims, 'claude', { nodePath: process.execPath, cliPath: cli, electron: false });
  const environment = {
    PATH: [shims, bin, process.env['PATH'] ?? ''].join(path.delimiter),
    CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CCR_URL: `http://127.0.0.1:${gateway.port}`,
  };
  const { workspace } = folders;
  return runClient({ binary: path.join(shims, 'claude'), args, environment, workspace, home: gateway.folders.home });
}

function expectBothFiles(run: CodexRun): void {
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
  expect(agentFiles(folders.workspace)).toEqual(bothFiles);
  expect(run.stdout + run.stderr).not.toMatch(marks);
}

const refusals = (standIn: StandIn) => standIn.requests.flatMap(({ refusal }) => refusal ?? []);
const received = (standIn: StandIn) => standIn.requests.at(-1)?.replays.map((replay) => replay.received);

const providers: { provider: ProviderName; name: string; model: string; protocol?: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  { provider: 'kimi', name: 'kimi', model: 'kimi-k2.6' },
  { provider: 'openai-responses', name: 'openai', model: 'gpt-5.6', protocol: 'responses' },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', protocol: 'anthropic' },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-opus-4-7', protocol: 'anthropic' },
  { provider: 'anthropic', name: 'somebody', model: 'a-model', protocol: 'anthropic' },
];

describe.each(providers)('Claude Code through ccr to $provider ($model)', ({ provider, name, model, protocol }) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider, script: agentScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry(name, standIn, [model], protocol ? { protocol } : {})],
      Router: { default: `${name},${model}` },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  test('calls tools one by one and sends the reasoning of both turns back', async () => {
    standIn.play(agentScript());
    expectBothFiles(await claude(gateway));
    expect(refusals(standIn)).toEqual([]);
    // Claude Code asks Anthropic to omit thinking: only signatures come back, which the stand-in has checked.
    const kept = provider === 'anthropic' ? ['', ''] : [agentReasoning[0], agentReasoning[1]];
    expect(received(standIn)).toEqual(kept);
  });

  test('two tools at once', async () => {
    standIn.play(parallelAgentScript());
    expectBothFiles(await claude(gateway));
    expect(refusals(standIn)).toEqual([]);
    expect(received(standIn)).toEqual([provider === 'anthropic' ? '' : agentReasoning[0]]);
  });

  // The name is that of our row in the picker. Without it `/model` shows the id, and a warning for a row that it can't read.
  test('its picker has our models', async () => {
    const run = await claude(gateway, ['/model']);
    expect(run.stdout).toContain('Current model: `CCR: auto`');
    expect(run.stdout + run.stderr).not.toMatch(/entries were skipped|modelPicker/);
  });

  // Behind any base URL but Anthropic's, Claude Code does not ask for it unless it is told to.
  test('only Anthropic itself is asked to stream the input of tools as it comes', async () => {
    await claude(gateway);
    const tools = JSON.stringify(standIn.requests[0]?.body['tools']);
    expect(tools.includes('"eager_input_streaming":true')).toBe(name === 'anthropic');
    expect(tools.includes('"defer_loading":true')).toBe(name === 'anthropic');
  });

  // Some versions search tools for unknown models without being told to (2.1.330), so the variables themselves are looked at.
  test('the variables for tool search and streamed input are set for Anthropic itself', async () => {
    const bin = path.join(folders.root, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'claude'), '#!/bin/sh\nenv\n', { mode: 0o755 });
    const environment = { PATH: [bin, process.env['PATH'] ?? ''].join(path.delimiter) };
    const { workspace } = folders;
    const args = ['claude', '--port', String(gateway.port)];
    const run = await runClient({ binary: cli, args, environment, workspace, home: gateway.folders.home });
    const set =
      /^(?:ENABLE_TOOL_SEARCH|CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING|CLAUDE_CODE_GATEWAY_HINT_HEADERS)=.*/gm;
    const hints = 'CLAUDE_CODE_GATEWAY_HINT_HEADERS=1';
    const expected = ['CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING=1', hints, 'ENABLE_TOOL_SEARCH=true'];
    expect((run.stdout.match(set) ?? []).toSorted()).toEqual(name === 'anthropic' ? expected : [hints]);
  });

  test('the bare command of a terminal has the picker too', async () => {
    const run = await claudeInTerminal(gateway, ['-p', '/model', '--model', 'auto']);
    expect(run.stdout, run.stderr).toContain('Current model: `CCR: auto`');
  });

  test('the provider sees no header that changes from session to session', async () => {
    const [first] = standIn.requests;
    expect(JSON.stringify(first?.body)).not.toContain('x-anthropic-billing-header');
    expect(JSON.stringify(first?.body)).toContain('Create the two files');
  });
});

describe('Claude Code and failures', () => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeEach(async () => {
    standIn = await startStandIn({ provider: 'deepseek', script: agentScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['m'])],
      Router: { default: 'deepseek,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
    });
  });
  afterEach(async () => {
    await gateway.stop();
    await standIn.close();
  });

  test('a stream that breaks off is retried from the start', async () => {
    const broken: Outcome = { ...turn({ text: 'Half an answer' }), kind: 'cut', afterContentEvents: 3 };
    standIn.play(sequence(always(broken), agentScript()));
    expectBothFiles(await claude(gateway));
    expect(standIn.requests.map(({ body }) => body['stream'])).toEqual([true, false, true, true]);
  });

  test.each<[string, Outcome, string]>([
    ['a key that is not taken', { kind: 'refuse', status: 401, message: 'This key is dead' }, 'This key is dead'],
    ['a request that is refused', { kind: 'refuse', status: 400, message: 'Not like this' }, 'Not like this'],
  ])('%s is told in the provider’s words', async (_what, outcome, words) => {
    standIn.play(always(outcome));
    const run = await claude(gateway);
    expect(run.code).not.toBe(0);
    expect(run.stdout + run.stderr).toContain(words);
    // Claude Code does not retry a 403, and probes a 400 up to six times.
    expect(standIn.requests.length).toBeLessThanOrEqual(6);
  });

  test('its context size comes from the gateway', async () => {
    const run = await claude(gateway, ['/context']);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stdout).toMatch(/System tools \| [\d.]+k/);
    expect(standIn.requests).toEqual([]);
  });
});
