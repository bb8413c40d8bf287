import * as vscode from 'vscode';
import type { GatewayState, ProblemView } from '../control/protocol.ts';
import type { LinkStatus } from './linkStatus.ts';
import { openConfigAction, showWarning } from './messages.ts';
import type { valueRangesIn } from './valueRanges.ts';

const t = vscode.l10n.t;

/** Marks CCR's diagnostics among those of VS Code's JSON support. */
export const diagnosticSource = 'CCR';

/** Shows problems of the config as diagnostics in the file, and warns once when it gets errors. */
export type ConfigProblems = {
  show(status: LinkStatus): void;
  /** Shows the problems of an edited file instead of the saved one's. Undefined: it was saved or closed. */
  showEdited(file: string, problems: readonly ProblemView[] | undefined): void;
};

/** @param readProblems reads the config's problems while no gateway runs to report them */
export function createConfigProblems(
  context: vscode.ExtensionContext,
  readProblems: () => Promise<readonly ProblemView[]>,
): ConfigProblems {
  const diagnostics = vscode.languages.createDiagnosticCollection('ccr');
  context.subscriptions.push(diagnostics);
  const warn = createWarning();
  const rangesIn = createRangeReader(() => showProblems(saved));
  let reading = 0;
  let saved: readonly ProblemView[] = [];
  const edited = new Map<string, readonly ProblemView[]>();
  let shown: readonly ProblemView[] = [];

  /** Those of an edited file instead of the saved one's. */
  function current(): ProblemView[] {
    const isOfDisk = ({ file }: ProblemView): boolean => file === undefined || !edited.has(file);
    return [...saved.filter(isOfDisk), ...[...edited.values()].flat()];
  }

  function showProblems(problems: readonly ProblemView[]): void {
    saved = problems;
    shown = current().filter((each) => !isSaidByJson(each));
    diagnostics.clear();
    const byFile = Map.groupBy(shown, ({ file }) => file);
    for (const [file, found] of byFile) {
      if (file !== undefined) diagnostics.set(vscode.Uri.file(file), toDiagnostics(file, found, rangesIn));
    }
  }

  // In an open file the value is underlined, and not the rest of its line. VS Code's JSON support looks at a file after it was
  // opened or changed, before CCR or after it.
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(({ uri }) => {
      if (shown.some(({ file }) => file === uri.fsPath)) showProblems(saved);
    }),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      const all = current();
      const isOurs = ({ fsPath }: vscode.Uri): boolean => all.some(({ file }) => file === fsPath);
      const isDue = all.some((each) => isJsonFault(each) && isSaidByJson(each) === shown.includes(each));
      if (isDue && uris.some(isOurs)) showProblems(saved);
    }),
  );

  async function showOwnProblems(): Promise<void> {
    const latest = ++reading;
    const problems = await readProblems();
    if (latest === reading) showProblems(problems);
  }

  return {
    showEdited(file, problems) {
      if (problems === undefined && !edited.has(file)) return;
      if (problems === undefined) edited.delete(file);
      else edited.set(file, problems);
      showProblems(saved);
    },
    show(status) {
      switch (status.kind) {
        case 'running':
          reading++;
          showProblems(status.state.problems);
          return warn(status.state);
        case 'failed':
          return void showOwnProblems();
        case 'stopped':
          reading++;
          return showProblems([]);
        case 'starting':
        case 'newer':
          return undefined;
        default:
          return status satisfies never;
      }
    },
  };
}

/**
 * Warns once from the first error until there is none. Only for a running gateway: a failed start has its own message. Not
 * while an editor shows the file, where the errors are underlined.
 */
function createWarning(): (state: GatewayState) => void {
  let isWarned = false;
  return ({ problems, stale, configFile }) => {
    const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    if (errors.length === 0) isWarned = false;
    if (errors.length === 0 || isWarned || isInEditor(configFile)) return;
    isWarned = true;
    showWarning(warningText(errors, stale), openConfigAction);
  };
}

type RangesIn = typeof valueRangesIn;

/** What reads the file is loaded with the first one that is open, and `onLoaded` called: activation does not wait for it. */
function createRangeReader(onLoaded: () => void): (document: vscode.TextDocument) => ReturnType<RangesIn> | undefined {
  let read: RangesIn | undefined;
  let loading: Promise<void> | undefined;
  const load = async (): Promise<void> => {
    read = (await import('./valueRanges.ts')).valueRangesIn;
    onLoaded();
  };
  return (document) => {
    if (!read) loading ??= load();
    return read?.(document);
  };
}

/** What VS Code's JSON support finds as well, in a file that is open. */
function isJsonFault({ code }: ProblemView): boolean {
  return code === 'not-json' || code === 'duplicate-key';
}

/** Whether VS Code's JSON support underlines the same. Where it ends to read a broken file differs, so any error counts. */
function isSaidByJson(problem: ProblemView): boolean {
  if (problem.file === undefined || !isJsonFault(problem)) return false;
  const others = vscode.languages
    .getDiagnostics(vscode.Uri.file(problem.file))
    .filter(({ source }) => /^jsonc?$/.test(source ?? ''));
  if (problem.code === 'not-json') return others.some(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
  return others.some(({ range }) => range.start.line === (problem.line ?? 1) - 1);
}

/** Whether the file is visible in an editor, where the problems are underlined. */
function isInEditor(file: string): boolean {
  return vscode.window.visibleTextEditors.some(({ document }) => document.uri.fsPath === file);
}

function warningText(errors: readonly string[], isStale: boolean): string {
  const more = errors.length > 1 ? ` ${t('(and {0} more)', errors.length - 1)}` : '';
  const stale = isStale ? ` ${t('CCR keeps using the last valid config.')}` : '';
  return `${t('The CCR config has a problem: {0}', errors[0] ?? '')}${more}${stale}`;
}

function toDiagnostics(
  file: string,
  problems: readonly ProblemView[],
  rangesIn: ReturnType<typeof createRangeReader>,
): vscode.Diagnostic[] {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
  const rangeAt = document && rangesIn(document);
  return problems.map(({ severity, code, message, line = 1, column = 1 }) => {
    const start = new vscode.Position(line - 1, column - 1);
    const level = severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
    const restOfLine = new vscode.Range(start, start.with(undefined, Number.MAX_SAFE_INTEGER));
    const diagnostic = new vscode.Diagnostic(rangeAt?.(start) ?? restOfLine, message, level);
    diagnostic.source = diagnosticSource;
    if (code !== undefined) diagnostic.code = code;
    return diagnostic;
  });
}
