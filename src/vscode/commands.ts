import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import { commands, type CommandHandlers, type CommandId } from '../manifest/commands.ts';
import type { Log } from '../observe/log.ts';
import { showError, showLogAction } from './messages.ts';

/**
 * Registers the commands, whose handlers are loaded with the first command. A failure is logged and shown with our own message
 * instead of VS Code's generic one.
 */
export function registerCommands(
  context: vscode.ExtensionContext,
  load: () => Promise<CommandHandlers>,
  log: Log,
): void {
  for (const id of Object.keys(commands) as CommandId[]) {
    const perform = async (...values: []): Promise<void> => {
      try {
        const handlers = await load();
        await handlers[id](...values);
      } catch (error) {
        const message = messageOf(error);
        log.error(`${id}: ${message}`);
        showError(`CCR: ${message}`, showLogAction);
      }
    };
    context.subscriptions.push(vscode.commands.registerCommand(id, perform));
  }
}
