import * as vscode from 'vscode';
import { showInformation } from './messages.ts';
import type { Terminals } from './terminals.ts';

const t = vscode.l10n.t;

/**
 * Says when open terminals lack the variables of new ones, such as after a start of the gateway, and relaunches them on request.
 * VS Code does that by itself for a terminal that was not used yet.
 */
export function watchStaleTerminals(terminals: Terminals): void {
  let current = new WeakSet<vscode.Terminal>();

  function stale(): vscode.Terminal[] {
    return vscode.window.terminals.filter(
      (terminal) => terminal.state.isInteractedWith && terminal.exitStatus === undefined && !current.has(terminal),
    );
  }

  /** A client that runs in a terminal ends with it, so nothing is relaunched without a click. */
  async function relaunch(): Promise<void> {
    for (const terminal of stale()) {
      terminal.show();
      await vscode.commands.executeCommand('workbench.action.terminal.relaunch');
      current.add(terminal);
    }
  }

  terminals.onOutdated(() => {
    current = new WeakSet();
    const [first, ...others] = stale();
    if (!first) return;
    const message =
      others.length === 0
        ? t('The terminal “{0}” does not have the current settings of CCR.', first.name)
        : t('{0} terminals do not have the current settings of CCR.', others.length + 1);
    const title = others.length === 0 ? t('Relaunch Terminal') : t('Relaunch Terminals');
    showInformation(message, { title, run: relaunch });
  });
}
