import * as vscode from 'vscode';
import {
  claudeGatewayVariables,
  withClaudeVariables,
  withoutClaudeVariables,
  type ClaudeEdit,
} from '../clients/claudeVariables.ts';
import { placeholderKey } from '../config/placeholder.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, showInformation, showWarning } from './messages.ts';

const t = vscode.l10n.t;

export type ConnectClaudeParts = { link: GatewayLink; memory: vscode.Memento };

const settingName = 'environmentVariables';
const editKey = 'claudeCodeEdit';

/** Makes Claude Code's VS Code extension use CCR, by the setting that it documents for gateways. */
export async function connectClaudeCode({ link, memory }: ConnectClaudeParts): Promise<void> {
  if (!isInstalled())
    return showWarning(t("Claude Code's extension for VS Code is not installed, so it can't be connected."));
  const status = await link.start();
  if (status.kind !== 'running') return;
  const known = memory.get<ClaudeEdit>(editKey);
  // Connected once more, our own earlier entries are not what to go back to.
  const before = known ? withoutClaudeVariables(readVariables(), known) : readVariables();
  const edit = withClaudeVariables(before, claudeGatewayVariables(status.url, status.token ?? placeholderKey));
  await memory.update(editKey, edit);
  await writeVariables(edit.after);
  showInformation(
    t('Claude Code uses CCR now. Reload the window for its extension to read the setting.'),
    commandAction(t('Reload Window'), 'workbench.action.reloadWindow'),
    commandAction(t('Disconnect'), 'ccr.disconnectClaudeCode'),
  );
}

/** Restores the setting. Works without a gateway. */
export async function disconnectClaudeCode({ memory }: ConnectClaudeParts): Promise<void> {
  const edit = memory.get<ClaudeEdit>(editKey);
  if (!edit) return showInformation(t("Claude Code's extension is not connected to CCR."));
  await writeVariables(withoutClaudeVariables(readVariables(), edit));
  await memory.update(editKey, undefined);
  showInformation(t("Claude Code's extension no longer uses CCR."));
}

/** Only an extension that is there registers the setting, and VS Code writes no other. */
function isInstalled(): boolean {
  return vscode.workspace.getConfiguration('claudeCode').inspect(settingName)?.defaultValue !== undefined;
}

/** Of the user's settings: a workspace must not decide where prompts go. */
function readVariables(): unknown {
  return vscode.workspace.getConfiguration('claudeCode').inspect(settingName)?.globalValue;
}

async function writeVariables(variables: unknown): Promise<void> {
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration('claudeCode').update(settingName, variables, target);
}
