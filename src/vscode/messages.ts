import * as vscode from 'vscode';

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
  void offer(vscode.window.showErrorMessage(message, ...actions));
}

export function showWarning(message: string, ...actions: Action[]): void {
  void offer(vscode.window.showWarningMessage(message, ...actions));
}

export function showInformation(message: string, ...actions: Action[]): void {
  void offer(vscode.window.showInformationMessage(message, ...actions));
}

async function offer(answer: Thenable<Action | undefined>): Promise<void> {
  const chosen = await answer;
  await chosen?.run();
}
