// Adding a provider writes the config file, the key and the routes.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { answering, ask, configFile, eventually, gatewayState, gatewayUrl, start, useDemo } from './support.ts';

/** The port of LM Studio, unused in this sandbox. */
const localPort = 1234;

describe('CCR: Add Provider', () => {
  let standIn: StandIn;
  const said: string[] = [];
  const pick = (label: RegExp) => (items: readonly vscode.QuickPickItem[]) =>
    items.find((item) => label.test(item.label));
  const tick = (label: RegExp) => (items: readonly vscode.QuickPickItem[]) =>
    items.filter((item) => label.test(item.label));
  const add = (answers: Parameters<typeof answering>[0]): Promise<unknown> =>
    answering({ showInformationMessage: (text: string) => void said.push(text), ...answers }, async () =>
      vscode.commands.executeCommand('ccr.addProvider'),
    );

  before(async () => {
    await start();
    await useDemo();
    // Another run of these tests may have the port.
    standIn = await eventually(() =>
      startStandIn({
        provider: 'openai-chat',
        script: always(turn({ text: 'from the local model' })),
        port: localPort,
        models: ['qwen3-coder', 'other'],
      }),
    );
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await useDemo();
    await standIn.close();
  });

  it('changes nothing when cancelled', async () => {
    await add({ showQuickPick: () => undefined });
    await add({ showQuickPick: pick(/^DeepSeek/), showInputBox: () => undefined });
    assert.equal((await gatewayState()).source, 'demo');
    assert.deepEqual(said, []);
  });

  it('says that nothing was added when no model is ticked', async () => {
    await useDemo();
    const picks = [pick(/^LM Studio/), tick(/^none$/)];
    await add({ showQuickPick: (items: vscode.QuickPickItem[]) => picks.shift()?.(items) });
    assert.deepEqual(said.splice(0), ['Nothing was added: no model was chosen.']);
    assert.equal((await gatewayState()).source, 'demo');
  });

  it('creates the first config, with the models that a local server lists', async () => {
    const picks = [pick(/^LM Studio/), tick(/^qwen3-coder$/)];
    await add({ showQuickPick: (items: vscode.QuickPickItem[]) => picks.shift()?.(items) });
    await eventually(async () => assert.equal((await gatewayState()).source, 'file'));
    assert.deepEqual(said.splice(0), ['LM Studio, on this machine is now the default provider.']);
    assert.equal((await ask(`${gatewayUrl()}/v1`)).text, 'from the local model');
    assert.equal(statSync(configFile).mode & 0o777, 0o600);
  });

  it('adds to an existing config, keeps its comments, and keeps the key out of it', async () => {
    const key = 'a-key-that-is-nowhere-but-in-the-secret-storage';
    const before = readFileSync(configFile, 'utf8');
    const picks = [pick(/^DeepSeek/), pick(/^Use as the default/)];
    const warnings: string[] = [];
    await add({
      showWarningMessage: (text: string) => void warnings.push(text),
      showQuickPick: (items: vscode.QuickPickItem[]) => picks.shift()?.(items),
      showInputBox: () => key,
    });
    const text = readFileSync(configFile, 'utf8');
    assert.ok(text.startsWith(before.split('\n')[0] ?? '-'));
    assert.ok(text.includes('"name": "lmstudio"') && text.includes('${DEEPSEEK_API_KEY}') && !text.includes(key));
    // DeepSeek can't be reached from here: the message says so, and the key is stored anyway. It is the only one: the gateway has
    // the key before the config names the provider, so no warning asks for it.
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /^DeepSeek is now the default provider\. But deepseek,deepseek-flash does not work: it can't be reached/,
    );
    await eventually(async () => {
      const { providers, routes } = await gatewayState();
      assert.deepEqual(providers, [
        { name: 'lmstudio', enabled: true },
        { name: 'deepseek', enabled: true },
      ]);
      assert.equal(routes[0]?.target, 'deepseek,deepseek-flash');
    });
    assert.equal(warnings.length, 1);
  });

  it('asks for the key of a provider that is already in the config', async () => {
    let asked = '';
    await add({
      showQuickPick: pick(/^DeepSeek/),
      showInputBox: ({ title }: vscode.InputBoxOptions) => void (asked = title ?? ''),
    });
    assert.equal(asked, 'API key for deepseek');
  });

  it('finds out what a server at any URL speaks, lists its models, and makes a preset of it', async () => {
    const key = 'the-key-of-the-custom-server';
    const server = await startStandIn({
      provider: 'anthropic',
      script: always(turn({ text: 'from the custom server' })),
      apiKey: key,
      models: ['model-a', 'model-b'],
    });
    const picks = [pick(/^Custom endpoint/), tick(/^model-b$/), pick(/^Make a preset/)];
    const answers = [server.url, 'mine', key, 'careful'];
    const asked: string[] = [];
    try {
      await add({
        showQuickPick: (items: vscode.QuickPickItem[]) => picks.shift()?.(items),
        showInputBox: ({ title, value }: vscode.InputBoxOptions) => {
          asked.push(`${title}: ${value}`);
          return answers.shift();
        },
      });
      assert.equal(
        said.splice(0).join(),
        'mine was added to the config, and is the preset "careful". It speaks Messages. It works.',
      );
      assert.equal(asked[1], 'CCR: Add Provider: local');
      const text = readFileSync(configFile, 'utf8');
      assert.ok(text.includes('"protocol": "anthropic"') && text.includes('${MINE_API_KEY}') && !text.includes(key));
      await eventually(async () => assert.ok((await gatewayState()).presets.some(({ name }) => name === 'careful')));
      assert.equal((await ask(`${gatewayUrl()}/preset/careful/v1`)).text, 'from the custom server');
    } finally {
      // DeepSeek's not before: without a default that can answer, the new provider would be the default, without asking.
      for (const name of ['mine', 'deepseek'])
        await answering({ showInformationMessage: () => undefined }, async () =>
          vscode.commands.executeCommand('ccr.removeProviderApiKey', name),
        );
      await server.close();
    }
  });

  it('opens the page where keys are created', async () => {
    let open: ((button: vscode.QuickInputButton) => unknown) | undefined;
    let buttons: readonly vscode.QuickInputButton[] = [];
    const opened: string[] = [];
    const { openExternal } = vscode.env;
    const create = vscode.window.createInputBox;
    Object.defineProperty(vscode.env, 'openExternal', {
      value: async (uri: vscode.Uri) => opened.push(uri.toString()),
      configurable: true,
    });
    vscode.window.createInputBox = () => {
      const box = create();
      Object.defineProperty(box, 'onDidTriggerButton', { value: (listener: typeof open) => void (open = listener) });
      const { show } = box;
      box.show = () => {
        show.call(box);
        buttons = box.buttons;
        const [button] = buttons;
        if (button) open?.(button);
        box.hide();
      };
      return box;
    };
    try {
      await add({ showQuickPick: pick(/^OpenRouter/) });
    } finally {
      vscode.window.createInputBox = create;
      Object.defineProperty(vscode.env, 'openExternal', { value: openExternal, configurable: true });
    }
    assert.deepEqual(
      buttons.map(({ tooltip }) => tooltip),
      ['Open https://openrouter.ai/settings/keys'],
    );
    assert.deepEqual(opened, ['https://openrouter.ai/settings/keys']);
  });

  it('reports where a config is broken before it asks anything, and leaves the file unchanged', async () => {
    const errors: string[] = [];
    writeFileSync(configFile, '{ "Providers": [ }');
    await add({
      showQuickPick: () => assert.fail('asked before the config was read'),
      showInputBox: () => assert.fail('asked for a key in vain'),
      showErrorMessage: (text: string) => void errors.push(text),
      showWarningMessage: () => undefined,
    });
    assert.match(errors.join(), /Fix the config file first/);
    assert.equal(readFileSync(configFile, 'utf8'), '{ "Providers": [ }');
    await answering({ showInformationMessage: (text: string) => void said.push(text) }, async () =>
      vscode.commands.executeCommand('ccr.removeProviderApiKey'),
    );
    assert.deepEqual(said, ["No provider API keys are stored in VS Code's secret storage."]);
  });
});
