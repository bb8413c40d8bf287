import * as vscode from 'vscode';
import type { LinkStatus } from './linkStatus.ts';

const stop = 'Stop';

/** Asks before a stop, which ends the gateway of every window. A gateway that does not run yet is stopped without a question. */
export async function confirmStop(status: LinkStatus): Promise<boolean> {
  if (status.kind !== 'running') return true;
  const { requests } = status.state.active;
  const open =
    requests === 0 ? '' : ` ${requests === 1 ? 'One request is' : `${requests} requests are`} being answered.`;
  const detail = `Codex and other clients in their terminals get no answers until it is started again.${open}`;
  const answer = await vscode.window.showWarningMessage('Stop CCR for all windows?', { modal: true, detail }, stop);
  return answer === stop;
}
