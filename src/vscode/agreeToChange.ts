import path from 'node:path';
import * as vscode from 'vscode';
import type { FileChange } from '../clients/clientFile.ts';

const t = vscode.l10n.t;

const scheme = 'ccr-change';

/** Shows how a client's file would change, as a diff, and asks; then the diff is closed. `action`: what the button says. */
export async function agreeToChange(
  { file, before, after }: FileChange,
  action: string,
  title: string,
): Promise<boolean> {
  const texts: Record<string, string> = { before: before ?? '', after: after ?? '' };
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: ({ query }) => (Object.hasOwn(texts, query) ? texts[query] : undefined),
  });
  const uriOf = (query: string): vscode.Uri => vscode.Uri.from({ scheme, path: `/${path.basename(file)}`, query });
  try {
    await vscode.commands.executeCommand('vscode.diff', uriOf('before'), uriOf('after'), title, { preview: true });
    const detail = t('The diff shows what changes in {0}. Other parts of the file stay as they are.', file);
    const options = { modal: true, detail };
    return (await vscode.window.showInformationMessage(`${action}?`, options, action)) === action;
  } finally {
    await closeDiff();
    provider.dispose();
  }
}

async function closeDiff(): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const isDiff = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputTextDiff && input.modified.scheme === scheme;
  await vscode.window.tabGroups.close(tabs.filter(isDiff));
}
