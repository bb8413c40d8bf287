// Start, stop and restart, and their effect on the port.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { attach } from '../../src/control/client.ts';
import { answering, eventually, findGateway, gatewayState, port, start, stop, useConfig, useDemo } from './support.ts';

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

  it('restart in all windows asks first', async () => {
    const { startedAt } = await gatewayState();
    let asked = '';
    const restart = (answer: string | undefined) =>
      answering({ showWarningMessage: (text: string) => ((asked = text), answer) }, async () =>
        vscode.commands.executeCommand('ccr.restartInAllWindows'),
      );
    await restart(undefined);
    assert.equal(asked, 'Restart CCR for all windows?');
    assert.equal((await gatewayState()).startedAt, startedAt);
    await restart('Restart');
    await eventually(async () => assert.ok((await gatewayState()).startedAt > startedAt));
  });

  it('restart asks first while a request is being answered', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
    await useConfig({
      Providers: [{ name: 'silent', api_base_url: url, models: ['m'] }],
      Router: { default: 'silent,m' },
    });
    const { startedAt, url: gateway } = await gatewayState();
    const cancel = new AbortController();
    const request = fetch(`${gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
      signal: cancel.signal,
    }).catch(() => undefined);
    await eventually(async () => assert.equal((await gatewayState()).active.requests, 1));
    let detail = '';
    await answering(
      { showWarningMessage: (_: string, options: { detail: string }) => void ({ detail } = options) },
      async () => vscode.commands.executeCommand('ccr.restartProxy'),
    );
    assert.equal(detail, 'One request is being answered.');
    assert.equal((await gatewayState()).startedAt, startedAt);
    cancel.abort();
    await request;
    silent.close();
    await useDemo();
    await eventually(async () => assert.equal((await gatewayState()).active.requests, 0));
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
