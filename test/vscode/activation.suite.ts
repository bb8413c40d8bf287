// The extension as VS Code sees it. To be grown with each thing that needs a real extension host.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';

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
