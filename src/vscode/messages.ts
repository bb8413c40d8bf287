import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import { visibleText } from '../canonical/visibleText.ts';

/** A button of a message. */
export type Action = { title: string; run(): unknown };

export const openConfigAction: Action = commandAction('Open Config', 'ccr.openConfig');
export const showLogAction: Action = commandAction('Show Log', 'ccr.showLog');
export const startAction: Action = commandAction('Start', 'ccr.startProxy');

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

/** Shows a message, but never two of its kind at a time. */
export function createSingleMessage(kind: 'warning' | 'information'): (message: string, ...actions: Action[]) => void {
  let isOpen = false;
  return (message, ...actions) => {
    if (isOpen) return;
    isOpen = true;
    const show = kind === 'warning' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    void offer(show<Action>(withoutLinks(message), ...actions)).finally(() => (isOpen = false));
  };
}

/** A message may quote a provider, and VS Code would make a link of `[text](command:...)`. */
function withoutLinks(message: string): string {
  return visibleText(message, 2000).replaceAll('](', '] (');
}

async function offer(answer: Thenable<Action | undefined>): Promise<void> {
  try {
    const chosen = await answer;
    await chosen?.run();
  } catch (error) {
    showError(`CCR: ${messageOf(error)}`, showLogAction);
  }
}
