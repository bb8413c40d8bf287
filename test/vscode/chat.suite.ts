// Our models in VS Code's chat: listed, asked, with tools, counted and cancelled.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { eventually, start, useConfig, useDemo } from './support.ts';

describe('VS Code’s chat', () => {
  let standIn: StandIn;
  before(async () => {
    await start();
    standIn = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'from the stand-in' })) });
    await useConfig({
      Providers: [{ name: 'some', api_base_url: standIn.url, models: ['model-a'] }],
      Router: { default: 'some,model-a' },
      Presets: { careful: { route: 'some,model-a' } },
    });
  });
  after(async () => {
    await useDemo();
    await standIn.close();
  });

  const find = (id: string): Promise<vscode.LanguageModelChat> =>
    eventually(async () => {
      const [model] = await vscode.lm.selectChatModels({ vendor: 'ccr', id });
      assert.ok(model, `no model ${id}`);
      return model;
    });
  const ask = async (
    model: vscode.LanguageModelChat,
    options: vscode.LanguageModelChatRequestOptions = {},
    stop = new vscode.CancellationTokenSource(),
  ) => {
    const messages = [vscode.LanguageModelChatMessage.User('Which file?')];
    const { stream } = await model.sendRequest(messages, options, stop.token);
    const parts: unknown[] = [];
    for await (const part of stream) parts.push(part);
    return parts;
  };
  const textIn = (parts: unknown[]): string =>
    parts.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');

  it('lists what follows the window, presets and models', async () => {
    // The demo has `auto`, too.
    await eventually(async () => {
      const all = await vscode.lm.selectChatModels({ vendor: 'ccr' });
      assert.deepEqual(all.map(({ id }) => id).toSorted(), ['auto', 'preset:careful', 'some,model-a']);
    });
  });

  it('is answered, through the gateway', async () => {
    assert.equal(textIn(await ask(await find('preset:careful'))), 'from the stand-in');
    assert.equal(standIn.requests.at(-1)?.body['model'], 'model-a');
  });

  it('calls tools', async () => {
    standIn.play(({ tools }) => ({
      kind: 'turn',
      turn: { reasoning: '', text: '', calls: tools.map((tool) => ({ tool, input: '{"path":"a.txt"}' })) },
    }));
    const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };
    const tools = [{ name: 'read_file', description: 'Reads a file.', inputSchema }];
    const parts = await ask(await find('some,model-a'), { tools });
    const [call] = parts.filter((part) => part instanceof vscode.LanguageModelToolCallPart);
    assert.deepEqual([call?.name, call?.input], ['read_file', { path: 'a.txt' }]);
  });

  it('counts tokens', async () => {
    const count = await (await find('some,model-a')).countTokens('How many tokens are in this short sentence?');
    assert.ok(count > 5 && count < 20, String(count));
  });

  it('stops when the user stops', async () => {
    standIn.play(always({ ...turn({ text: 'a long answer that goes on' }), kind: 'stall', afterContentEvents: 2 }));
    const stop = new vscode.CancellationTokenSource();
    const before = standIn.requests.length;
    const asked = ask(await find('some,model-a'), {}, stop).catch(() => 'stopped');
    await standIn.request(before);
    stop.cancel();
    await asked;
    assert.equal(await standIn.requests[before]?.ended, 'client-gone');
  });

  it('says what the provider said when it fails', async () => {
    standIn.play(always({ kind: 'refuse', status: 400, message: 'Not like this' }));
    await assert.rejects(async () => ask(await find('some,model-a')), /Not like this/);
  });
});
