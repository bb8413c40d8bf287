import * as vscode from 'vscode';
import { runningKey } from '../manifest/windowMenus.ts';
import type { LinkStatus } from './linkStatus.ts';

/** Tells the `when` clauses of commands whether a gateway runs. */
export function createCommandContext(): { show(status: LinkStatus): void } {
  let shown: boolean | undefined;
  return {
    show({ kind }) {
      const isRunning = kind === 'running' || kind === 'newer';
      if (kind === 'starting' || isRunning === shown) return;
      shown = isRunning;
      void vscode.commands.executeCommand('setContext', runningKey, isRunning);
    },
  };
}
