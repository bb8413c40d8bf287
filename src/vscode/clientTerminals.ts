import * as vscode from 'vscode';
import { showWarning } from './messages.ts';
import type { TerminalClient } from './terminalEnvironment.ts';
import type { Terminals } from './terminals.ts';

const t = vscode.l10n.t;

type Client = { name: string; command: string; package: string; icon: string };

const clients: Record<TerminalClient, Client> = {
  codex: { name: 'Codex', command: 'codex', package: '@openai/codex', icon: 'terminal' },
  claude: { name: 'Claude Code', command: 'claude', package: '@anthropic-ai/claude-code', icon: 'sparkle' },
};

/** The terminals in which clients run through CCR: one for each client in this window. */
export type ClientTerminals = {
  /**
   * Shows the client's terminal. Opens one if there is none, and runs the client if it has ended.
   * @param file the client, if it is in this process's PATH. A shell's start-up file may add other folders.
   */
  open(client: TerminalClient, file: string | undefined): void;
};

export function createClientTerminals(context: vscode.ExtensionContext, terminals: Terminals): ClientTerminals {
  const opened = new Map<TerminalClient, { terminal: vscode.Terminal; isIdle: boolean }>();

  /** Shell integration tells when a command ends; without it, the client is taken to run still. */
  function note(terminal: vscode.Terminal, isIdle: boolean): void {
    for (const each of opened.values()) if (each.terminal === terminal) each.isIdle = isIdle;
  }

  function run(client: TerminalClient, command: string): void {
    const before = opened.get(client);
    if (before && before.terminal.exitStatus === undefined) {
      before.terminal.show();
      if (before.isIdle) before.terminal.sendText(command);
      return;
    }
    const { name, icon } = clients[client];
    const env = terminals.ownEnvironment(client);
    const terminal = vscode.window.createTerminal({ name, iconPath: new vscode.ThemeIcon(icon), ...(env && { env }) });
    opened.set(client, { terminal, isIdle: false });
    terminal.show();
    terminal.sendText(command);
  }

  context.subscriptions.push(
    vscode.window.onDidStartTerminalShellExecution(({ terminal }) => note(terminal, false)),
    vscode.window.onDidEndTerminalShellExecution(({ terminal }) => note(terminal, true)),
    vscode.window.onDidCloseTerminal((terminal) => {
      for (const [client, each] of opened) if (each.terminal === terminal) opened.delete(client);
    }),
  );

  return {
    open(client, file) {
      const { name, command, package: npmPackage } = clients[client];
      if (file !== undefined) return run(client, command);
      const install = `npm install -g ${npmPackage}`;
      showWarning(
        t('{0} was not found in PATH. Install it with: {1}', name, install),
        { title: t('Install'), run: () => run(client, `${install} && ${command}`) },
        { title: t('Open Anyway'), run: () => run(client, command) },
      );
    },
  };
}
