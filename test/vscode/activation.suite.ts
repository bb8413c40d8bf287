// The extension as VS Code sees it, and the gateway that it hosts.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { ask, eventually, findGateway, gatewayState, gatewayUrl } from './support.ts';

const extensionId = 'ccr.ccr-vscode';

describe('activation', () => {
  it('is present', () => {
    assert.ok(vscode.extensions.getExtension(extensionId));
  });

  it('activates', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it('registers every command that it declares', async () => {
    const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON;
    const declared: string[] = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const registered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      declared.filter((command) => !registered.includes(command)),
      [],
    );
    assert.ok(declared.includes('ccr.switchPreset'));
  });
});

describe('the hosted gateway', () => {
  it('is healthy soon after the window opened', async () => {
    const reply = await eventually(() => fetch(`${gatewayUrl()}/health`));
    const { version } = vscode.extensions.getExtension(extensionId)?.packageJSON ?? {};
    assert.deepEqual(await reply.json(), { status: 'healthy', version });
  });

  it('answers with the demo provider when there is no config', async () => {
    assert.equal((await eventually(gatewayState)).source, 'demo');
    assert.match((await ask(`${gatewayUrl()}/v1`)).route ?? '', /^demo,demo; reason=default/);
  });

  it('is one that another window can attach to', async () => {
    const client = await findGateway();
    assert.equal(client.pid, process.pid);
    assert.equal(await client.clientToken(), undefined);
  });
});
