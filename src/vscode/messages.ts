import * as vscode from 'vscode';
import { visibleText } from '../canonical/visibleText.ts';

/** A button of a message. */
export type Action = { title: string; run(): unknown };

export const openConfigAction: Action = commandAction('Open Config', 'ccr.openConfig');
export const showLogAction: Action = commandAction('Show Log', 'ccr.showLog');
export const startAction: Action = commandAction('Start Proxy', 'ccr.startProxy');

export function commandAction(title: string, command: string, ...values: unknown[]): Action {
  return { title, run: () => vscode.commands.executeCommand(command, ...values) };
}

/** Does not wait for the answer: the user may leave a message open for an hour. */
export function showError(message: string, ...actions: Action[]): void {
  void offer(vscode.window.showErrorMessage(withoutLinks(message), ...actions));
}

export function showWarning(message: string, ...actions: Action[]): void {
  void offer(vscode.window.showWarningMessage(withoutLinks(message), ...actions));
}

export function showInformation(message: string, ...actions: Action[]): void {
  void offer(vscode.window.showInformationMessage(withoutLinks(message), ...actions));
}

/** A message may quote a provider, and VS Code would make a link of `[text](command:...)`. */
function withoutLinks(message: string): string {
  return visibleText(message, 2000).replaceAll('](', '] (');
}

async function offer(answer: Thenable<Action | undefined>): Promise<void> {
  const chosen = await answer;
  await chosen?.run();
}
