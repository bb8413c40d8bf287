// VS Code's own models as a provider of the gateway, asked by clients of each wire format.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { testImage } from '../../src/doctor/testImage.ts';
import { companion, type Companion } from './companion.ts';
import { answering, eventually, findGateway, gatewayState, gatewayUrl, start, useConfig, useDemo } from './support.ts';

const information = (id: string): vscode.LanguageModelChatInformation => ({
  id,
  name: id,
  family: 'test',
  version: '1',
  maxInputTokens: 10_000,
  maxOutputTokens: 1000,
  capabilities: { toolCalling: true, imageInput: true },
});
const parameters = { type: 'object', properties: { path: { type: 'string' } } };

type Wire = { path: string; body: object; text(json: unknown): unknown; call(json: unknown): unknown };

/** The value at a place in JSON. A word as `type=message` finds the element of an array with it. */
function at(json: unknown, ...place: string[]): unknown {
  return place.reduce((value: unknown, name) => {
    const [, key = '', wanted] = /^(\w+)=(\w+)$/.exec(name) ?? [];
    if (Array.isArray(value) && key !== '') return value.find((each: unknown) => at(each, key) === wanted) as unknown;
    return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
  }, json);
}

const wires: Record<string, Wire> = {
  'Chat Completions': {
    path: 'chat/completions',
    body: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Which file?' },
      ],
      tools: [{ type: 'function', function: { name: 'read_file', description: 'Reads.', parameters } }],
    },
    text: (json) => at(json, 'choices', '0', 'message', 'content'),
    call: (json) => at(json, 'choices', '0', 'message', 'tool_calls', '0', 'function', 'arguments'),
  },
  Responses: {
    path: 'responses',
    body: {
      instructions: 'Be brief.',
      input: 'Which file?',
      tools: [{ type: 'function', name: 'read_file', description: 'Reads.', parameters }],
    },
    text: (json) => at(json, 'output', 'type=message', 'content', '0', 'text'),
    call: (json) => at(json, 'output', 'type=function_call', 'arguments'),
  },
  Messages: {
    path: 'messages',
    body: {
      max_tokens: 100,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Which file?' }],
      tools: [{ name: 'read_file', description: 'Reads.', input_schema: parameters }],
    },
    text: (json) => at(json, 'content', 'type=text', 'text'),
    call: (json) => JSON.stringify(at(json, 'content', 'type=tool_use', 'input')),
  },
};

describe('Models of VS Code', () => {
  let other: Companion;
  before(async () => {
    await start();
    other = await companion();
    other.models = [information('fast')];
    other.changed();
    await useConfig({
      Providers: [{ name: 'vscode-lm', api_base_url: 'http://vscode.localhost/v1', models: ['ccr-test/fast'] }],
      Router: { default: 'vscode-lm,ccr-test/fast', tierRetries: { 'tier-0': { max_retries: 0 } } },
    });
  });
  after(async () => {
    other.models = [];
    other.changed();
    await useDemo();
  });

  const post = (path: string, body: object, signal?: AbortSignal): Promise<Response> =>
    fetch(`${gatewayUrl()}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', ...body }),
      ...(signal && { signal }),
    });
  const ask = (path: string, body: object): Promise<unknown> =>
    eventually(async () => {
      const reply = await post(path, body);
      const text = await reply.text();
      assert.equal(reply.status, 200, text);
      return JSON.parse(text) as unknown;
    });

  it('are listed without our own, which would go round in circles', async () => {
    const provider = { name: 'x', api_base_url: 'http://vscode.localhost/v1', models: [] };
    const listed = await eventually(async () => (await findGateway()).models({ provider: provider as never }));
    assert.deepEqual(listed, ['ccr-test/fast']);
  });

  for (const [name, { path, body, text, call }] of Object.entries(wires)) {
    it(`answer a client of ${name}, whole and streamed`, async () => {
      other.answer = async ({ progress }) => {
        progress.report(new vscode.LanguageModelTextPart('from '));
        progress.report(new vscode.LanguageModelTextPart('VS Code'));
      };
      assert.equal(text(await ask(path, body)), 'from VS Code');
      const asked = other.asked.at(-1) ?? assert.fail();
      // No role for the system prompt: it is a user's message, before the question.
      assert.equal(asked.model.id, 'fast');
      assert.ok(asked.messages.every(({ role }) => role === vscode.LanguageModelChatMessageRole.User));
      const said = asked.messages.flatMap(({ content }) =>
        content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')),
      );
      assert.match(said.join('|'), /Be brief\.\|Which file\?/);
      assert.equal(asked.options.tools?.[0]?.name, 'read_file');
      const streamed = await (await post(path, { ...body, stream: true })).text();
      assert.match(streamed, /from /);
      assert.match(streamed, /VS Code/);
    });

    it(`call tools of a client of ${name}`, async () => {
      other.answer = async ({ progress }) =>
        progress.report(new vscode.LanguageModelToolCallPart('c1', 'read_file', { path: 'a.txt' }));
      assert.equal(call(await ask(path, body)), '{"path":"a.txt"}');
      const streamed = await (await post(path, { ...body, stream: true })).text();
      assert.match(streamed, /a\.txt/);
    });
  }

  it('get the calls, the results and the images of earlier turns', async () => {
    other.answer = async ({ progress }) => progress.report(new vscode.LanguageModelTextPart('done'));
    const call = { id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a.txt"}' } };
    // VS Code reads images, and scales them.
    const image = { type: 'image_url', image_url: { url: testImage } };
    await ask('chat/completions', {
      ...wires['Chat Completions']?.body,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Look' }, image] },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'the text' },
      ],
    });
    const parts = other.asked.at(-1)?.messages.flatMap(({ content }) => [...content]) ?? [];
    const made = parts.find((part) => part instanceof vscode.LanguageModelToolCallPart);
    const result = parts.find((part) => part instanceof vscode.LanguageModelToolResultPart);
    assert.deepEqual([made?.callId, made?.input], ['c1', { path: 'a.txt' }]);
    assert.equal(result?.callId, 'c1');
    assert.match(JSON.stringify(result?.content), /the text/);
    assert.ok(parts.some((part) => typeof part === 'object' && part !== null && 'mimeType' in part));
  });

  it('stop when the client goes', async () => {
    const started = Promise.withResolvers<vscode.CancellationToken>();
    other.answer = async ({ progress, token }) => {
      progress.report(new vscode.LanguageModelTextPart('a beginning'));
      started.resolve(token);
      await new Promise<void>((resolve) => void token.onCancellationRequested(() => resolve()));
    };
    const client = new AbortController();
    const body = { messages: [{ role: 'user', content: 'Go on' }], stream: true };
    const asked = post('chat/completions', body, client.signal).then((reply) => reply.text());
    const token = await started.promise;
    client.abort();
    await asked.catch(() => undefined);
    await eventually(() => assert.ok(token.isCancellationRequested));
  });

  it('say why they refuse', async () => {
    other.answer = async () => {
      throw vscode.LanguageModelError.Blocked('The quota of the month is used up.');
    };
    const reply = await post('chat/completions', { messages: [{ role: 'user', content: 'Hello' }] });
    assert.match(await reply.text(), /The quota of the month is used up/);
    assert.notEqual(reply.status, 200);
  });

  it('are offered by this window to the gateway, which forgets a window that is gone', async () => {
    other.answer = async ({ progress }) => progress.report(new vscode.LanguageModelTextPart('still here'));
    const gateway = await findGateway();
    await gateway.offerModels('gone', { url: 'http://127.0.0.1:9', key: 'x'.repeat(32) });
    await gateway.reload(); // ends the cooldown of the refusal
    const reply = await ask('chat/completions', { messages: [{ role: 'user', content: 'Hello' }] });
    assert.equal(wires['Chat Completions']?.text(reply), 'still here');
  });

  it('are added by a command, which lists them before the config names them', async () => {
    await useDemo();
    await vscode.commands.executeCommand('ccr.restartProxy'); // a gateway that no window has told of its models
    await eventually(async () => assert.equal((await gatewayState()).source, 'demo'));
    const picks = [/^VS Code's own models/, /^ccr-test\/fast$/];
    const said: string[] = [];
    await answering(
      {
        showInformationMessage: (text: string) => void said.push(text),
        showQuickPick(items: vscode.QuickPickItem[], { canPickMany = false }: vscode.QuickPickOptions) {
          const found = items.find(({ label }) => picks[0]?.test(label));
          picks.shift();
          return canPickMany && found ? [found] : found;
        },
      },
      async () => vscode.commands.executeCommand('ccr.addProvider'),
    );
    assert.match(said.join(), /is now the default provider/);
    other.answer = async ({ progress }) => progress.report(new vscode.LanguageModelTextPart('added'));
    const reply = await ask('chat/completions', { messages: [{ role: 'user', content: 'Hello' }] });
    assert.equal(wires['Chat Completions']?.text(reply), 'added');
  });
});
