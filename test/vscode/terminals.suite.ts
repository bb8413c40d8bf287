// The environment of a real terminal's shell.
import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { placeholderKey } from '../../src/config/placeholder.ts';
import { gatewayUrl, start, stop, terminalEnvironment, windowScope } from './support.ts';

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
    assert.match(environment['NO_PROXY'] ?? '', /(^|,)127\.0\.0\.1(,|$)/);
    const [first = ''] = (environment['PATH'] ?? '').split(path.delimiter);
    accessSync(path.join(first, 'codex'), constants.X_OK);
  });

  it('has no variables of CCR once the gateway was stopped', async () => {
    await stop();
    const environment = await terminalEnvironment('stopped');
    assert.equal(environment['OPENAI_BASE_URL'], undefined);
    assert.equal(environment['CCR_URL'], undefined);
  });

  it('has no variables of CCR when the setting is off', async () => {
    const configuration = vscode.workspace.getConfiguration('ccr');
    await configuration.update('terminal.inject', false, vscode.ConfigurationTarget.Global);
    await start();
    const environment = await terminalEnvironment('not-wanted');
    await configuration.update('terminal.inject', undefined, vscode.ConfigurationTarget.Global);
    assert.equal(environment['CCR_URL'], undefined);
  });

  it('has them again when the gateway runs and the setting is on', async () => {
    assert.equal((await terminalEnvironment('again'))['CCR_URL'], gatewayUrl());
  });
});
