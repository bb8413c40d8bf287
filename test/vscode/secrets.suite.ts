// A provider's key goes from VS Code's secret storage through the control API to the provider, and nowhere else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { answering, ask, eventually, gatewayState, gatewayUrl, start, useConfig, useDemo } from './support.ts';

const key = 'a-key-that-only-the-provider-may-see';

describe('a provider’s key', () => {
  let standIn: StandIn;
  const said: string[] = [];
  const note = (text: string): undefined => void said.push(text);
  const configOf = (name: string): object => ({
    Providers: [{ name, api_base_url: standIn.url, api_key: '${CCR_TEST_KEY_THAT_IS_NOT_SET}', models: ['small'] }],
    Router: { default: `${name},small` },
  });
  const provider = async (): Promise<{ enabled: boolean } | undefined> =>
    (await gatewayState()).providers.find(({ name }) => name === 'keyed');

  before(async () => {
    await start();
    standIn = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'welcome' })), apiKey: key });
    await useConfig(configOf('keyed'));
  });
  after(async () => {
    await useDemo();
    await standIn.close();
  });

  it('is missing at first', async () => {
    assert.equal((await provider())?.enabled, false);
    assert.equal((await gatewayState()).status, 'down');
  });

  it('is requested by a warning', async () => {
    const warnings: string[] = [];
    const answers = {
      showWarningMessage: (text: string) => void warnings.push(text),
    };
    // The window warns once per provider, so use a name that it has not warned about.
    await answering(answers, async () => {
      await useConfig(configOf('keyed-again'));
      await eventually(() => assert.equal(warnings.length, 1));
      await useConfig(configOf('keyed'));
    });
    assert.match(warnings[0] ?? '', /^CCR has no API key for keyed-again/);
  });

  it('is tried first: a rejected one is not stored unless the user insists', async () => {
    const warnings: string[] = [];
    const answers = {
      showInputBox: () => 'a-wrong-key',
      showWarningMessage: (text: string, { detail }: vscode.MessageOptions) => void warnings.push(text, detail ?? ''),
      showInformationMessage: note,
    };
    await answering(answers, async () => vscode.commands.executeCommand('ccr.setProviderApiKey', 'keyed'));
    assert.equal(warnings[0], 'keyed rejected this API key.');
    assert.match(warnings[1] ?? '', /api key/i);
    assert.ok(!warnings.join().includes('a-wrong-key'));
    assert.deepEqual(said, []);
    assert.equal((await provider())?.enabled, false);
  });

  it('can be entered again, and works at once', async () => {
    let password: boolean | undefined;
    const typed = ['a-wrong-key', ` ${key}\n`];
    const answers = {
      showQuickPick: (items: vscode.QuickPickItem[]) => items.find(({ label }) => label === 'keyed'),
      showInputBox: (options: vscode.InputBoxOptions) => {
        password = options.password;
        return typed.shift();
      },
      showWarningMessage: () => 'Enter Another Key',
      showInformationMessage: note,
    };
    await answering(answers, async () => vscode.commands.executeCommand('ccr.setProviderApiKey'));
    await eventually(async () => assert.equal((await provider())?.enabled, true));
    assert.equal(password, true);
    assert.deepEqual(said, ['Stored the API key for keyed. The key works.']);
    assert.equal((await ask(`${gatewayUrl()}/v1`)).text, 'welcome');
  });

  it('is known to the next gateway', async () => {
    await vscode.commands.executeCommand('ccr.restartProxy');
    await eventually(async () => assert.equal((await provider())?.enabled, true));
    assert.equal((await ask(`${gatewayUrl()}/v1`)).text, 'welcome');
  });

  it('can be removed', async () => {
    await answering({ showInformationMessage: note }, async () =>
      vscode.commands.executeCommand('ccr.removeProviderApiKey', 'keyed'),
    );
    await eventually(async () => assert.equal((await provider())?.enabled, false));
  });

  it('was never shown', async () => {
    assert.equal(said.length, 2);
    assert.ok(!said.join().includes(key));
    assert.ok(!JSON.stringify(await gatewayState()).includes(key));
    assert.ok(!JSON.stringify(vscode.workspace.getConfiguration('ccr')).includes(key));
  });
});
