// Connect VS Code Chat: its file in this window's profile, as VS Code itself reads it for the vendor of the Custom Endpoint.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { companion } from './companion.ts';
import { answering, eventually, gatewayUrl, start, stop, useConfig, useDemo } from './support.ts';

const own = '[\n\t// mine\n\t{ "name": "Own", "vendor": "customendpoint", "models": [] },\n]\n';

/** Runs a command and presses this button wherever it is. Resolves with what was said, and the file that was named. */
async function press(button: string, command: string): Promise<{ said: string[]; file: string }> {
  const said: string[] = [];
  let file = '';
  const answer = (text: string, ...rest: unknown[]): unknown => {
    said.push(text);
    for (const each of rest) {
      const detail = typeof each === 'object' && each !== null && 'detail' in each ? String(each.detail) : '';
      file ||= /\S+\.json/.exec(detail)?.[0] ?? '';
    }
    return rest.find((each) => each === button);
  };
  await answering({ showInformationMessage: answer, showWarningMessage: answer }, async () =>
    vscode.commands.executeCommand(command),
  );
  return { said, file };
}

describe('Connect VS Code Chat', () => {
  let file: string;
  before(async () => {
    await start();
    await useConfig({
      Providers: [
        { name: 'some', api_base_url: 'http://127.0.0.1:9/v1', models: ['gpt-5.5'] },
        {
          name: 'claude',
          api_base_url: 'https://api.anthropic.com',
          api_key: 'k',
          protocol: 'anthropic',
          models: ['claude-sonnet-5'],
        },
      ],
      Router: { default: 'some,gpt-5.5' },
      Presets: { careful: { route: 'claude,claude-sonnet-5' } },
    });
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await start();
    await useDemo();
  });

  it('shows a diff first, and changes nothing without consent', async () => {
    const { said, file: named } = await press('no such button', 'ccr.connectVscodeChat');
    assert.deepEqual(said, ['Connect VS Code Chat?']);
    assert.match(named, /User\/chatLanguageModels\.json$/);
    file = named;
    // VS Code has made it.
    assert.equal(readFileSync(file, 'utf8'), '[]');
    writeFileSync(file, own);
  });

  it('adds our models, and restores the bytes with the gateway stopped', async () => {
    const { said } = await press('Connect VS Code Chat', 'ccr.connectVscodeChat');
    assert.match(said.at(-1) ?? '', /^VS Code's chat has CCR's models now/);
    const again = await press('Connect VS Code Chat', 'ccr.connectVscodeChat');
    assert.deepEqual(again.said, ["VS Code's chat is already connected to CCR."]);
    await stop();
    const undone = await press('Disconnect', 'ccr.disconnectVscodeChat');
    assert.deepEqual(undone.said, ['Disconnect?', "VS Code's chat no longer has CCR's Custom Endpoint."]);
    assert.equal(readFileSync(file, 'utf8'), own);
    const none = await press('Disconnect', 'ccr.disconnectVscodeChat');
    assert.deepEqual(none.said, ["VS Code's chat is not connected to CCR."]);
    await start();
  });

  it('is read by VS Code for its Custom Endpoint, and taken out of what VS Code wrote since', async () => {
    const { groups } = await companion();
    await press('Connect VS Code Chat', 'ccr.connectVscodeChat');
    // This host watches no files. A group that is added has VS Code read all of them, and write them again.
    const other = { vendor: 'customendpoint', name: 'Other', models: [] };
    await vscode.commands.executeCommand('lm.addLanguageModelsProviderGroup', other);
    const models = await eventually(async () => {
      await vscode.lm.selectChatModels({ vendor: 'customendpoint' });
      const group = groups.find((each) => each.models?.some(({ id }) => id === 'auto'));
      return group?.models ?? assert.fail(JSON.stringify(groups));
    });
    const ids = ['auto', 'careful', 'some,gpt-5.5', 'claude,claude-sonnet-5'];
    assert.deepEqual(models.map(({ id }) => id).toSorted(), ids.toSorted());
    const of = (id: string) => models.find((each) => each.id === id);
    assert.equal(of('some,gpt-5.5')?.url, `${gatewayUrl()}/w/shared/v1/responses`);
    assert.equal(of('claude,claude-sonnet-5')?.url, `${gatewayUrl()}/w/shared/v1/messages`);
    assert.ok(of('some,gpt-5.5')?.supportsReasoningEffort?.includes('high'));
    await press('Disconnect', 'ccr.disconnectVscodeChat');
    const left = JSON.parse(readFileSync(file, 'utf8')) as { name: string }[];
    assert.deepEqual(
      left.map(({ name }) => name),
      ['Own', 'Other'],
    );
    writeFileSync(file, '[]');
  });
});
