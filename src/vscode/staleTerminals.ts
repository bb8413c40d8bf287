import * as vscode from 'vscode';
import { showInformation } from './messages.ts';
import type { Terminals } from './terminals.ts';

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
    const which = others.length === 0 ? `The terminal “${first.name}” does` : `${others.length + 1} terminals do`;
    const title = others.length === 0 ? 'Relaunch Terminal' : 'Relaunch Terminals';
    showInformation(`${which} not have the current settings of CCR.`, { title, run: relaunch });
  });
}
