import * as vscode from 'vscode';
import { showWarning } from './messages.ts';
import type { Terminals } from './terminals.ts';

const installCommand = 'npm install -g @openai/codex';

/**
 * Opens a terminal in which Codex runs through CCR.
 * @param codexFile the real Codex, if it is in this process's PATH. A shell's start-up file may add other folders.
 */
export function openCodexTerminal(terminals: Terminals, codexFile: string | undefined): void {
  if (codexFile !== undefined) return open(terminals, 'codex');
  showWarning(
    `Codex was not found in PATH. Install it with: ${installCommand}`,
    { title: 'Install', run: () => open(terminals, `${installCommand} && codex`) },
    { title: 'Open Anyway', run: () => open(terminals, 'codex') },
  );
}

function open(terminals: Terminals, command: string): void {
  const env = terminals.ownEnvironment();
  const icon = { iconPath: new vscode.ThemeIcon('radio-tower') };
  const terminal = vscode.window.createTerminal({ name: 'Codex', ...icon, ...(env && { env }) });
  terminal.show();
  terminal.sendText(command);
}
