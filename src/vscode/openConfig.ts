import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { codeOf } from '../config/files.ts';
import { configTemplate } from './configTemplate.ts';
import { commandAction, showInformation } from './messages.ts';

const t = vscode.l10n.t;

/** Opens the config file. Creates it from the template if it is missing; never overwrites it. */
export async function openConfig(file: string): Promise<void> {
  const isNew = await createMissing(file);
  await vscode.window.showTextDocument(vscode.Uri.file(file));
  if (!isNew) return;
  showInformation(
    t('Created {0}. CCR uses it now. Set the API key of its provider.', file),
    commandAction(t('Set Provider API Key'), 'ccr.setProviderApiKey'),
  );
}

/** Only the owner may read the file: users write keys into it. Resolves with whether it was missing. */
async function createMissing(file: string): Promise<boolean> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, configTemplate, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
