import { readFile, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { setDefaultRoute } from '../config/addProvider.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { showInformation } from './messages.ts';

const t = vscode.l10n.t;

/** Makes a target the config's default route, and offers to undo that. */
export async function makeDefault(link: GatewayLink, target: string): Promise<void> {
  const status = link.status();
  if (status.kind !== 'running') return;
  const { configFile } = status.state;
  requireSaved(configFile);
  const before = await readFile(configFile, 'utf8');
  const after = setDefaultRoute(before, target);
  await writeFile(configFile, after);
  await link.client()?.reload();
  const undo = async (): Promise<void> => {
    if ((await readFile(configFile, 'utf8')) !== after)
      throw new Error(t('{0} has changed since. Set Router.default there.', configFile));
    await writeFile(configFile, before);
    await link.client()?.reload();
  };
  showInformation(t('{0} is now the default of the config.', target), { title: t('Undo'), run: undo });
}

/** @throws Error if an editor has unsaved changes of the file, which a write would set aside. */
export function requireSaved(file: string): void {
  const isUnsaved = ({ uri, isDirty }: vscode.TextDocument): boolean => isDirty && uri.fsPath === file;
  if (vscode.workspace.textDocuments.some(isUnsaved))
    throw new Error(t('{0} has unsaved changes. Save or revert it, then try again.', file));
}
