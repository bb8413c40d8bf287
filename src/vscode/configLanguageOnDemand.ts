import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import type { registerConfigLanguage } from './configLanguage.ts';
import { currentConfigFile } from './currentConfigFile.ts';

type Parts = Parameters<typeof registerConfigLanguage>[1];

/** Loads what editors offer in the config file when one first has it open. */
export function offerConfigLanguage(context: vscode.ExtensionContext, parts: Parts): void {
  const { window, link, log } = parts;
  let isLoaded = false;

  async function load(): Promise<void> {
    const { registerConfigLanguage } = await import('./configLanguage.ts');
    registerConfigLanguage(context, parts);
  }

  function lookAt(editors: readonly vscode.TextDocument[]): void {
    if (isLoaded || editors.length === 0) return;
    const file = currentConfigFile(window, link);
    if (!editors.some(({ uri }) => uri.scheme === 'file' && uri.fsPath === file)) return;
    isLoaded = true;
    load().catch((error: unknown) =>
      log.error(`What editors offer in the config could not be loaded: ${messageOf(error)}`),
    );
  }

  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument((editor) => lookAt([editor])),
    // A gateway that another window started may have another config file.
    { dispose: link.onStatus(() => lookAt(vscode.workspace.textDocuments)) },
  );
  lookAt(vscode.workspace.textDocuments);
}
