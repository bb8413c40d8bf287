import * as vscode from 'vscode';
import { connectFile, disconnectFile } from '../clients/clientFile.ts';
import { codexFile } from '../clients/codexFile.ts';
import { agreeToChange } from './agreeToChange.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, showInformation } from './messages.ts';

const t = vscode.l10n.t;

export type ConnectCodexParts = {
  link: GatewayLink;
  homeDirectory: string;
  /** Writes the program that hands out the token and returns its path. */
  writeTokenHelper(): string;
};

/**
 * Makes Codex use CCR by its own config file, so that its IDE extension and a `codex` outside our terminals do, too. The
 * change is shown as a diff and written when the user agrees.
 */
export async function connectCodex(parts: ConnectCodexParts): Promise<void> {
  const status = await parts.link.start();
  if (status.kind !== 'running') return;
  const change = connectFile(file(parts, status.url, parts.writeTokenHelper()));
  if (change.before === change.after) return showInformation(t('Codex is already connected to CCR.'));
  if (!(await agreeToChange(change, t('Connect Codex'), t("CCR: Codex's config")))) return;
  change.apply();
  showInformation(
    t('Codex uses CCR now. Reload the window for its extension to read the config.'),
    commandAction(t('Reload Window'), 'workbench.action.reloadWindow'),
    commandAction(t('Restore'), 'ccr.restoreCodexConfig'),
  );
}

/** Takes CCR out of Codex's config file. Works without a gateway. */
export async function restoreCodexConfig(parts: ConnectCodexParts): Promise<void> {
  const change = disconnectFile(file(parts, '', ''));
  if (change.before === change.after) return showInformation(t("CCR is not in Codex's config."));
  if (!(await agreeToChange(change, t('Restore'), t("CCR: Codex's config, restored")))) return;
  change.apply();
  showInformation(t("CCR is no longer in Codex's config."));
}

function file({ homeDirectory }: ConnectCodexParts, url: string, command: string): ReturnType<typeof codexFile> {
  const port = url === '' ? '' : new URL(url).port || '80';
  const tokenCommand = { command, args: ['--port', port] };
  return codexFile({ url, tokenCommand, environment: process.env, homeDirectory });
}
