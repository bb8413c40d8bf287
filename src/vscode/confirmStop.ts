import * as vscode from 'vscode';
import type { LinkStatus } from './linkStatus.ts';

const t = vscode.l10n.t;

const stop = t('Stop');

/** Asks before a stop, which ends the gateway of every window. A gateway that does not run yet is stopped without a question. */
export async function confirmStop(status: LinkStatus): Promise<boolean> {
  if (status.kind !== 'running') return true;
  const { requests } = status.state.active;
  const open =
    requests === 0
      ? ''
      : ` ${requests === 1 ? t('One request is being answered.') : t('{0} requests are being answered.', requests)}`;
  const detail = `${t('Codex and other clients in their terminals get no answers until it is started again.')}${open}`;
  const answer = await vscode.window.showWarningMessage(t('Stop CCR for all windows?'), { modal: true, detail }, stop);
  return answer === stop;
}
