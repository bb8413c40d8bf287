// A provider's key goes from VS Code's secret storage through the control API to the provider, and nowhere else.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
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
} from './support.ts';

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

  it('can be removed, with undo', async () => {
    let undo: { run(): unknown } | undefined;
    const remove = (): Promise<unknown> =>
      answering(
        {
          showInformationMessage: (text: string, action: never) => {
            said.push(text);
            undo = action;
          },
        },
        async () => vscode.commands.executeCommand('ccr.removeProviderApiKey', 'keyed'),
      );
    await remove();
    await eventually(async () => assert.equal((await provider())?.enabled, false));
    await undo?.run();
    await eventually(async () => assert.equal((await provider())?.enabled, true));
    await remove();
    await eventually(async () => assert.equal((await provider())?.enabled, false));
  });

  it('of a ${secret:...} is not reported missing while it is stored, when the gateway starts or can’t', async () => {
    const named = (extra: object): object => ({ ...configOf('keyed'), ...extra });
    const config = {
      Providers: [{ name: 'keyed', api_base_url: standIn.url, api_key: '${secret:team}', models: ['small'] }],
    };
    await answering({ showInputBox: () => key, showInformationMessage: () => undefined }, async () =>
      vscode.commands.executeCommand('ccr.setProviderApiKey', 'team'),
    );
    const problems = (): string[] =>
      vscode.languages.getDiagnostics(vscode.Uri.file(configFile)).map(({ message }) => message);
    await useConfig(named({ ...config, PORT: 'not a port' }));
    await answering({ showErrorMessage: () => undefined }, async () => {
      await vscode.commands.executeCommand('ccr.restartProxy');
      await eventually(() => assert.ok(problems().length > 0));
    });
    assert.doesNotMatch(problems().join(), /secret/);
    writeFileSync(configFile, JSON.stringify(named(config)));
    await eventually(async () => assert.equal((await provider())?.enabled, true));
    assert.deepEqual((await gatewayState()).problems, []);
    await answering({ showInformationMessage: () => undefined }, async () =>
      vscode.commands.executeCommand('ccr.removeProviderApiKey', 'team'),
    );
  });

  it('can’t be set while the config is broken, which is what is said', async () => {
    // The window may say, before or after, that it keeps the last valid config.
    const warnings: string[] = [];
    writeFileSync(configFile, '{ "Providers": ');
    await answering(
      { showErrorMessage: () => undefined, showWarningMessage: (text: string) => void warnings.push(text) },
      async () => {
        await vscode.commands.executeCommand('ccr.restartProxy');
        await vscode.commands.executeCommand('ccr.setProviderApiKey');
      },
    );
    assert.match(warnings.join('\n'), /^Fix the config before you set a key\. .*Not valid JSON/m);
    writeFileSync(configFile, JSON.stringify(configOf('keyed')));
    await eventually(gatewayState);
  });

  it('was never shown', async () => {
    assert.equal(said.length, 3);
    assert.ok(!said.join().includes(key));
    assert.ok(!JSON.stringify(await gatewayState()).includes(key));
    assert.ok(!JSON.stringify(vscode.workspace.getConfiguration('ccr')).includes(key));
  });
});
