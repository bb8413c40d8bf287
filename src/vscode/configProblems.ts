import * as vscode from 'vscode';
import type { ProblemView } from '../control/protocol.ts';
import type { LinkStatus } from './linkStatus.ts';
import { openConfigAction, showWarning } from './messages.ts';

/** Shows what is wrong with the config where it is written, and says so once. */
export type ConfigProblems = { show(status: LinkStatus): void };

/** @param readProblems without a gateway that would know */
export function createConfigProblems(
  context: vscode.ExtensionContext,
  readProblems: () => readonly ProblemView[],
): ConfigProblems {
  const diagnostics = vscode.languages.createDiagnosticCollection('ccr');
  context.subscriptions.push(diagnostics);
  let told = '';

  function showProblems(problems: readonly ProblemView[]): void {
    diagnostics.clear();
    const byFile = Map.groupBy(problems, ({ file }) => file);
    for (const [file, found] of byFile) {
      if (file !== undefined) diagnostics.set(vscode.Uri.file(file), found.map(toDiagnostic));
    }
  }

  /** A failed start has a message of its own. */
  function warn(problems: readonly ProblemView[], isStale: boolean): void {
    const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    const summary = errors.join('\n');
    if (summary !== '' && summary !== told) showWarning(warningText(errors, isStale), openConfigAction);
    told = summary;
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
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  const stale = isStale ? '; the last good one stays in force' : '';
  return `The CCR config has a problem${stale}. ${errors[0] ?? ''}${more}`;
}

/** From the problem's column to the line's end: VS Code counts from 0 and trims what is beyond the line. */
function toDiagnostic({ severity, message, line = 1, column = 1 }: ProblemView): vscode.Diagnostic {
  const range = new vscode.Range(line - 1, column - 1, line - 1, Number.MAX_SAFE_INTEGER);
  const level = severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, message, level);
  diagnostic.source = 'CCR';
  return diagnostic;
}
