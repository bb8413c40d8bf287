// The forms in which the real Codex CLI declares tools for its newest models, with a chat provider behind the gateway: an
// `additional_tools` item with the namespace `functions` (use_responses_lite), and one custom tool that takes JavaScript
// (code_mode_only). A custom catalog enables them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentAnswer, agentScript, shellCommand, turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { StandIn } from '../upstream/standIn.ts';
import type { Script } from '../upstream/turn.ts';
import { agentFiles, createClientFolders, execFlags, runCodex } from './codex.ts';
import type { ClientFolders, CodexRun } from './codex.ts';
import { cli, providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const catalog = fileURLToPath(new URL('../fixtures/codex/catalog.json', import.meta.url));

let standIn: StandIn;
let gateway: Gateway;
beforeAll(async () => {
  standIn = await startStandIn({ provider: 'deepseek', script: agentScript(), apiKey: upstreamKey });
  gateway = await startGateway({
    Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

async function run(folders: ClientFolders, model: string): Promise<CodexRun> {
  return runCodex({
    binary: cli,
    args: [
      'codex',
      '--port',
      String(gateway.port),
      ...execFlags,
      '-c',
      `model_catalog_json=${JSON.stringify(catalog)}`,
      '-m',
      model,
      'Create the two files',
    ],
    environment: { CODEX_HOME: path.join(folders.home, '.codex') },
    workspace: folders.workspace,
    home: gateway.folders.home,
  });
}

function toolNames(index: number): string[] {
  const body = standIn.requests[index]?.body as { tools?: { function: { name: string } }[] } | undefined;
  return (body?.tools ?? []).map((tool) => tool.function.name);
}

test('tools of an additional_tools item are called under their namespace', async () => {
  const folders = createClientFolders(gateway.folders.root);
  const first = standIn.requests.length;
  const result = await run(folders, 'lite-model');
  expect(result, result.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
  expect(agentFiles(folders.workspace)).toEqual({ shell: 'hello-from-shell\n', patched: 'hello-from-patch\n' });
  expect(toolNames(first)).toEqual(expect.arrayContaining(['functions__exec_command', 'functions__apply_patch']));
  expect(standIn.requests.map(({ refusal }) => refusal).filter(Boolean)).toEqual([]);
});

test('JavaScript for the one tool of code mode arrives unchanged', async () => {
  const code = `// 漢字, "quotes" and a backslash \\\\ survive\nawait tools.exec_command({ cmd: ${JSON.stringify(shellCommand)} });\n`;
  const script: Script = ({ tools, toolResults }) => {
    const exec = tools.find(({ name }) => name === 'exec');
    if (!exec || toolResults.length > 0) return turn({ reasoning: 'Done.', text: agentAnswer });
    return turn({ reasoning: 'Code, then.', calls: [{ tool: exec, input: JSON.stringify({ input: code }) }] });
  };
  standIn.play(script);
  const folders = createClientFolders(gateway.folders.root);
  const first = standIn.requests.length;
  const result = await run(folders, 'code-model');
  expect(result, result.stderr).toMatchObject({ code: 0, stdout: `${agentAnswer}\n` });
  expect(agentFiles(folders.workspace).shell).toBe('hello-from-shell\n');
  expect(toolNames(first)).toContain('exec');
  expect(standIn.requests.map(({ refusal }) => refusal).filter(Boolean)).toEqual([]);
});
