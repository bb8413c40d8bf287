import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import type { Problem } from '../config/problems.ts';
import type { Log } from '../observe/log.ts';

/** So that nothing is underlined while a name is being typed. Milliseconds. */
const quietMs = 600;

export type ConfigTypingParts = {
  /** Whether the document is the config file. */
  isConfig(editor: vscode.TextDocument): boolean;
  /** Of the text in the editor. */
  problemsOf(editor: vscode.TextDocument): Promise<readonly Problem[]>;
  /** Shows these instead of the problems of the saved file; undefined: the saved file's again. */
  showEdited(file: string, problems: readonly Problem[] | undefined): void;
  log: Log;
};

/** Checks the config while it is edited, when the user pauses. A save shows what the gateway says. */
export function watchConfigTyping(context: vscode.ExtensionContext, parts: ConfigTypingParts): void {
  let timer: NodeJS.Timeout | undefined;

  async function check(editor: vscode.TextDocument): Promise<void> {
    const { version } = editor;
    const problems = await parts.problemsOf(editor);
    if (editor.version === version && editor.isDirty) parts.showEdited(editor.uri.fsPath, problems);
  }

  function forget(editor: vscode.TextDocument): void {
    if (!parts.isConfig(editor)) return;
    clearTimeout(timer);
    parts.showEdited(editor.uri.fsPath, undefined);
  }

  context.subscriptions.push(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (!parts.isConfig(document)) return;
      if (!document.isDirty) return forget(document);
      clearTimeout(timer);
      timer = setTimeout(() => {
        check(document).catch((error: unknown) => parts.log.warn(`The edited config: ${messageOf(error)}`));
      }, quietMs);
    }),
    vscode.workspace.onDidSaveTextDocument(forget),
    vscode.workspace.onDidCloseTextDocument(forget),
    { dispose: () => clearTimeout(timer) },
  );
}
