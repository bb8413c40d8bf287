import * as vscode from 'vscode';
import type { LinkProblem } from './linkStatus.ts';
import { commandAction, openConfigAction, showError, showLogAction, type Action } from './messages.ts';
import { problemMessage } from './statusView.ts';

const t = vscode.l10n.t;

const retry = commandAction(t('Try Again'), 'ccr.startProxy');

/** Shows why the gateway does not run, with actions that may help. */
export function showFailure(problem: LinkProblem): void {
  showError(problemMessage(problem), ...actionsFor(problem));
}

function actionsFor(problem: LinkProblem): Action[] {
  switch (problem.kind) {
    case 'port-in-use':
      return [...(problem.suggestedPort === undefined ? [] : [usePort(problem.suggestedPort)]), retry, showLogAction];
    case 'config':
      return [openConfigAction, retry];
    case 'crashed':
    case 'other':
      return [retry, showLogAction];
    default:
      return problem satisfies never;
  }
}

/** Changes the setting; the window's settings listener then starts the gateway on that port. */
function usePort(port: number): Action {
  return {
    title: t('Use Port {0}', String(port)),
    run: () => vscode.workspace.getConfiguration('ccr').update('port', port, vscode.ConfigurationTarget.Global),
  };
}
