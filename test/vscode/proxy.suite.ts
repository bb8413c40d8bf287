// Start, stop and restart, and their effect on the port.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { attach } from '../../src/control/client.ts';
import { answering, eventually, findGateway, gatewayState, port, start, stop } from './support.ts';

const occupantOf = async (port: number): Promise<string> => (await attach({ homeDirectory: homedir(), port })).kind;

describe('the proxy commands', () => {
  before(start);
  after(start);

  it('stop asks first, since it stops the gateway of every window', async () => {
    let asked = '';
    await answering({ showWarningMessage: (text: string) => void (asked = text) }, async () =>
      vscode.commands.executeCommand('ccr.stopProxy'),
    );
    assert.equal(asked, 'Stop CCR for all windows?');
    assert.equal(await occupantOf(port()), 'ccr');
  });

  it('stop frees the port, and no gateway starts again', async () => {
    await stop();
    await eventually(async () => assert.equal(await occupantOf(port()), 'nobody'));
  });

  it('start runs it again on the same port', async () => {
    assert.equal((await start()).port, port());
  });

  it('restart runs another gateway on the same port', async () => {
    const { startedAt } = await gatewayState();
    await vscode.commands.executeCommand('ccr.restartProxy');
    const state = await eventually(gatewayState);
    assert.ok(state.startedAt > startedAt);
    assert.equal(state.port, port());
  });

  it('a gateway that another window drains is replaced', async () => {
    const { startedAt } = await gatewayState();
    await (await findGateway()).drain(0);
    await eventually(async () => assert.ok((await gatewayState()).startedAt > startedAt));
  });

  it('a gateway that another window stops is not replaced', async () => {
    await start();
    await (await findGateway()).stop(0);
    let said = '';
    await answering({ showInformationMessage: (text: string) => void (said = text) }, async () => {
      await eventually(async () => {
        await vscode.commands.executeCommand('ccr.copyBaseUrl');
        assert.match(said, /^CCR is not running/);
      });
      // A window that looks for a successor would stop that without a word.
      said = '';
      await vscode.commands.executeCommand('ccr.stopProxy');
    });
    assert.equal(said, 'CCR is not running.');
    assert.equal(await occupantOf(port()), 'nobody');
  });
});

describe('a gateway of the command line', () => {
  let child: ChildProcess;
  before(async () => {
    await start();
    await stop();
    const cli = vscode.extensions.getExtension('ccr.ccr-vscode')?.extensionUri.fsPath ?? '';
    child = spawn(process.execPath, [path.join(cli, 'dist', 'cli.js'), 'start', '--port', String(port())], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: 'ignore',
    });
    await eventually(gatewayState);
  });
  after(() => child.kill('SIGKILL'));

  it('is attached to, not replaced', async () => {
    await start();
    assert.equal((await gatewayState()).pid, child.pid);
  });

  it('is replaced when it is killed', async () => {
    child.kill('SIGKILL');
    await eventually(async () => assert.equal((await gatewayState()).pid, process.pid));
  });
});

describe('a port in use by another program', () => {
  const usual = port();
  const stranger = createServer((socket) => socket.destroy());
  before(async () => {
    await stop();
    await once(stranger.listen(usual, '127.0.0.1'), 'listening');
  });
  after(async () => {
    stranger.close();
    await once(stranger, 'close');
    await vscode.workspace.getConfiguration('ccr').update('port', usual, vscode.ConfigurationTarget.Global);
    await eventually(async () => assert.equal((await gatewayState()).port, usual));
  });

  it('is named, and the next free port is used on request', async () => {
    let message = '';
    const takeOffer = (text: string, ...actions: { title: string }[]): unknown => {
      message = text;
      return actions.find(({ title }) => title.startsWith('Use Port'));
    };
    await answering({ showErrorMessage: takeOffer }, async () => {
      await vscode.commands.executeCommand('ccr.startProxy');
      await eventually(() => assert.notEqual(port(), usual));
    });
    const owner =
      process.platform === 'linux' ? `${path.basename(process.execPath)} (pid ${process.pid})` : 'another program';
    assert.ok(message.includes(`port ${usual} is in use by ${owner}.`), message);
    assert.equal((await eventually(gatewayState)).port, port());
    assert.ok(stranger.listening);
  });
});
