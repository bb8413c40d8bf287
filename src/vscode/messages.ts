import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import { visibleText } from '../canonical/visibleText.ts';

const t = vscode.l10n.t;

/** A button of a message. */
export type Action = { title: string; run(): unknown };

export const openConfigAction: Action = commandAction(t('Open Config'), 'ccr.openConfig');
export const showLogAction: Action = commandAction(t('Show Log'), 'ccr.showLog');
export const startAction: Action = commandAction(t('Start'), 'ccr.startProxy');

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

/**
 * Shows progress that the user can cancel. Resolves with undefined when they do; the work goes on, and its outcome is dropped.
 */
export async function withProgress<T>(title: string, work: () => Promise<T>): Promise<T | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: withoutLinks(title),
    cancellable: true,
  };
  return vscode.window.withProgress(options, (_, cancel) =>
    Promise.race([
      work(),
      new Promise<undefined>((resolve) => cancel.onCancellationRequested(() => resolve(undefined))),
    ]),
  );
}

/** A message may quote a provider, and VS Code would make a link of `[text](command:...)`. */
export function withoutLinks(message: string): string {
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
