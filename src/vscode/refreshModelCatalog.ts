import * as vscode from 'vscode';
import type { GatewayLink } from './gatewayLink.ts';
import { showInformation, showLogAction, showWarning, startAction } from './messages.ts';

/** Has the gateway ask models.dev what it knows of models, and says what was learnt. */
export async function refreshModelCatalog(link: GatewayLink): Promise<void> {
  const client = link.client();
  if (!client) return showInformation('CCR is not running: the gateway is what asks models.dev.', startAction);
  const location = vscode.ProgressLocation.Notification;
  const title = 'CCR: asking models.dev about models';
  const refreshed = await vscode.window.withProgress({ location, title }, () => client.refreshCatalog());
  if (refreshed.outcome === 'failed') showWarning(`CCR: ${refreshed.message}`, showLogAction);
  else showInformation(`CCR: ${refreshed.message}`);
}
