// A report of a request that went wrong, from the palette to the saved file.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { answering, eventually, findGateway, gatewayUrl, start, useConfig, useDemo } from './support.ts';

const prompt = 'a planted prompt about the harbour';
const key = 'planted-key-of-the-provider';

type Row = vscode.QuickPickItem & { request: string };
type Action = { title: string; run(): unknown };

async function askAndFail(): Promise<string> {
  const reply = await fetch(`${gatewayUrl()}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: prompt }] }),
  });
  assert.notEqual(reply.status, 200);
  return reply.headers.get('x-request-id') ?? '';
}

describe('CCR: Report a Problem', () => {
  let standIn: StandIn;
  let captures: string;
  let informed: { text: string; actions: Action[] }[] = [];
  const config = (enabled: boolean): object => ({
    Providers: [{ name: 'broken', api_base_url: standIn.url, api_key: key, models: ['m'] }],
    Router: { default: 'broken,m', tierRetries: { broken: { max_retries: 0 } } },
    DebugCapture: { enabled, output_dir: captures },
  });

  /** Runs the command, chooses a request, and returns the report that the editor shows. */
  async function report(request: string): Promise<{ rows: Row[]; bundle: Record<string, unknown>; text: string }> {
    let rows: Row[] = [];
    informed = [];
    const answers = {
      showQuickPick: (given: Row[]) => {
        rows = given;
        return given.find((row) => row.request === request);
      },
      showInformationMessage: (text: string, ...actions: never[]) => void informed.push({ text, actions }),
      showWarningMessage: () => undefined,
    };
    await answering(answers, async () => {
      await vscode.commands.executeCommand('ccr.reportProblem');
    });
    const text = await eventually(
      () => vscode.window.activeTextEditor?.document.getText() ?? assert.fail('The editor does not show the report.'),
    );
    return { rows, text, bundle: JSON.parse(text) as Record<string, unknown> };
  }

  before(async () => {
    captures = mkdtempSync(path.join(tmpdir(), 'ccr-captures-'));
    await start();
    standIn = await startStandIn({
      provider: 'openai-chat',
      script: always({ kind: 'refuse', status: 400, message: `No room for ${prompt}.` }),
    });
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await useDemo();
    await standIn.close();
    rmSync(captures, { recursive: true });
  });

  it('shows what is known of a request that was not captured, and how to capture the next one', async () => {
    await useConfig(config(false));
    const id = await askAndFail();
    await eventually(async () => assert.ok((await (await findGateway()).requests()).some((each) => each.id === id)));
    const { bundle, text } = await report(id);
    assert.equal(bundle['request'], id);
    assert.deepEqual(bundle['captures'], []);
    assert.doesNotMatch(text, /planted/);
    assert.match(informed[0]?.text ?? '', /was not captured\. Set "DebugCapture"/);
  });

  it('shows a captured request without keys and texts, and saves it as the user leaves it', async () => {
    await useConfig(config(true));
    const id = await askAndFail();
    const { row, bundle, text } = await eventually(async () => {
      const shown = await report(id);
      const row = shown.rows.find(({ request }) => request === id);
      // The capture may be written after the rows were, and before the bundle.
      assert.match(row?.description ?? '', /captured$/);
      assert.equal((shown.bundle['captures'] as unknown[]).length, 1);
      return { ...shown, row };
    });
    assert.match(row?.label ?? '', /^\$\(error\) /);
    assert.deepEqual(bundle['replay'], [{ ...(bundle['replay'] as object[])[0], same: true }]);
    assert.doesNotMatch(text, /planted|harbour/);
    assert.deepEqual(
      informed[0]?.actions.map(({ title }) => title),
      ['Save', 'Open Issue Page'],
    );

    const file = path.join(captures, 'report.json');
    const [showSaveDialog, openExternal] = [vscode.window.showSaveDialog, vscode.env.openExternal];
    const opened: string[] = [];
    Object.assign(vscode.window, { showSaveDialog: async () => vscode.Uri.file(file) });
    Object.defineProperty(vscode.env, 'openExternal', {
      configurable: true,
      value: async (uri: vscode.Uri) => opened.push(uri.toString()),
    });
    try {
      await answering(
        { showInformationMessage: (said: string, ...actions: never[]) => void informed.push({ text: said, actions }) },
        async () => {
          await informed[0]?.actions.find(({ title }) => title === 'Save')?.run();
        },
      );
      assert.equal(readFileSync(file, 'utf8'), text);
      await informed
        .at(-1)
        ?.actions.find(({ title }) => title === 'Open Issue Page')
        ?.run();
      assert.match(opened[0] ?? '', /\/issues\/new$/);
    } finally {
      Object.assign(vscode.window, { showSaveDialog });
      Object.defineProperty(vscode.env, 'openExternal', { configurable: true, value: openExternal });
    }
  });
});
