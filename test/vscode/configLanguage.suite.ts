// What an editor offers in the config file, asked as VS Code asks.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { answering, configFile, eventually, gatewayState, reload, start, useConfigText, useDemo } from './support.ts';

const plainKey = 'sk-plain-0123456789';

const text = `{
  // my providers
  "Providers": [
    {
      "name": "fast",
      "api_base_url": "http://127.0.0.1:1/v1",
      "api_key": "${plainKey}", // mine
      "models": ["small", "deepseek-v4-pro"],
      "model_info": { "small": { "context_window": 64000 } }
    }
  ],
  "Router": { "default": "fast,small", "image": "fast,smal" },
  "Presets": { "careful": { "route": "default" } }
}
`;

const uri = vscode.Uri.file(configFile);

describe('the config file in an editor', () => {
  let editor: vscode.TextDocument;
  before(async () => {
    await start();
    // A workbench in a browser saves after a second by default.
    await autoSave('off');
    await useConfigText(text);
    editor = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(editor);
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await answering({ showInformationMessage: () => undefined }, async () =>
      vscode.commands.executeCommand('ccr.removeProviderApiKey', 'fast'),
    );
    await autoSave(undefined);
    await useDemo();
  });

  const autoSave = (value: string | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('files').update('autoSave', value, vscode.ConfigurationTarget.Global);

  /** The position in the middle of `part`'s first character and the rest of it. */
  const at = (part: string, skip = 1): vscode.Position => editor.positionAt(editor.getText().indexOf(part) + skip);

  async function ask<T>(command: string, ...values: unknown[]): Promise<T> {
    return vscode.commands.executeCommand<T>(command, uri, ...values);
  }

  async function replaceText(written: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, editor.lineCount, 0), written);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }

  /** It looks at documents in the order of their changes. */
  async function jsonSupportHasLooked(): Promise<void> {
    const later = await vscode.workspace.openTextDocument({ language: 'json', content: '{' });
    await eventually(() => assert.notDeepEqual(vscode.languages.getDiagnostics(later.uri), []));
  }

  it('underlines faults of the edited text, before it is saved, when the user pauses', async () => {
    const words = (): string =>
      vscode.languages
        .getDiagnostics(uri)
        .map(({ message }) => message)
        .join(' ');
    await eventually(() => assert.match(words(), /among the models of fast/));
    const edit = new vscode.WorkspaceEdit();
    // A document that an earlier suite had open may be read again from the disk just now, and then refuses an edit.
    await eventually(() => assert.equal(editor.getText(), text));
    edit.insert(uri, at('"Presets"', 0), '"Presetz": {},\n  ');
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok(editor.getText().includes('Presetz'));
    assert.doesNotMatch(words(), /Presetz/);
    await eventually(() => assert.match(words(), /Presetz/));
    assert.equal(words().match(/among the models of fast/g)?.length, 1);
    assert.ok(editor.isDirty);
    const back = new vscode.WorkspaceEdit();
    back.replace(uri, new vscode.Range(0, 0, editor.lineCount, 0), text);
    await vscode.workspace.applyEdit(back);
    await eventually(() => assert.doesNotMatch(words(), /Presetz/));
    assert.match(words(), /among the models of fast/);
  });

  const faults = {
    'a missing comma': text.replace('"name": "fast",', '"name": "fast"'),
    'a value of another type': text.replace('"small", "deepseek-v4-pro"', '"small", 7'),
    'a value that is none of those allowed': text.replace('"name"', '"protocol": "opnai",\n      "name"'),
    'a key that is there twice': text.replace('"Router"', '"Presets": {},\n  "Router"'),
    'a host that needs a token': text.replace('"Router"', '"HOST": "0.0.0.0",\n  "Router"'),
  };
  for (const [fault, broken] of Object.entries(faults)) {
    it(`underlines once what CCR and VS Code's JSON support could both say: ${fault}`, async () => {
      await eventually(() => assert.equal(editor.getText(), text));
      const said = (): string[] =>
        vscode.languages.getDiagnostics(uri).map(({ range, message }) => `${range.start.line}: ${message}`);
      const before = said();
      await replaceText(broken);
      await eventually(() => assert.ok(said().some((each) => !before.includes(each))));
      await jsonSupportHasLooked();
      await eventually(() => {
        const lines = said().map((each) => each.split(':')[0]);
        assert.equal(new Set(lines).size, lines.length, said().join('\n'));
        assert.ok(
          said().some((each) => !before.includes(each)),
          said().join('\n'),
        );
      });
      await replaceText(text);
      await eventually(() => assert.deepEqual(said(), before));
    });
  }

  it('completes targets with window and price', async () => {
    // The editor may ask before it knows that the file is the gateway's config.
    const labels = await eventually(async () => {
      const list = await ask<vscode.CompletionList>('vscode.executeCompletionItemProvider', at('"fast,small"'), '"');
      const found = list.items.map(({ label }) => (typeof label === 'string' ? { label, description: '' } : label));
      assert.equal(found.find(({ label }) => label === 'fast,small')?.description, '64k window');
      return found;
    });
    assert.match(labels.find(({ label }) => label === 'fast,deepseek-v4-pro')?.description ?? '', /[kM] window/);
  });

  it('completes whole providers', async () => {
    const list = await ask<vscode.CompletionList>('vscode.executeCompletionItemProvider', at('\n  ],', 0));
    const snippet = list.items.find(({ label }) => typeof label === 'object' && label.label === 'deepseek');
    assert.ok(snippet?.insertText instanceof vscode.SnippetString);
    assert.match(snippet.insertText.value, /^,\{[^]*"api_base_url": "https:\/\/api\.deepseek\.com"/);
  });

  it('has values that a key may have from its schema', async () => {
    const written = text.replace('"name"', '"protocol": "",\n      "name"');
    await replaceText(written);
    const place = editor.positionAt(written.indexOf('"protocol": "') + '"protocol": "'.length);
    await eventually(async () => {
      const list = await ask<vscode.CompletionList>('vscode.executeCompletionItemProvider', place);
      const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      assert.ok(labels.includes('"anthropic"'), labels.join());
    });
    await replaceText(text);
  });

  it('tells in a hover where a figure is from', async () => {
    const hovers = await ask<vscode.Hover[]>('vscode.executeHoverProvider', at('fast,small', 6));
    const said = hovers
      .flatMap(({ contents }) => contents)
      .map((each) => (typeof each === 'string' ? each : each.value));
    assert.match(said.join('\n'), /Context window: 64,000 tokens \(from `model_info` in this file\)/);
  });

  it('has actions above providers and presets', async () => {
    const lenses = await ask<vscode.CodeLens[]>('vscode.executeCodeLensProvider', 10);
    const commands = lenses.map(({ command }) => [command?.title, command?.command, ...(command?.arguments ?? [])]);
    assert.deepEqual(commands, [
      ['Test', 'ccr.testProvider', 'fast'],
      ['Use', 'ccr.switchPreset', 'careful'],
    ]);
  });

  it('goes to the definition of a provider, and links its base URL', async () => {
    const [found] = await ask<vscode.Location[]>('vscode.executeDefinitionProvider', at('fast,small'));
    assert.equal(found?.range.start.line, 4);
    const links = await ask<vscode.DocumentLink[]>('vscode.executeLinkProvider');
    assert.ok(links.some(({ target }) => target?.toString() === 'http://127.0.0.1:1/v1'));
  });

  it('renames a provider everywhere and keeps the comments', async () => {
    const edit = await ask<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', at('fast,small'), 'quick');
    const lines = edit.get(uri).map(({ range, newText }) => `${range.start.line}: ${newText}`);
    assert.deepEqual(lines.toSorted(), ['11: "quick,smal"', '11: "quick,small"', '4: "quick"']);
  });

  it('repairs a misspelt model', async () => {
    const shown = await eventually(() => {
      const found = vscode.languages.getDiagnostics(uri).find(({ code }) => code === 'unknown-model');
      return found ?? assert.fail('no diagnostic');
    });
    assert.equal(editor.getText(shown.range), '"fast,smal"');
    const actions = await ask<vscode.CodeAction[]>('vscode.executeCodeActionProvider', shown.range);
    const fix = actions.find(({ title }) => title === 'Use "fast,small"');
    assert.ok(fix?.edit);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.equal(editor.getText(), text.replace('"fast,smal"', '"fast,small"'));
    assert.ok(await editor.save());
    await reload();
    await eventually(() => assert.ok(!vscode.languages.getDiagnostics(uri).some(({ source }) => source === 'CCR')));
  });

  it('moves a plain key to the secret storage', async () => {
    const place = at(plainKey);
    const actions = await ask<vscode.CodeAction[]>('vscode.executeCodeActionProvider', new vscode.Range(place, place));
    const { command } = actions.find(({ title }) => title.startsWith('Move the API key')) ?? assert.fail('no action');
    assert.ok(command);
    await answering({ showInformationMessage: () => undefined }, async () =>
      vscode.commands.executeCommand(command.command, ...(command.arguments ?? [])),
    );
    assert.ok(await editor.save());
    const saved = readFileSync(configFile, 'utf8');
    assert.match(saved, /"api_key": "\$\{secret:fast\}", \/\/ mine/);
    await reload();
    // The key reaches the gateway by itself, before or after that.
    await eventually(async () => {
      const { problems, providers } = await gatewayState();
      assert.deepEqual(problems, []);
      assert.deepEqual(providers, [{ name: 'fast', enabled: true }]);
    });
  });

  it('offers nothing in other files', async () => {
    const other = vscode.Uri.file(path.join(path.dirname(configFile), 'other.json'));
    writeFileSync(other.fsPath, text);
    await vscode.workspace.openTextDocument(other);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', other, 10);
    assert.deepEqual(lenses, []);
  });
});
