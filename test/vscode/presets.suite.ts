// Switching the preset changes the routing of this window's terminals only, from the next request on.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import {
  answering,
  ask,
  configFile,
  eventually,
  gatewayState,
  gatewayUrl,
  start,
  useConfig,
  useDemo,
  windowScope,
  withList,
} from './support.ts';

const ofWindow = (): string => `${gatewayUrl()}/w/${windowScope()}/v1`;

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
        { name: 'deep', api_base_url: deep.url, models: ['large', 'other'] },
      ],
      Router: { default: 'fast,small', think: 'deep,large' },
      Presets: { thorough: { route: 'deep,large' } },
    });
  });
  after(async () => {
    await switchTo('');
    await useDemo();
    await Promise.all([fast.close(), deep.close()]);
  });

  const said: { text: string; actions: { title: string; run(): unknown }[] }[] = [];
  const quietly = <T>(action: () => Thenable<T>): Promise<T> =>
    answering(
      { showInformationMessage: (text: string, ...actions: never[]) => void said.push({ text, actions }) },
      async () => action(),
    );
  const chosen = async (): Promise<string | undefined> => {
    const choice = (await gatewayState()).scopes[windowScope()];
    return choice && Object.values(choice)[0];
  };
  /** Again, if the window does not know the presets of a config yet that the gateway has just read. */
  const switchTo = (name: string): Promise<void> =>
    eventually(async () => {
      await quietly(() => vscode.commands.executeCommand('ccr.switchPreset', name));
      assert.equal(await chosen(), name === '' ? undefined : name);
    });
  const open = (): Thenable<unknown> => vscode.commands.executeCommand('ccr.switchPreset');

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

  it('is remembered for the workspace without a file in it or a setting, and survives a restart of the gateway', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail();
    const setting = vscode.workspace.getConfiguration('ccr').inspect('activePreset');
    assert.equal(existsSync(path.join(folder, '.vscode')), false);
    assert.deepEqual(
      [setting?.globalValue, setting?.workspaceValue, setting?.workspaceFolderValue],
      [undefined, undefined, undefined],
    );
    await vscode.commands.executeCommand('ccr.restartProxy');
    await eventually(gatewayState);
    assert.equal((await ask(ofWindow())).text, 'from deep');
  });

  it('says what happened, and can be undone', async () => {
    await switchTo('thorough');
    said.length = 0;
    await switchTo('');
    const [message] = said;
    assert.equal(message?.text, "This window uses the config's own routing (fast,small) from the next request on.");
    await message?.actions.find(({ title }) => title === 'Undo')?.run();
    await eventually(async () => assert.equal(await chosen(), 'thorough'));
  });

  it('accepts a route, too', async () => {
    await switchTo('');
    assert.equal((await ask(ofWindow())).text, 'from fast');
    await switchTo('think');
    assert.equal((await ask(ofWindow())).text, 'from deep');
  });

  it('accepts any model of any provider, in the middle of a conversation', async () => {
    await switchTo('');
    assert.equal((await ask(ofWindow())).text, 'from fast');
    await quietly(() => withList(open, async (list) => list.choose('other')));
    await eventually(async () => assert.equal(await chosen(), 'deep,other'));
    assert.match((await ask(ofWindow())).route ?? '', /^deep,other; reason=scope/);
  });

  it('offers the config’s own routing, presets, routes and models, and marks the active one', async () => {
    await switchTo('think');
    const rows = await withList(open, async (list) => {
      const rows = list.rows();
      list.close();
      return rows;
    });
    assert.deepEqual(
      rows.map(({ label, kind }) => (kind === vscode.QuickPickItemKind.Separator ? `-- ${label}` : label)).slice(0, 11),
      [
        "$(blank) Config's own routing",
        '-- Presets',
        '$(blank) thorough',
        '-- Routes',
        '$(blank) default',
        '$(check) think',
        '-- fast',
        '$(blank) small',
        '-- deep',
        '$(blank) large',
        '$(blank) other',
      ],
    );
  });

  it('tests a model', async () => {
    said.length = 0;
    await quietly(() =>
      withList(open, async (list) => {
        list.press('other', 'Test This Model');
        await eventually(() => assert.match(said[0]?.text ?? '', /^deep,other works/));
        list.close();
      }),
    );
  });

  it('makes a model the default of the config, with undo', async () => {
    said.length = 0;
    const before = readFileSync(configFile, 'utf8');
    // The message comes after the reload, which the gateway's own watcher can be ahead of.
    await quietly(() =>
      withList(open, async (list) => {
        list.press('other', 'Make It the Default');
        await eventually(() => assert.equal(said[0]?.text, 'deep,other is now the default of the config.'));
      }),
    );
    assert.equal((await gatewayState()).routes[0]?.target, 'deep,other');
    await said[0]?.actions[0]?.run();
    assert.equal(readFileSync(configFile, 'utf8'), before);
  });

  it('reports an unknown preset', async () => {
    let message = '';
    await answering({ showErrorMessage: (text: string) => void (message = text) }, async () =>
      vscode.commands.executeCommand('ccr.switchPreset', 'no-such'),
    );
    assert.match(message, /no preset or route "no-such"/);
    assert.equal(await chosen(), 'think');
  });

  it('follows the setting again once that is edited', async () => {
    const configuration = vscode.workspace.getConfiguration('ccr');
    await configuration.update('activePreset', 'thorough', vscode.ConfigurationTarget.Global);
    await eventually(async () => assert.equal(await chosen(), 'thorough'));
    await configuration.update('activePreset', undefined, vscode.ConfigurationTarget.Global);
    await eventually(async () => assert.equal(await chosen(), undefined));
  });
});
