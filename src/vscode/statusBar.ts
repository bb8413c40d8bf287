import * as vscode from 'vscode';
import type { CommandId } from '../manifest/commands.ts';
import type { LinkStatus } from './linkStatus.ts';
import { statusView } from './statusView.ts';

const menuCommand = 'ccr.showMenu';

const backgrounds = {
  normal: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

/** The status bar item. A click opens a menu of commands. */
export function createStatusBar(context: vscode.ExtensionContext, scope: string): { show(status: LinkStatus): void } {
  const item = vscode.window.createStatusBarItem('ccr.status', vscode.StatusBarAlignment.Right, 100);
  let current: LinkStatus = { kind: 'stopped' };
  item.name = 'CCR';
  item.command = menuCommand;
  context.subscriptions.push(
    item,
    vscode.commands.registerCommand(menuCommand, () => showMenu(current)),
  );

  function show(status: LinkStatus): void {
    current = status;
    const { text, tooltip, label, tone } = statusView(status, scope);
    item.text = text;
    item.tooltip = new vscode.MarkdownString(tooltip, true);
    item.backgroundColor = backgrounds[tone];
    item.accessibilityInformation = { label, role: 'button' };
    item.show();
  }

  show(current);
  return { show };
}

type MenuItem = vscode.QuickPickItem & { command: CommandId };

async function showMenu(status: LinkStatus): Promise<void> {
  const chosen = await vscode.window.showQuickPick(menuItems(status), { title: 'CCR' });
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}

function menuItems(status: LinkStatus): MenuItem[] {
  const common: MenuItem[] = [
    { label: '$(gear) Open Config', command: 'ccr.openConfig' },
    { label: '$(add) Add Provider', command: 'ccr.addProvider' },
    { label: '$(key) Set Provider API Key', command: 'ccr.setProviderApiKey' },
    { label: '$(output) Show Log', command: 'ccr.showLog' },
  ];
  const isUp = status.kind === 'running' || status.kind === 'newer';
  if (!isUp) return [{ label: '$(play) Start Proxy', command: 'ccr.startProxy' }, ...common];
  return [
    { label: '$(arrow-swap) Switch Preset', description: 'for this window', command: 'ccr.switchPreset' },
    { label: '$(terminal) Open Codex Terminal', command: 'ccr.openCodexTerminal' },
    ...common,
    { label: '$(debug-restart) Restart Proxy', command: 'ccr.restartProxy' },
    { label: '$(debug-stop) Stop Proxy', description: 'for all windows', command: 'ccr.stopProxy' },
  ];
}
