// Connecting other clients by their own files, and the doctor, as a user runs them.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { answering, eventually, gatewayState, gatewayUrl, start, stop, useConfig, useDemo } from './support.ts';

const codexHome = path.join(homedir(), '.codex');
const codexConfig = path.join(codexHome, 'config.toml');
const own = '# mine\nmodel = "gpt-5" # keep\r\n\n[tui]\nnotifications = false\n';

const run = (command: string): Thenable<unknown> => vscode.commands.executeCommand(command);
/** Answers each message with the button of this name, if it has one, and collects them. */
const agreeing = async (button: string, action: () => Thenable<unknown>): Promise<string[]> => {
  const said: string[] = [];
  const answer = (text: string, ...rest: unknown[]): unknown => {
    said.push(text);
    return rest.find((each) => each === button);
  };
  await answering({ showInformationMessage: answer, showWarningMessage: answer }, async () => action());
  return said;
};

describe('Connect Codex', () => {
  before(async () => {
    await start();
    mkdirSync(codexHome, { recursive: true });
    writeFileSync(codexConfig, own);
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(codexHome, { recursive: true, force: true });
    await start();
  });

  it('shows a diff first, and changes nothing without consent', async () => {
    const labels = (): string[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    const diff = "CCR: Codex's config";
    let isShown = false;
    const look = async (): Promise<void> => {
      await eventually(() => assert.ok(labels().includes(diff), labels().join()));
      isShown = true;
    };
    await answering({ showInformationMessage: look }, async () => run('ccr.connectCodex'));
    assert.ok(isShown);
    await eventually(() => assert.ok(!labels().includes(diff), labels().join()));
    const said = await agreeing('no such button', () => run('ccr.connectCodex'));
    assert.deepEqual(said, ['Connect Codex?']);
    assert.equal(readFileSync(codexConfig, 'utf8'), own);
  });

  it('adds CCR, with the port of this gateway and a program that prints the token', async () => {
    const said = await agreeing('Connect Codex', () => run('ccr.connectCodex'));
    assert.match(said.at(-1) ?? '', /^Codex uses CCR now/);
    const text = readFileSync(codexConfig, 'utf8');
    assert.ok(text.includes(`${gatewayUrl()}/w/shared/v1`), text);
    const helper = /command = "([^"]+)"/.exec(text)?.[1] ?? assert.fail(text);
    assert.ok(existsSync(helper));
    const again = await agreeing('Connect Codex', () => run('ccr.connectCodex'));
    assert.deepEqual(again, ['Codex is already connected to CCR.']);
  });

  it('restores the bytes, with the gateway stopped', async () => {
    await stop();
    const said = await agreeing('Restore', () => run('ccr.restoreCodexConfig'));
    assert.deepEqual(said, ['Restore?', "CCR is no longer in Codex's config."]);
    assert.equal(readFileSync(codexConfig, 'utf8'), own);
    assert.deepEqual(await agreeing('Restore', () => run('ccr.restoreCodexConfig')), ["CCR is not in Codex's config."]);
  });
});

describe('Connect Claude Code', () => {
  it('says that its extension is not installed, and that nothing is connected', async () => {
    const said = await agreeing('', () => run('ccr.connectClaudeCode'));
    assert.deepEqual(said, ["Claude Code's extension for VS Code is not installed, so it can't be connected."]);
    const undone = await agreeing('', () => run('ccr.disconnectClaudeCode'));
    assert.deepEqual(undone, ["Claude Code's extension is not connected to CCR."]);
  });
});

describe('Run Doctor', () => {
  let standIn: StandIn;
  before(async () => {
    await start();
    standIn = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'OK' })), apiKey: 'right' });
  });
  after(async () => {
    await useDemo();
    await standIn.close();
  });

  it('names what is wrong first, and runs the command that fixes it', async () => {
    await useConfig({
      Providers: [{ name: 'some', api_base_url: standIn.url, api_key: 'wrong', models: ['m'] }],
      Router: { default: 'some,m' },
    });
    await eventually(async () => assert.equal((await gatewayState()).source, 'file'));
    const lists: { label: string; command?: string }[][] = [];
    let asked = '';
    await answering(
      {
        showQuickPick: (items: { label: string; command?: string }[]) => {
          lists.push(items);
          return items.find(({ command }) => command === 'ccr.setProviderApiKey');
        },
        showInputBox: ({ title }: vscode.InputBoxOptions) => void (asked = title ?? ''),
      },
      async () => run('ccr.runDoctor'),
    );
    const [first] = lists[0] ?? [];
    assert.match(first?.label ?? '', /^\$\(error\) .*some/);
    assert.ok(standIn.requests.some(({ status }) => status === 401));
    // Without asking which provider: the finding knows.
    assert.equal(lists.length, 1);
    assert.match(asked, /some/);
  });
});
