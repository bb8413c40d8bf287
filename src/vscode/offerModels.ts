import type * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import type { ControlClient } from '../control/client.ts';
import type { ModelServer } from '../server/windowModels/modelServer.ts';
import type { GatewayLink } from './gatewayLink.ts';
import type { WindowLog } from './windowLog.ts';

export type OfferParts = { link: GatewayLink; scope: string; log: WindowLog };

/**
 * Lets a gateway use VS Code's own models through this window. The config decides whether it does: a window offers them to
 * a gateway with such a provider, and when the function that is returned asks for it, before one is added.
 */
export function createModelOffer(
  context: vscode.ExtensionContext,
  { link, scope, log }: OfferParts,
): () => Promise<void> {
  let server: Promise<ModelServer> | undefined;
  let toldTo: ControlClient | undefined;

  async function serve(): Promise<ModelServer> {
    const { serveModels } = await import('./modelSource.ts');
    return serveModels(context.languageModelAccessInformation);
  }

  async function offer(): Promise<void> {
    const client = link.client();
    if (!client || client === toldTo) return;
    toldTo = client;
    try {
      const { url, key } = await (server ??= serve());
      await client.offerModels(scope, { url, key });
    } catch (error) {
      toldTo = undefined;
      log.warn(`The gateway could not be told of VS Code's own models: ${messageOf(error)}`);
    }
  }

  const dispose = link.onStatus((status) => {
    if (status.kind === 'running' && status.state.providers.some(({ asksWindows }) => asksWindows)) void offer();
  });
  context.subscriptions.push({ dispose }, { dispose: () => void server?.then(({ close }) => close()) });
  return offer;
}
