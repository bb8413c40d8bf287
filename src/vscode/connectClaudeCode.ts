import * as vscode from 'vscode';
import * as z from 'zod';
import {
  claudeGatewayVariables,
  withClaudeVariables,
  withoutClaudeVariables,
  type ClaudeEdit,
  type ClaudeVariable,
} from '../clients/claudeVariables.ts';
import { placeholderKey } from '../config/placeholder.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, showInformation, showWarning } from './messages.ts';

const t = vscode.l10n.t;

export type ConnectClaudeParts = { link: GatewayLink; memory: vscode.Memento };

const settingName = 'environmentVariables';
const editKey = 'claudeCodeEdit';

const variablesSchema = z.array(z.object({ name: z.string(), value: z.string() }));

/** Makes Claude Code's VS Code extension use CCR, by the setting that it documents for gateways. */
export async function connectClaudeCode({ link, memory }: ConnectClaudeParts): Promise<void> {
  if (!isInstalled())
    return showWarning(t("Claude Code's extension for VS Code is not installed, so it can't be connected."));
  const status = await link.start();
  if (status.kind !== 'running') return;
  const before = readVariables();
  const known = memory.get<ClaudeEdit>(editKey);
  const ours = claudeGatewayVariables(status.url, status.token ?? placeholderKey);
  const { after, edit } = withClaudeVariables(before, ours);
  // Connected once more, our own earlier entries are not what to go back to.
  await memory.update(editKey, known ?? edit);
  await writeVariables(after);
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
  await writeVariables(withoutClaudeVariables(readVariables(), claudeGatewayVariables('', ''), edit));
  await memory.update(editKey, undefined);
  showInformation(t("Claude Code's extension no longer uses CCR."));
}

/** Only an extension that is there registers the setting, and VS Code writes no other. */
function isInstalled(): boolean {
  return vscode.workspace.getConfiguration('claudeCode').inspect(settingName)?.defaultValue !== undefined;
}

/** Of the user's settings: a workspace must not decide where prompts go. */
function readVariables(): ClaudeVariable[] | undefined {
  const value = vscode.workspace.getConfiguration('claudeCode').inspect(settingName)?.globalValue;
  return value === undefined ? undefined : variablesSchema.parse(value);
}

async function writeVariables(variables: ClaudeVariable[] | undefined): Promise<void> {
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration('claudeCode').update(settingName, variables, target);
}
