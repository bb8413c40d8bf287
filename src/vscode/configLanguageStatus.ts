import * as vscode from 'vscode';
import type { LinkStatus } from './linkStatus.ts';
import { withoutIcons } from './plainText.ts';

const t = vscode.l10n.t;

/** In the status bar of an editor with the config file: whether the gateway uses what is there. */
export function createConfigLanguageStatus(context: vscode.ExtensionContext): { show(status: LinkStatus): void } {
  const selector = { pattern: '**/.claude-code-router/config.json' };
  const item = vscode.languages.createLanguageStatusItem('ccr.config', selector);
  item.name = 'CCR';
  item.command = { title: t('Validate Config'), command: 'ccr.validateConfig' };
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
  if (status.kind !== 'running') return { text: t('CCR does not run'), severity: Information };
  const { stale, problems, providers } = status.state;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const enabled = providers.filter((provider) => provider.enabled).length;
  if (stale) return { text: t('CCR uses the last valid config'), severity: Error };
  if (errors > 0) return { text: t('CCR: {0} problems in the config', errors), severity: Error };
  const text = withoutIcons(t('CCR uses this config: {0} of {1} providers', enabled, providers.length));
  return { text, severity: problems.length > 0 ? Warning : Information };
}
