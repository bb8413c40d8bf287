import * as vscode from 'vscode';
import { renamableAt, renameChanges, type Renamable } from '../config/language/rename.ts';
import { rangeOf, type ReadConfig } from './configLanguageDocument.ts';
import { showInformation } from './messages.ts';
import type { ProviderSecrets } from './secrets.ts';

const t = vscode.l10n.t;

/** Renames providers and presets. A provider's stored API key has its name, so copying it is offered. */
export function createRenameProvider(read: ReadConfig, secrets: ProviderSecrets): vscode.RenameProvider {
  return {
    prepareRename(editor, position) {
      const config = read(editor);
      const found = config && renamableAt(config.document, editor.offsetAt(position));
      if (!found) throw new Error(t('Only the names of providers and presets can be renamed here.'));
      return { range: rangeOf(found.span, editor), placeholder: found.name };
    },
    async provideRenameEdits(editor, position, newName) {
      const config = read(editor);
      const found = config && renamableAt(config.document, editor.offsetAt(position));
      if (!config || !found) return undefined;
      const edit = new vscode.WorkspaceEdit();
      for (const { span, text } of renameChanges(config.document, found, newName))
        edit.replace(editor.uri, rangeOf(span, editor), text);
      await offerKey(found, newName.trim(), secrets);
      return edit;
    },
  };
}

async function offerKey({ kind, name }: Renamable, newName: string, secrets: ProviderSecrets): Promise<void> {
  const key = kind === 'provider' && newName !== name ? (await secrets.all())[name] : undefined;
  if (key === undefined) return;
  showInformation(t('The API key of {0} is stored under its old name.', name), {
    title: t('Copy It to {0}', newName),
    run: () => secrets.store(newName, key),
  });
}
