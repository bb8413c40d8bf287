// Switching the preset changes the routing of this window's terminals only, from the next request on.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import {
  answering,
  ask,
  eventually,
  gatewayState,
  gatewayUrl,
  start,
  useConfig,
  useDemo,
  windowScope,
} from './support.ts';

const ofWindow = (): string => `${gatewayUrl()}/w/${windowScope()}/v1`;
const activePreset = (): unknown => vscode.workspace.getConfiguration('ccr').get('activePreset');

describe('Switch Preset', () => {
  let fast: StandIn;
  let deep: StandIn;
  before(async () => {
    await start();
    fast = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'from fast' })) });
    deep = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'from deep' })) });
    await useConfig({
      Providers: [
        { name: 'fast', api_base_url: fast.url, models: ['small'] },
        { name: 'deep', api_base_url: deep.url, models: ['large'] },
      ],
      Router: { default: 'fast,small', think: 'deep,large' },
      Presets: { thorough: { route: 'deep,large' } },
    });
  });
  after(async () => {
    await vscode.commands.executeCommand('ccr.switchPreset', '');
    await useDemo();
    await Promise.all([fast.close(), deep.close()]);
  });

  const switchTo = async (name: string): Promise<void> => {
    await vscode.commands.executeCommand('ccr.switchPreset', name);
    const wanted = name === '' ? undefined : name;
    await eventually(async () => {
      const choice = (await gatewayState()).scopes[windowScope()];
      assert.equal(choice && Object.values(choice)[0], wanted);
    });
  };

  it('starts with the config’s own routing', async () => {
    assert.equal((await ask(ofWindow())).text, 'from fast');
  });

  it('routes the next request of this window by the preset', async () => {
    await switchTo('thorough');
    const { text, route } = await ask(ofWindow());
    assert.equal(text, 'from deep');
    assert.match(route ?? '', /^deep,large; reason=scope/);
  });

  it('does not affect other requests', async () => {
    assert.equal((await ask(`${gatewayUrl()}/v1`)).text, 'from fast');
    assert.equal((await ask(`${gatewayUrl()}/w/another/v1`)).text, 'from fast');
  });

  it('is remembered for the workspace, and survives a restart of the gateway', async () => {
    assert.equal(vscode.workspace.getConfiguration('ccr').inspect('activePreset')?.workspaceValue, 'thorough');
    await vscode.commands.executeCommand('ccr.restartProxy');
    await eventually(gatewayState);
    assert.equal((await ask(ofWindow())).text, 'from deep');
  });

  it('accepts a route, too', async () => {
    await switchTo('');
    assert.equal((await ask(ofWindow())).text, 'from fast');
    await switchTo('think');
    assert.equal((await ask(ofWindow())).text, 'from deep');
  });

  it('offers the config’s own routing, presets and routes with their targets, and marks the active one', async () => {
    let offered: vscode.QuickPickItem[] = [];
    const choose = (items: vscode.QuickPickItem[]): unknown => {
      offered = items;
      return items.find(({ label }) => label.endsWith('thorough'));
    };
    await answering({ showQuickPick: choose }, async () => vscode.commands.executeCommand('ccr.switchPreset'));
    const rows = offered.filter(({ kind }) => kind !== vscode.QuickPickItemKind.Separator);
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ["$(blank) Config's own routing", 'default: fast,small'],
        ['$(blank) thorough', 'deep,large'],
        ['$(blank) default', 'fast,small'],
        ['$(check) think', 'deep,large'],
      ],
    );
    assert.equal(activePreset(), 'thorough');
  });

  it('reports an unknown preset', async () => {
    let message = '';
    await answering({ showErrorMessage: (text: string) => void (message = text) }, async () =>
      vscode.commands.executeCommand('ccr.switchPreset', 'no-such'),
    );
    assert.match(message, /no preset or route "no-such"/);
    assert.equal(activePreset(), 'thorough');
  });
});
