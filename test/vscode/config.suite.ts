// The config file in the editor: opened, broken, corrected.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import {
  answering,
  ask,
  configFile,
  eventually,
  gatewayState,
  gatewayUrl,
  reload,
  start,
  useConfig,
  useDemo,
  windowScope,
} from './support.ts';

const diagnostics = (): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(vscode.Uri.file(configFile)).filter(({ source }) => source === 'CCR');

const said = (): string[] => diagnostics().map(({ message }) => message);

describe('a config that becomes invalid', () => {
  let standIn: StandIn;
  before(async () => {
    await start();
    standIn = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'still here' })) });
    await useConfig({
      Providers: [{ name: 'fast', api_base_url: standIn.url, models: ['small'] }],
      Router: { default: 'fast,small' },
    });
  });
  after(async () => {
    await useDemo();
    await standIn.close();
  });

  it('is shown at its line, with one warning, while the last valid one is used', async () => {
    const warnings: string[] = [];
    await answering({ showWarningMessage: (text: string) => void warnings.push(text) }, async () => {
      writeFileSync(configFile, '{\n  "Providers": [],\n  "Router": { "default": }\n}\n');
      // Happens without any request.
      await eventually(() => assert.ok(diagnostics().length > 0));
      await reload();
    });
    const [first] = diagnostics();
    assert.equal(first?.range.start.line, 2);
    assert.equal(first.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /CCR keeps using the last valid config/);
    assert.equal((await ask(`${gatewayUrl()}/v1`)).text, 'still here');
    assert.equal((await gatewayState()).stale, true);
  });

  it('causes no message while an editor shows the file', async () => {
    const warnings: string[] = [];
    await vscode.window.showTextDocument(vscode.Uri.file(configFile));
    await answering({ showWarningMessage: (text: string) => void warnings.push(text) }, async () => {
      for (const broken of ['{ "Providers": ', '{ "Providers": 1 }', '{ "Router": 2 }']) {
        writeFileSync(configFile, broken);
        await reload();
        // Once the window shows what is wrong now, it has decided about a message, too.
        const problems = (await gatewayState()).problems.map(({ message }) => message);
        await eventually(() => assert.deepEqual(said(), problems));
      }
    });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.deepEqual(warnings, []);
  });

  it('is no longer shown once it is corrected', async () => {
    await useConfig({
      Providers: [{ name: 'fast', api_base_url: standIn.url, models: ['small'] }],
      Router: { default: 'fast,small' },
    });
    await eventually(() => assert.deepEqual(diagnostics(), []));
    assert.equal((await gatewayState()).stale, false);
  });

  it('keeps the gateway from starting until it is corrected', async () => {
    const errors: string[] = [];
    const good = readFileSync(configFile, 'utf8');
    await answering({ showErrorMessage: (text: string) => void errors.push(text) }, async () => {
      writeFileSync(configFile, '{ "Router": ');
      await vscode.commands.executeCommand('ccr.restartProxy');
      await eventually(() => assert.match(errors[0] ?? '', /can't start with this config/));
    });
    await eventually(() => assert.ok(diagnostics().length > 0));
    writeFileSync(configFile, good);
    assert.equal((await eventually(gatewayState)).stale, false);
    await eventually(() => assert.deepEqual(diagnostics(), []));
  });
});

describe('Open Config', () => {
  before(async () => {
    await start();
    await useDemo();
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await useDemo();
  });

  const open = async (): Promise<void> => {
    await answering({ showInformationMessage: () => undefined }, async () =>
      vscode.commands.executeCommand('ccr.openConfig'),
    );
    await eventually(() => assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, configFile));
  };

  it('creates a file without errors that only its owner can read', async () => {
    rmSync(configFile, { force: true });
    await open();
    assert.ok(existsSync(configFile));
    if (process.platform !== 'win32') assert.equal(statSync(configFile).mode & 0o777, 0o600);
    await reload();
    const { problems, source, stale } = await gatewayState();
    assert.equal(source, 'file');
    assert.equal(stale, false);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  it('never overwrites one', async () => {
    writeFileSync(configFile, '// mine\n{}\n');
    await open();
    assert.equal(readFileSync(configFile, 'utf8'), '// mine\n{}\n');
  });
});

describe('Validate Config', () => {
  before(start);
  after(useDemo);

  const validate = async (): Promise<string[]> => {
    const said: string[] = [];
    const note = (text: string): undefined => void said.push(text);
    await answering({ showInformationMessage: note, showWarningMessage: note }, async () =>
      vscode.commands.executeCommand('ccr.validateConfig'),
    );
    return said;
  };

  it('says what is wrong, and where', async () => {
    // The running gateway notices the same, which has a message of its own.
    await answering({ showWarningMessage: () => undefined }, async () => {
      writeFileSync(configFile, '{\n  "Router": { "default": }\n}\n');
      await eventually(() => assert.ok(diagnostics().length > 0));
    });
    const [said = '', ...others] = await validate();
    assert.deepEqual(others, []);
    assert.match(said, /config\.json:2: Not valid JSON/);
  });

  it('says when nothing is', async () => {
    await useConfig({
      Providers: [{ name: 'local', api_base_url: 'http://127.0.0.1:1/v1', models: ['m'] }],
      Router: { default: 'local,m' },
    });
    assert.deepEqual(await validate(), [`The config has no problems: ${configFile}`]);
  });
});

describe('Copy Base URL', () => {
  it('copies the address of this window, which follows its switches', async () => {
    await start();
    await answering({ showInformationMessage: () => undefined }, async () =>
      vscode.commands.executeCommand('ccr.copyBaseUrl'),
    );
    assert.equal(await vscode.env.clipboard.readText(), `${gatewayUrl()}/w/${windowScope()}/v1`);
  });
});
