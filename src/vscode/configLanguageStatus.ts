import * as vscode from 'vscode';
import type { LinkStatus } from './linkStatus.ts';
import { withoutIcons } from './plainText.ts';

/** In the status bar of an editor with the config file: whether the gateway uses what is there. */
export function createConfigLanguageStatus(context: vscode.ExtensionContext): { show(status: LinkStatus): void } {
  const selector = { pattern: '**/.claude-code-router/config.json' };
  const item = vscode.languages.createLanguageStatusItem('ccr.config', selector);
  item.name = 'CCR';
  item.command = { title: 'Validate Config', command: 'ccr.validateConfig' };
  context.subscriptions.push(item);
  return {
    show(status) {
      item.busy = status.kind === 'starting';
      const { text, severity } = describe(status);
      item.text = text;
      item.severity = severity;
    },
  };
}

function describe(status: LinkStatus): { text: string; severity: vscode.LanguageStatusSeverity } {
  const { Error, Warning, Information } = vscode.LanguageStatusSeverity;
  if (status.kind !== 'running') return { text: 'CCR does not run', severity: Information };
  const { stale, problems, providers } = status.state;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const enabled = providers.filter((provider) => provider.enabled).length;
  if (stale) return { text: 'CCR uses the last valid config', severity: Error };
  if (errors > 0) return { text: `CCR: ${errors} problems in the config`, severity: Error };
  const text = withoutIcons(`CCR uses this config: ${enabled} of ${providers.length} providers`);
  return { text, severity: problems.length > 0 ? Warning : Information };
}
