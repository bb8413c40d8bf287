import * as vscode from 'vscode';
import type { CommandHandlers } from '../manifest/commands.ts';
import type { Log } from '../observe/log.ts';
import { showError, showLogAction } from './messages.ts';

/** A command that fails says so, in words, instead of in VS Code's. */
export function registerCommands(context: vscode.ExtensionContext, handlers: CommandHandlers, log: Log): void {
  for (const [id, handler] of Object.entries(handlers)) {
    const perform = async (...values: []): Promise<void> => {
      try {
        await handler(...values);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log.error(`${id}: ${message}`);
        showError(`CCR: ${message}`, showLogAction);
      }
    };
    context.subscriptions.push(vscode.commands.registerCommand(id, perform));
  }
}
