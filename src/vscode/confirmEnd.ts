import * as vscode from 'vscode';
import type { GatewayLink } from './gatewayLink.ts';

const t = vscode.l10n.t;

const stop = t('Stop');
const restart = t('Restart');

/** Asks before a stop, which ends the gateway of every window. A gateway that does not run yet is stopped without a question. */
export async function confirmStop(link: GatewayLink): Promise<boolean> {
  if (link.status().kind !== 'running') return true;
  const effect = t('Codex and other clients in their terminals get no answers until it is started again.');
  return confirm(t('Stop CCR for all windows?'), sentences(effect, await openRequests(link)), stop);
}

/** Asks before a restart only if it breaks off what is being answered: otherwise clients wait a moment. */
export async function confirmRestart(link: GatewayLink): Promise<boolean> {
  const open = await openRequests(link);
  return open === undefined || confirm(t('Restart CCR for all windows?'), open, restart);
}

/** Asks before a restart whatever is being answered. */
export async function confirmRestartEverywhere(link: GatewayLink): Promise<boolean> {
  const effect = t(
    'This window starts a new gateway, and the other windows attach to it. Their terminals keep working.',
  );
  return confirm(t('Restart CCR for all windows?'), sentences(effect, await openRequests(link)), restart);
}

async function confirm(question: string, detail: string, action: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, action)) === action;
}

/** Asks the gateway: the state that the window has may be as old as the last change of a target. */
async function openRequests(link: GatewayLink): Promise<string | undefined> {
  const state = await link
    .client()
    ?.state()
    .catch(() => undefined);
  const requests = state?.active.requests ?? 0;
  if (requests === 0) return undefined;
  return requests === 1 ? t('One request is being answered.') : t('{0} requests are being answered.', requests);
}

function sentences(...given: readonly (string | undefined)[]): string {
  return given.filter((sentence) => sentence !== undefined).join(' ');
}
