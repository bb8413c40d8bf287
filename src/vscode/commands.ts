import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import type { CommandHandlers } from '../manifest/commands.ts';
import type { Log } from '../observe/log.ts';
import { showError, showLogAction } from './messages.ts';

/** Registers the commands. A failure is logged and shown with our own message instead of VS Code's generic one. */
export function registerCommands(context: vscode.ExtensionContext, handlers: CommandHandlers, log: Log): void {
  for (const [id, handler] of Object.entries(handlers)) {
    const perform = async (...values: []): Promise<void> => {
      try {
        await handler(...values);
      } catch (error) {
        const message = messageOf(error);
        log.error(`${id}: ${message}`);
        showError(`CCR: ${message}`, showLogAction);
      }
    };
    context.subscriptions.push(vscode.commands.registerCommand(id, perform));
  }
}
