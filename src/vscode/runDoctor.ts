import * as vscode from 'vscode';
import { spokenAll } from '../canonical/wording.ts';
import type { Finding } from '../doctor/facts.ts';
import { showInformation } from './messages.ts';
import { withoutIcons } from './plainText.ts';

const t = vscode.l10n.t;
/** Characters. */
const longestMessage = 500;

/** Looks for problems, shows them in the order in which to fix them, and runs the fix that the user picks. */
export async function runDoctor(examine: () => Promise<Finding[]>): Promise<void> {
  const location = vscode.ProgressLocation.Notification;
  const title = t('CCR looks for problems, and sends each provider one request');
  const findings = await vscode.window.withProgress({ location, title }, examine);
  if (findings.length === 0) {
    return showInformation(t('Everything works: the gateway, its providers and the clients.'));
  }
  const items = findings.map(translateFinding).map(({ severity, message, fix, command, argument }) => ({
    label: `$(${severity}) ${withoutIcons(message, longestMessage)}`,
    detail: withoutIcons(command === undefined ? fix : t('{0} Press Enter to do this.', fix), longestMessage),
    command,
    given: argument === undefined ? [] : [argument],
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: t('CCR: Run Doctor'),
    placeHolder: findings.length > 1 ? t('Start with the first: others may follow from it') : t('Found one problem'),
  });
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command, ...chosen.given);
}

/** In the display language. */
function translateFinding(finding: Finding): Finding {
  return { ...finding, message: spokenAll(finding.wording, t), fix: spokenAll(finding.fixWording, t) };
}
