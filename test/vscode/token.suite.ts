// A gateway that requires a token, and terminals that have it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { placeholderKey } from '../../src/config/placeholder.ts';
import { eventually, findGateway, gatewayState, gatewayUrl, start, terminalEnvironment } from './support.ts';

const require = (value: boolean | undefined): Thenable<void> =>
  vscode.workspace.getConfiguration('ccr').update('requireToken', value, vscode.ConfigurationTarget.Global);

const statusWith = async (token: string): Promise<number> => {
  const reply = await fetch(`${gatewayUrl()}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  return reply.status;
};

describe('the setting ccr.requireToken', () => {
  before(start);
  after(async () => {
    await require(undefined);
    await eventually(async () => assert.equal((await gatewayState()).tokenRequired, false));
  });

  it('takes effect at once, and terminals have the token', async () => {
    await require(true);
    await eventually(async () => assert.equal((await gatewayState()).tokenRequired, true));
    await start();
    assert.equal(await statusWith(placeholderKey), 401);
    const { OPENAI_API_KEY = '', CODEX_API_KEY } = await terminalEnvironment('token');
    assert.equal(await statusWith(OPENAI_API_KEY), 200);
    assert.equal(CODEX_API_KEY, OPENAI_API_KEY);
  });

  it('keeps its token over a restart, so that open terminals keep working', async () => {
    const token = await (await findGateway()).clientToken();
    await vscode.commands.executeCommand('ccr.restartProxy');
    assert.equal(await eventually(async () => (await findGateway()).clientToken()), token);
  });
});
