import * as vscode from 'vscode';
import type { LinkStatus } from './linkStatus.ts';
import { tooltipCommands } from './statusTooltip.ts';
import { statusView } from './statusView.ts';
import type { WindowActivity } from './windowActivity.ts';

const backgrounds = {
  normal: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

export type StatusBar = {
  show(status: LinkStatus): void;
  /** Call when a request has ended. */
  refresh(): void;
};

/** How long changes are collected before they are shown: a busy gateway ends many requests a second. Milliseconds. */
const refreshMs = 250;

/** The status bar item. A click opens the switcher, or starts the gateway. */
export function createStatusBar(
  context: vscode.ExtensionContext,
  scope: string,
  activity: () => WindowActivity,
): StatusBar {
  const item = vscode.window.createStatusBarItem('ccr.status', vscode.StatusBarAlignment.Right, 100);
  let current: LinkStatus = { kind: 'stopped' };
  let timer: NodeJS.Timeout | undefined;
  item.name = 'CCR';
  context.subscriptions.push(item, { dispose: () => clearTimeout(timer) });

  function draw(): void {
    const { last, today } = activity();
    const { text, tooltip, label, tone } = statusView(current, scope, {
      last: last(),
      today: today(),
      now: Date.now(),
    });
    const markdown = new vscode.MarkdownString(tooltip, true);
    markdown.isTrusted = { enabledCommands: tooltipCommands };
    item.text = text;
    item.tooltip = markdown;
    item.backgroundColor = backgrounds[tone];
    item.accessibilityInformation = { label, role: 'button' };
    item.command = current.kind === 'stopped' || current.kind === 'failed' ? 'ccr.startProxy' : 'ccr.switchPreset';
    item.show();
  }

  return {
    show(status) {
      current = status;
      draw();
    },
    refresh() {
      timer ??= setTimeout(() => {
        timer = undefined;
        draw();
      }, refreshMs);
    },
  };
}
