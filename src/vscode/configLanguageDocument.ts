import * as vscode from 'vscode';
import { readDocument, type ConfigDocument, type Span } from '../config/language/document.ts';
import type { LanguageFacts } from '../config/language/facts.ts';
import type { ModelView } from '../control/protocol.ts';
import { languageFacts } from './configLanguageFacts.ts';
import { currentConfigFile } from './currentConfigFile.ts';
import type { GatewayLink } from './gatewayLink.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';

export type ConfigLanguageParts = { window: WindowEnvironment; link: GatewayLink; secrets: ProviderSecrets };

/** The config file in an editor; undefined for any other document. */
export type ReadConfig = (
  editor: vscode.TextDocument,
) => { document: ConfigDocument; facts(): Promise<LanguageFacts> } | undefined;

/** Reads each version of the document once. */
export function createConfigReader({ window, link, secrets }: ConfigLanguageParts): ReadConfig {
  let last: { uri: string; version: number; document: ConfigDocument } | undefined;
  const facts = async (): Promise<LanguageFacts> =>
    languageFacts(window.loadOptions(), await secrets.names(), await modelsOf(link));
  return (editor) => {
    if (editor.uri.fsPath !== currentConfigFile(window, link)) return undefined;
    const uri = editor.uri.toString();
    const isNew = last?.uri !== uri;
    if (isNew || last?.version !== editor.version)
      last = { uri, version: editor.version, document: readDocument(editor.getText()) };
    const { document } = last;
    // Facts are remembered: so the first completion finds them, and does not have to look up hundreds of models.
    if (isNew) void facts().then((known) => lookUpModels(document, known));
    return { document, facts };
  };
}

function lookUpModels({ providers }: ConfigDocument, { modelFacts }: LanguageFacts): void {
  for (const provider of providers) for (const model of provider.models) modelFacts(provider, model);
}

/** Without a running gateway, CCR's own table answers. */
async function modelsOf(link: GatewayLink): Promise<readonly ModelView[]> {
  try {
    return (await link.client()?.listModels()) ?? [];
  } catch {
    return [];
  }
}

export function rangeOf({ start, end }: Span, editor: vscode.TextDocument): vscode.Range {
  return new vscode.Range(editor.positionAt(start), editor.positionAt(end));
}
