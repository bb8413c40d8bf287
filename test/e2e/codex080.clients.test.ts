// Codex 0.80, the last version that needs only OPENAI_BASE_URL and still supports Chat Completions. `npm run test:clients`
// installs it on demand.
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { agentAnswer, agentReasoning, agentScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../upstream/standIn.ts';
import { agentFiles, createClientFolders, execFlags, runCodex } from './codex.ts';
import type { ClientFolders, CodexRun } from './codex.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import { installCodex } from './installClients.mjs';

const bothFiles = { shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' };
const task = 'Create the two files';
const marks = /<\/?think>|◁\/?think▷/;

let binary: string;
beforeAll(async () => {
  binary = await installCodex();
});

const created: ClientFolders[] = [];
afterEach(() => {
  for (const folders of created.splice(0)) folders.remove();
});

const providers: { provider: ProviderName; name: string; model: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  { provider: 'kimi', name: 'kimi', model: 'kimi-k2' },
];

describe.each(providers)('Codex 0.80 through ccr to $provider', ({ provider, name, model }) => {
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

  test('with OPENAI_BASE_URL and CODEX_API_KEY only', async () => {
    await expectAgentToWork((folders) => {
      const environment = { OPENAI_BASE_URL: `${gateway.url}/v1`, CODEX_API_KEY: 'anything' };
      return runCodex({ binary, args: [...execFlags, task], environment, ...folders });
    });
  });

  test('with wire_api="chat", where it drops all reasoning and splits a turn in two', async () => {
    await expectAgentToWork((folders) => overChat(`${gateway.url}/v1`, model, folders));
  });

  test('with wire_api="chat" and a call without text', async () => {
    standIn.play(agentScript({ remark: '' }));
    await expectAgentToWork((folders) => overChat(`${gateway.url}/v1`, model, folders));
    standIn.play(agentScript());
  });

  async function expectAgentToWork(start: (folders: ClientFolders) => Promise<CodexRun>): Promise<void> {
    const folders = clientFolders();
    const run = await start(folders);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    expect(agentFiles(folders.workspace)).toEqual(bothFiles);
    expect(run.stdout + run.stderr).not.toMatch(marks);
    expect(standIn.requests.map((request) => request.refusal).filter((text) => text !== undefined)).toEqual([]);
    if (provider !== 'deepseek' && provider !== 'minimax') return;
    const replays = standIn.requests.at(-1)?.replays ?? [];
    expect(replays.map(({ received }) => received)).toEqual([agentReasoning[0], agentReasoning[1]]);
  }
});

describe('Codex 0.80 without ccr', () => {
  test.each([
    ['a call alone', '', 'The `reasoning_content` in the thinking mode must be passed back to the API.'],
    ['a call with text beside it', 'Creating a file.', 'insufficient tool messages following tool_calls message'],
  ])('ends in the 400 of DeepSeek after %s', async (_what, remark, text) => {
    const standIn = await startStandIn({ provider: 'deepseek', script: agentScript({ remark }) });
    const folders = clientFolders();
    const run = await overChat(standIn.url, 'deepseek-reasoner', folders);
    await standIn.close();
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain(text);
    expect(agentFiles(folders.workspace)).toEqual({ shell: bothFiles.shell, patched: undefined });
  });
});

function clientFolders(): ClientFolders {
  const folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
  created.push(folders);
  return folders;
}

function overChat(url: string, model: string, folders: ClientFolders): Promise<CodexRun> {
  const provider = `{name="Chat",base_url="${url}",env_key="CHAT_KEY",wire_api="chat"}`;
  const flags = ['-c', 'model_provider="chat"', '-c', `model_providers.chat=${provider}`, '-m', model];
  return runCodex({ binary, args: [...execFlags, ...flags, task], environment: { CHAT_KEY: 'anything' }, ...folders });
}
