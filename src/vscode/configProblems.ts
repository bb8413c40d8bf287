import * as vscode from 'vscode';
import type { ProblemView } from '../control/protocol.ts';
import type { LinkStatus } from './linkStatus.ts';
import { openConfigAction, showWarning } from './messages.ts';

/** Shows problems of the config as diagnostics in the file, and warns once about each set of errors. */
export type ConfigProblems = { show(status: LinkStatus): void };

/** @param readProblems reads the config's problems while no gateway runs to report them */
export function createConfigProblems(
  context: vscode.ExtensionContext,
  readProblems: () => readonly ProblemView[],
): ConfigProblems {
  const diagnostics = vscode.languages.createDiagnosticCollection('ccr');
  context.subscriptions.push(diagnostics);
  let shownSummary = '';

  function showProblems(problems: readonly ProblemView[]): void {
    diagnostics.clear();
    const byFile = Map.groupBy(problems, ({ file }) => file);
    for (const [file, found] of byFile) {
      if (file !== undefined) diagnostics.set(vscode.Uri.file(file), found.map(toDiagnostic));
    }
  }

  /** Only for a running gateway: a failed start has its own message. */
  function warn(problems: readonly ProblemView[], isStale: boolean): void {
    const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    const summary = errors.join('\n');
    if (summary !== '' && summary !== shownSummary) showWarning(warningText(errors, isStale), openConfigAction);
    shownSummary = summary;
  }

  return {
    show(status) {
      switch (status.kind) {
        case 'running':
          showProblems(status.state.problems);
          return warn(status.state.problems, status.state.stale);
        case 'failed':
          return showProblems(readProblems());
        case 'stopped':
          return diagnostics.clear();
        case 'starting':
        case 'newer':
          return undefined;
        default:
          return status satisfies never;
      }
    },
  };
}

function warningText(errors: readonly string[], isStale: boolean): string {
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const stale = isStale ? ' CCR keeps using the last valid config.' : '';
  return `The CCR config has a problem: ${errors[0] ?? ''}${more}${stale}`;
}

/** Marks the line from the problem's column on. VS Code counts from 0 and clips the range to the line. */
function toDiagnostic({ severity, message, line = 1, column = 1 }: ProblemView): vscode.Diagnostic {
  const range = new vscode.Range(line - 1, column - 1, line - 1, Number.MAX_SAFE_INTEGER);
  const level = severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, message, level);
  diagnostic.source = 'CCR';
  return diagnostic;
}
