// The commands of the views and of the dashboard, on rows as VS Code passes them, and asked for without one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
  stop,
  useConfig,
  useDemo,
  windowScope,
} from './support.ts';

type Said = { text: string; actions: { title: string; run(): unknown }[] };

const hostile = '$(alert)[x](command:workbench.action.terminal.new)';
const storedKey = 'a-key-to-be-restored';

describe('the commands of the views', () => {
  let good: StandIn;
  let refusing: StandIn;
  const said: Said[] = [];
  const note = (text: string, ...actions: never[]): undefined => void said.push({ text, actions });

  /** The message that a command ends with. The window may say something of its own before. */
  async function perform(command: string, ...values: unknown[]): Promise<Said> {
    said.length = 0;
    await answering({ showInformationMessage: note, showWarningMessage: note }, async () => {
      await vscode.commands.executeCommand(command, ...values);
      await eventually(() => assert.ok(said.length > 0, `${command} said nothing`));
    });
    return said.at(-1) ?? assert.fail();
  }

  const names = async (): Promise<string[]> => (await gatewayState()).providers.map(({ name }) => name);

  before(async () => {
    await start();
    good = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'OK.' })) });
    refusing = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: '' })), apiKey: 'another' });
    await useConfig({
      Providers: [
        { name: 'good', api_base_url: good.url, models: ['large', 'small'] },
        { name: 'refusing', api_base_url: refusing.url, api_key: 'refused', models: ['large'] },
        { name: hostile, api_base_url: refusing.url, api_key: 'refused', models: [hostile] },
      ],
      Router: { default: 'good,large', think: 'good,small' },
      Presets: { quick: { route: 'good,small' } },
    });
    // The window knows the config, too, once a command of it does.
    await eventually(async () => {
      await answering({ showInformationMessage: note }, async () =>
        vscode.commands.executeCommand('ccr.switchPreset', 'quick'),
      );
      assert.deepEqual((await gatewayState()).scopes[windowScope()], { preset: 'quick' });
    });
    await answering({ showInformationMessage: note }, async () =>
      vscode.commands.executeCommand('ccr.switchPreset', ''),
    );
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await answering({ showInformationMessage: note }, async () =>
      vscode.commands.executeCommand('ccr.switchPreset', ''),
    );
    await useDemo();
    await Promise.all([good.close(), refusing.close()]);
  });

  it('Test Provider asks each model', async () => {
    const { text } = await perform('ccr.testProvider', 'good');
    assert.match(text, /good,large works.*good,small works/);
  });

  it('Test Provider says what is wrong, and offers to set the key', async () => {
    const { text, actions } = await perform('ccr.testProvider', { subject: 'refusing' });
    assert.match(text, /^refusing,large does not work: the key or its permissions were rejected/);
    assert.deepEqual(
      actions.map(({ title }) => title),
      ['Set Key'],
    );
  });

  it('Test Provider asks which, and does nothing without an answer', async () => {
    let offered: readonly vscode.QuickPickItem[] = [];
    const before = good.requests.length;
    await answering({ showQuickPick: (items: vscode.QuickPickItem[]) => void (offered = items) }, async () =>
      vscode.commands.executeCommand('ccr.testProvider'),
    );
    // What a name could be taken for is not in a list: an icon.
    assert.deepEqual(
      offered.map(({ label }) => label),
      ['good', 'refusing', hostile.replace('$(', '$ (')],
    );
    assert.equal(good.requests.length, before);
  });

  it('Test of a provider with a hostile name says no link', async () => {
    for (const command of ['ccr.testProvider', 'ccr.testRoute']) {
      const { text } = await perform(command, { subject: hostile });
      assert.match(text, /does not work|works: good,large answered/); // no such route: the default answers
      assert.doesNotMatch(text, /\]\(command/);
    }
  });

  it('Test of a preset, a route and the config’s own routing says who answered', async () => {
    assert.match((await perform('ccr.testRoute', { subject: 'quick' })).text, /^quick works: good,small answered in/);
    assert.match((await perform('ccr.testRoute', { subject: 'think' })).text, /^think works: good,small answered in/);
    const own = await perform('ccr.testRoute', { subject: '' });
    assert.match(own.text, /^Config's own routing works: good,large answered in/);
  });

  it('Use chooses for this window, with undo', async () => {
    const { text, actions } = await perform('ccr.useRoute', { subject: 'quick' });
    assert.equal(text, 'This window uses quick (good,small) from the next request on.');
    assert.deepEqual((await gatewayState()).scopes[windowScope()], { preset: 'quick' });
    await actions.find(({ title }) => title === 'Undo')?.run();
    await eventually(async () => assert.equal((await gatewayState()).scopes[windowScope()], undefined));
  });

  it('Explain Last Request and Show the Route open one dashboard', async () => {
    const tabs = (): string[] =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .flatMap(({ input }) => (input instanceof vscode.TabInputWebview ? input.viewType : []));
    await ask(`${gatewayUrl()}/v1`);
    await vscode.commands.executeCommand('ccr.explainLastRequest');
    await eventually(() => assert.match(tabs().join(), /ccr\.dashboard$/));
    await vscode.commands.executeCommand('ccr.showRequest', { subject: 'no-such-request' });
    await vscode.commands.executeCommand('ccr.openDashboard');
    assert.equal(tabs().length, 1);
  });

  it('Remove Provider takes it and its key away, and Undo brings back both', async () => {
    await answering({ showInputBox: () => storedKey, showWarningMessage: () => 'Store Anyway' }, async () =>
      vscode.commands.executeCommand('ccr.setProviderApiKey', 'refusing'),
    );
    const before = readFileSync(configFile, 'utf8');
    const { text, actions } = await perform('ccr.removeProvider', { subject: 'refusing' });
    assert.equal(text, 'Removed refusing.');
    assert.deepEqual(await names(), ['good', hostile]);
    await actions.find(({ title }) => title === 'Undo')?.run();
    assert.equal(readFileSync(configFile, 'utf8'), before);
    assert.deepEqual(await names(), ['good', 'refusing', hostile]);
    const removed = await perform('ccr.removeProviderApiKey', 'refusing');
    assert.equal(removed.text, 'Removed the API key for refusing.');
  });

  it('Undo of a removal refuses to overwrite what was edited since', async () => {
    const { actions } = await perform('ccr.removeProvider', 'refusing');
    await useConfig({
      Providers: [{ name: 'good', api_base_url: good.url, models: ['large'] }],
      Router: { default: 'good,large' },
    });
    const undo = actions.find(({ title }) => title === 'Undo') ?? assert.fail(JSON.stringify(said));
    await assert.rejects(async () => undo.run(), /has changed since, so refusing can only be added again/);
    assert.deepEqual(await names(), ['good']);
  });

  it('say that they need a gateway, and offer to start it', async () => {
    await stop();
    for (const command of ['ccr.testProvider', 'ccr.removeProvider', 'ccr.copyBaseUrl', 'ccr.switchPreset']) {
      const { text, actions } = await perform(command);
      assert.match(text, /^CCR is not running/, command);
      assert.deepEqual(
        actions.map(({ title }) => title),
        ['Start'],
        command,
      );
    }
    await start();
  });
});
