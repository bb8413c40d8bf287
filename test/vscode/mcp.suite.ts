// The MCP server that the extension defines, as VS Code starts it for its agents: its tools, and what they answer.
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { ask, eventually, gatewayUrl, start, stop, useDemo } from './support.ts';

const tools = () => vscode.lm.tools.filter(({ name, description }) => /ccr/i.test(`${name} ${description}`));

async function invoke(ending: string, input: object = {}): Promise<string> {
  const tool =
    tools().find(({ name }) => name.endsWith(ending)) ??
    assert.fail(
      tools()
        .map(({ name }) => name)
        .join(),
    );
  const { content } = await vscode.lm.invokeTool(tool.name, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

/** VS Code has a definition a moment after the provider said so. */
const startServer = (): Promise<void> =>
  eventually(async () => {
    const options = { waitForLiveTools: true, autoTrustChanges: true };
    await vscode.commands.executeCommand('workbench.mcp.startServer', '*', options);
    assert.ok(tools().length > 0, vscode.lm.tools.map(({ name }) => name).join());
  });

describe('The MCP server of the window', () => {
  before(async () => {
    await start();
    await useDemo();
    await startServer();
  });

  it('has its tools', () => {
    for (const ending of ['list_models', 'explain_request', 'usage'])
      assert.ok(
        tools().some(({ name }) => name.endsWith(ending)),
        tools()
          .map(({ name }) => name)
          .join(),
      );
  });

  it('says which models there are', async () => {
    assert.match(await invoke('list_models'), /demo,demo/);
  });

  it('says why a request went where it went', async () => {
    await ask(`${gatewayUrl()}/v1`, 'demo,demo');
    // The client has the answer a moment before the gateway has its record.
    await eventually(async () => assert.match(await invoke('explain_request'), /direct/));
  });

  it('goes with the gateway, and comes back with it', async () => {
    await stop();
    await eventually(() => assert.deepEqual(tools(), []));
    await start();
    await startServer();
    assert.match(await invoke('list_models'), /demo,demo/);
  });
});
