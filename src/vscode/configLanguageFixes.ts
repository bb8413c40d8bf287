import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { spoken } from '../canonical/wording.ts';
import { withVariable } from '../config/defineVariable.ts';
import { configFolder } from '../config/files.ts';
import { fixesOf, plainKeyAt, type Fix } from '../config/language/fixes.ts';
import { loadConfig } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import type { CommandId } from '../manifest/commands.ts';
import { transformerNames } from '../providers/findProvider.ts';
import { rangeOf, type ConfigLanguageParts, type ReadConfig } from './configLanguageDocument.ts';
import { readText } from './configLanguageFacts.ts';
import { translateProblem } from './displayLanguage.ts';
import { diagnosticSource } from './configProblems.ts';
import { showInformation } from './messages.ts';

const t = vscode.l10n.t;

/** Of the quick fix only; it is in no palette. */
const moveKeyCommand = 'ccr.moveKeyToSecretStorage';

/** Of the quick fix only, too. */
const defineCommand = 'ccr.defineVariable';

type FixParts = Pick<ConfigLanguageParts, 'window' | 'secrets'> & { read: ReadConfig };

/** Offers repairs for the problems that CCR shows in the config file, and to move a plain API key to the secret storage. */
export function registerConfigFixes(
  context: vscode.ExtensionContext,
  selector: vscode.DocumentSelector,
  parts: FixParts,
): void {
  context.subscriptions.push(
    vscode.languages.registerCodeActionsProvider(
      selector,
      {
        provideCodeActions: async (editor, range, { diagnostics }) => [
          ...(await problemActions(parts, editor, diagnostics)),
          ...(await keyAction(parts, editor, range.start)),
        ],
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
    vscode.commands.registerCommand(defineCommand, (name: string) => defineVariable(parts, name)),
    vscode.commands.registerCommand(moveKeyCommand, async (uri: vscode.Uri, position: vscode.Position) =>
      moveKey(parts, await vscode.workspace.openTextDocument(uri), position),
    ),
  );
}

async function problemActions(
  parts: FixParts,
  editor: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
): Promise<vscode.CodeAction[]> {
  const shown = diagnostics.filter(({ source }) => source === diagnosticSource);
  const config = shown.length === 0 ? undefined : parts.read(editor);
  if (!config) return [];
  const problems = await problemsOf(parts, editor);
  return shown.flatMap((diagnostic) => {
    // At its place in the edited text, which may have moved.
    const problem = problems
      .filter(({ message }) => message === diagnostic.message)
      .toSorted((a, b) => distance(a, diagnostic) - distance(b, diagnostic))[0];
    return problem
      ? fixesOf(config.document, problem).map((fix) =>
          Object.assign(toAction(fix, editor), { diagnostics: [diagnostic] }),
        )
      : [];
  });
}

function distance({ line = 1 }: Problem, { range }: vscode.Diagnostic): number {
  return Math.abs(line - 1 - range.start.line);
}

/** Of the text in the editor, saved or not. */
export async function problemsOf(
  { window, secrets }: Pick<FixParts, 'window' | 'secrets'>,
  editor: vscode.TextDocument,
): Promise<Problem[]> {
  const file = editor.uri.fsPath;
  const { problems } = loadConfig({
    ...window.loadOptions(),
    file,
    secrets: await secrets.all(),
    knownTransformers: transformerNames,
    readFile: (name) => (name === file ? editor.getText() : readText(name)),
  });
  return problems.map(translateProblem);
}

function toAction(fix: Fix, editor: vscode.TextDocument): vscode.CodeAction {
  const title = spoken(fix.title, t);
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.isPreferred = fix.isPreferred === true;
  switch (fix.kind) {
    case 'edit':
      action.edit = new vscode.WorkspaceEdit();
      for (const { span, text } of fix.changes) action.edit.replace(editor.uri, rangeOf(span, editor), text);
      return action;
    case 'set-key': {
      const command: CommandId = 'ccr.setProviderApiKey';
      action.command = { title, command, arguments: [fix.provider] };
      return action;
    }
    case 'define-variable':
      action.command = { title, command: defineCommand, arguments: [fix.name] };
      return action;
    default:
      return fix satisfies never;
  }
}

/** Opens the user's own `.env` file where the variable's value belongs. */
async function defineVariable({ window }: Pick<FixParts, 'window'>, name: string): Promise<void> {
  const file = path.join(configFolder(window.homeDirectory), '.env');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // Only the owner may read it: users write keys into it. Creates it if it is missing.
  await (await open(file, 'a', 0o600)).close();
  const editor = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const { text, offset } = withVariable(editor.getText(), name);
  const shown = await vscode.window.showTextDocument(editor);
  const all = new vscode.Range(0, 0, editor.lineCount, 0);
  if (text !== editor.getText()) await shown.edit((edit) => edit.replace(all, text));
  const end = editor.lineAt(editor.positionAt(offset).line).range.end;
  shown.selection = new vscode.Selection(editor.positionAt(offset), end);
  showInformation(t('Enter the value of {0} and save the file: CCR reads it then.', name));
}

async function keyAction(
  { read, secrets }: FixParts,
  editor: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.CodeAction[]> {
  const config = read(editor);
  if (!config || !plainKeyAt(config.document, editor.offsetAt(position), await secrets.names())) return [];
  const title = t("Move the API key to VS Code's secret storage");
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { title, command: moveKeyCommand, arguments: [editor.uri, position] };
  return [action];
}

/** Stores the key first, so that it is never only in the undo history. */
async function moveKey(
  { read, secrets }: FixParts,
  editor: vscode.TextDocument,
  position: vscode.Position,
): Promise<void> {
  const config = read(editor);
  const found = config && plainKeyAt(config.document, editor.offsetAt(position), await secrets.names());
  if (!found) return;
  await secrets.store(found.secret, found.key);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(editor.uri, rangeOf(found.change.span, editor), found.change.text);
  await vscode.workspace.applyEdit(edit);
  showInformation(
    t("Moved an API key of {0} to VS Code's secret storage. Save the config file to apply it.", found.provider),
  );
}
