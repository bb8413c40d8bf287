// The real Codex CLI, pinned in package.json, through `ccr codex`: resumed sessions. A single session is in
// loops.test.ts.
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentAnswer, agentReasoning, agentScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../upstream/standIn.ts';
import { agentFiles, createClientFolders, execFlags, pinnedCodex, runCodex } from './codex.ts';
import type { ClientFolders, CodexRun } from './codex.ts';
import { waysFor } from '../unit/matrix/sampling.ts';
import { cli, providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const bothFiles = { shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' };
const task = 'Create the two files';
const marks = /<\/?think>|◁\/?think▷/;

const providers: { provider: ProviderName; name: string; model: string; more?: Record<string, unknown> }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  { provider: 'kimi', name: 'kimi', model: 'kimi-k2' },
  { provider: 'openai-chat', name: 'openai', model: 'gpt-4o' },
  { provider: 'openai-responses', name: 'azure', model: 'gpt-5', more: { protocol: 'responses' } },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', more: { protocol: 'anthropic' } },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-opus-4-7', more: { protocol: 'anthropic' } },
];

/** A provider of each protocol by default, all of them in a full run. */
const sampled = [...Map.groupBy(providers, ({ more }) => more?.['protocol']).values()].flatMap((ofProtocol) =>
  waysFor(ofProtocol, 0, 0),
);

describe.each(sampled)('through ccr to $provider ($model)', ({ provider, name, model, more }) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider, script: agentScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry(name, standIn, [model], more)],
      Router: { default: `${name},${model}`, tierRetries: quickRetries },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  test('a resumed session continues with all of its reasoning', async () => {
    const folders = freshWorkspace(gateway);
    const first = await throughShim(gateway, folders, [...execFlags, task]);
    expect(agentFiles(folders.workspace), first.stderr).toEqual(bothFiles);
    const run = await throughShim(gateway, folders, [...execFlags, 'resume', '--last', 'Once more']);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
    expect(run.stdout + run.stderr).not.toMatch(marks);
    // No warning about a model without metadata: Codex has read our catalog.
    expect(run.stderr).not.toContain('Model metadata for');
    expect(refusals(standIn)).toEqual([]);
    // Codex applied the patch with its own tool, not with the shell.
    expect(JSON.stringify(standIn.requests.at(-1)?.body)).not.toContain('apply_patch <<');
    if (provider !== 'deepseek') return;
    const replays = standIn.requests.at(-1)?.replays ?? [];
    expect(replays.map(({ received }) => received)).toEqual([...agentReasoning, agentReasoning[0], agentReasoning[1]]);
  });
});

// Shows that failures above are the gateway's: the harness and the stand-in work with Codex alone.
test('without ccr, Codex works with a provider of the Responses API', async () => {
  const standIn = await startStandIn({ provider: 'openai-responses', script: agentScript() });
  const folders = createClientFolders(path.join(tmpdir(), 'ccr-e2e'));
  const provider = `{name="Direct",base_url="${standIn.url}",env_key="DIRECT_KEY",wire_api="responses"}`;
  const flags = ['-c', 'model_provider="direct"', '-c', `model_providers.direct=${provider}`, '-m', 'a-model'];
  const run = await runCodex({
    binary: pinnedCodex(),
    args: [...execFlags, ...flags, task],
    environment: { DIRECT_KEY: 'a-key' },
    ...folders,
  });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
  expect(agentFiles(folders.workspace)).toEqual(bothFiles);
  expect(refusals(standIn)).toEqual([]);
  await standIn.close();
  folders.remove();
});

/** The gateway's home, where its run file is, with a separate Codex home and workspace. */
function freshWorkspace(gateway: Gateway): ClientFolders & { codexHome: string } {
  const folders = createClientFolders(gateway.folders.root);
  return { ...folders, codexHome: path.join(folders.home, '.codex'), home: gateway.folders.home };
}

function throughShim(
  gateway: Gateway,
  { workspace, home, codexHome }: { workspace: string; home: string; codexHome: string },
  args: readonly string[],
): Promise<CodexRun> {
  const environment = { CODEX_HOME: codexHome };
  return runCodex({
    binary: cli,
    args: ['codex', '--port', String(gateway.port), ...args],
    environment,
    workspace,
    home,
  });
}

function refusals(standIn: StandIn): (string | undefined)[] {
  return standIn.requests.map((request) => request.refusal).filter((text) => text !== undefined);
}
