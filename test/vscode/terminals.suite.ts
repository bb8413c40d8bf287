// The environment of a real terminal's shell.
import assert from 'node:assert/strict';
import { accessSync, constants, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { placeholderKey } from '../../src/config/placeholder.ts';
import {
  answering,
  closeTerminal,
  eventually,
  gatewayUrl,
  start,
  stop,
  terminalEnvironment,
  windowScope,
} from './support.ts';

describe('a terminal', () => {
  before(start);
  after(start);

  it('points clients to the gateway, under this window’s scope', async () => {
    const environment = await terminalEnvironment('running');
    assert.equal(environment['CCR_URL'], gatewayUrl());
    assert.equal(environment['CCR_SCOPE'], windowScope());
    assert.equal(environment['OPENAI_BASE_URL'], `${gatewayUrl()}/w/${windowScope()}/v1`);
    assert.equal(environment['OPENAI_API_KEY'], placeholderKey);
    assert.equal(environment['CODEX_API_KEY'], placeholderKey);
    assert.equal((environment['NO_PROXY'] ?? '').split(',').filter((entry) => entry === '127.0.0.1').length, 1);
    const [first = ''] = (environment['PATH'] ?? '').split(path.delimiter);
    accessSync(path.join(first, 'codex'), constants.X_OK);
  });

  it('has no variables of CCR once the gateway was stopped', async () => {
    await stop();
    const environment = await terminalEnvironment('stopped');
    assert.equal(environment['OPENAI_BASE_URL'], undefined);
    assert.equal(environment['CCR_URL'], undefined);
    // So `codex` says that CCR does not run, instead of silently being the plain client.
    const [first = ''] = (environment['PATH'] ?? '').split(path.delimiter);
    accessSync(path.join(first, 'codex'), constants.X_OK);
  });

  it('that was used while the gateway was stopped is relaunched by one click', async () => {
    await stop();
    const file = path.join(homedir(), 'stale.txt');
    rmSync(file, { force: true });
    const terminal = vscode.window.createTerminal({ name: 'old one' });
    const said: { text: string; actions: { title: string; run(): unknown }[] }[] = [];
    try {
      const write = `printenv CCR_URL > '${file}.part'; mv '${file}.part' '${file}'`;
      terminal.show();
      terminal.sendText(write);
      assert.equal(await eventually(() => readFileSync(file, 'utf8')), '');
      await eventually(() => assert.ok(terminal.state.isInteractedWith));
      await answering(
        { showInformationMessage: (text: string, ...actions: never[]) => void said.push({ text, actions }) },
        async () => {
          await start();
          await eventually(() => assert.ok(said.length > 0));
        },
      );
      assert.equal(said[0]?.text, 'The terminal “old one” does not have the current settings of CCR.');
      assert.equal(said.length, 1);
      await said[0]?.actions.find(({ title }) => title === 'Relaunch Terminal')?.run();
      rmSync(file);
      await eventually(() => {
        terminal.sendText(write);
        assert.equal(readFileSync(file, 'utf8').trim(), gatewayUrl());
      });
    } finally {
      await closeTerminal(terminal);
    }
  });

  it('of a client is one for the window', async () => {
    await start();
    const before = vscode.window.terminals.length;
    for (let count = 0; count < 2; count++) await vscode.commands.executeCommand('ccr.openCodexTerminal');
    const named = vscode.window.terminals.filter(({ name }) => name === 'Codex');
    assert.equal(vscode.window.terminals.length, before + 1);
    assert.equal(named.length, 1);
    for (const terminal of named) await closeTerminal(terminal);
  });

  it('has no variables of CCR when the setting is off', async () => {
    const configuration = vscode.workspace.getConfiguration('ccr');
    await configuration.update('terminal.inject', false, vscode.ConfigurationTarget.Global);
    try {
      await start();
      assert.equal((await terminalEnvironment('not-wanted'))['CCR_URL'], undefined);
    } finally {
      await configuration.update('terminal.inject', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('has them again when the gateway runs and the setting is on', async () => {
    assert.equal((await terminalEnvironment('again'))['CCR_URL'], gatewayUrl());
  });
});
