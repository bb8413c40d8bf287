// Refresh Model Catalog, against a stand-in for models.dev.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { answering, eventually, gatewayState, start, stop } from './support.ts';

const root = vscode.extensions.getExtension('ccr.ccr-vscode')?.extensionUri.fsPath ?? '';
const models = readFileSync(path.join(root, 'test', 'fixtures', 'models.dev.json'));
const variable = 'CCR_MODELS_DEV_URL';

async function refresh(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const answers = { showInformationMessage: resolve, showWarningMessage: resolve };
  return answering(answers, async () => {
    await vscode.commands.executeCommand('ccr.refreshModelCatalog');
    return promise;
  });
}

describe('Refresh Model Catalog', () => {
  let isBroken = false;
  const server = createServer((_, response) => {
    response.writeHead(isBroken ? 503 : 200).end(models);
  });
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    process.env[variable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api.json`;
    await start();
    await vscode.commands.executeCommand('ccr.restartProxy');
    await eventually(gatewayState);
  });
  after(async () => {
    delete process.env[variable];
    server.closeAllConnections();
    server.close();
    await vscode.commands.executeCommand('ccr.restartProxy');
    await eventually(gatewayState);
  });

  it('shows how many models there are, and their date', async () => {
    const today = (): string => new Date().toISOString().slice(0, 10);
    const before = today();
    const said = await refresh();
    const found = /up to date: 11 models of 6 providers, fetched from models.dev on ([\d-]+); .*2026-09-30/.exec(said);
    assert.ok([before, today()].includes(found?.[1] ?? ''), said);
  });

  it('shows that the refresh failed, and what is still used', async () => {
    isBroken = true;
    assert.match(await refresh(), /not refreshed: .*HTTP 503.*continues with what it has: 11 models/);
  });

  it('says that it needs a running gateway', async () => {
    await stop();
    assert.match(await refresh(), /CCR is not running/);
    await start();
  });
});
