import * as vscode from 'vscode';
import { spoken } from '../canonical/wording.ts';
import { complete } from '../config/language/completion.ts';
import type { Completion, CompletionKind } from '../config/language/completionItem.ts';
import { hoverAt } from '../config/language/hover.ts';
import { lensesOf, linksOf, type Lens } from '../config/language/lenses.ts';
import { definitionAt } from '../config/language/symbols.ts';
import type { CommandId } from '../manifest/commands.ts';
import { createConfigReader, rangeOf, type ConfigLanguageParts, type ReadConfig } from './configLanguageDocument.ts';
import { problemsOf, registerConfigFixes } from './configLanguageFixes.ts';
import { watchConfigTyping, type ConfigTypingParts } from './configTyping.ts';
import { createRenameProvider } from './configLanguageRename.ts';

const t = vscode.l10n.t;

/** The config file may have any name, so the providers check whether a document is it. */
const selector: vscode.DocumentSelector = [
  { scheme: 'file', language: 'json' },
  { scheme: 'file', language: 'jsonc' },
];

const triggers = ['"', ',', '$', '{', ':'];

/** Registers what editors offer in the config file, and in no other. */
export function registerConfigLanguage(
  context: vscode.ExtensionContext,
  parts: ConfigLanguageParts & Pick<ConfigTypingParts, 'showEdited' | 'log'>,
): void {
  const read = createConfigReader(parts);
  registerConfigFixes(context, selector, { ...parts, read });
  watchConfigTyping(context, {
    ...parts,
    isConfig: (editor) => read(editor) !== undefined,
    problemsOf: (editor) => problemsOf(parts, editor),
  });
  const { languages } = vscode;
  context.subscriptions.push(
    languages.registerCompletionItemProvider(selector, completionProvider(read), ...triggers),
    languages.registerHoverProvider(selector, hoverProvider(read)),
    languages.registerDefinitionProvider(selector, definitionProvider(read)),
    languages.registerRenameProvider(selector, createRenameProvider(read, parts.secrets)),
    languages.registerCodeLensProvider(selector, lensProvider(read)),
    languages.registerDocumentLinkProvider(selector, linkProvider(read)),
  );
}

function completionProvider(read: ReadConfig): vscode.CompletionItemProvider {
  return {
    async provideCompletionItems(editor, position) {
      const config = read(editor);
      if (!config) return [];
      const offers = complete(config.document, editor.offsetAt(position), await config.facts());
      return offers.map((each, index) => toItem(each, index, editor));
    },
  };
}

const kinds: Record<CompletionKind, vscode.CompletionItemKind> = {
  model: vscode.CompletionItemKind.Value,
  preset: vscode.CompletionItemKind.EnumMember,
  route: vscode.CompletionItemKind.Reference,
  provider: vscode.CompletionItemKind.Module,
  transformer: vscode.CompletionItemKind.Function,
  variable: vscode.CompletionItemKind.Variable,
  snippet: vscode.CompletionItemKind.Snippet,
};

function toItem(completion: Completion, index: number, editor: vscode.TextDocument): vscode.CompletionItem {
  const { label, kind, insert, span, isSnippet } = completion;
  const { detail: said = '' } = completion;
  const detail = typeof said === 'string' ? said : spoken(said, t);
  const item = new vscode.CompletionItem({ label, ...(detail !== '' && { description: detail }) }, kinds[kind]);
  item.insertText = isSnippet === true ? new vscode.SnippetString(insert) : insert;
  item.range = rangeOf(span, editor);
  // What is typed includes the quote.
  item.filterText = isSnippet === true ? `"${label}"` : insert;
  item.sortText = String(index).padStart(5, '0');
  return item;
}

function hoverProvider(read: ReadConfig): vscode.HoverProvider {
  return {
    async provideHover(editor, position) {
      const config = read(editor);
      const found = config && hoverAt(config.document, editor.offsetAt(position), await config.facts());
      return (
        found &&
        new vscode.Hover(
          new vscode.MarkdownString(found.lines.map((line) => spoken(line, t)).join('\n\n')),
          rangeOf(found.span, editor),
        )
      );
    },
  };
}

function definitionProvider(read: ReadConfig): vscode.DefinitionProvider {
  return {
    provideDefinition(editor, position) {
      const config = read(editor);
      const span = config && definitionAt(config.document, editor.offsetAt(position));
      return span && new vscode.Location(editor.uri, rangeOf(span, editor));
    },
  };
}

const lensCommands: Record<Lens['action'], CommandId> = {
  'set-key': 'ccr.setProviderApiKey',
  test: 'ccr.testProvider',
  use: 'ccr.switchPreset',
};

function lensProvider(read: ReadConfig): vscode.CodeLensProvider {
  return {
    provideCodeLenses(editor) {
      const config = read(editor);
      return (config ? lensesOf(config.document) : []).map(
        ({ span, title, action, argument }) =>
          new vscode.CodeLens(rangeOf(span, editor), {
            title: spoken(title, t),
            command: lensCommands[action],
            arguments: [argument],
          }),
      );
    },
  };
}

function linkProvider(read: ReadConfig): vscode.DocumentLinkProvider {
  return {
    async provideDocumentLinks(editor) {
      const config = read(editor);
      if (!config) return [];
      return linksOf(config.document, await config.facts()).map(({ span, url, tooltip }) => {
        const link = new vscode.DocumentLink(rangeOf(span, editor), vscode.Uri.parse(url, true));
        link.tooltip = spoken(tooltip, t);
        return link;
      });
    },
  };
}
