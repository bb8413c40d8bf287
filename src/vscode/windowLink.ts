import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { attach, type ControlClient } from '../control/client.ts';
import type { GatewayState } from '../control/protocol.ts';
import { systemClock } from '../gateway/clock.ts';
import { createGatewayLink, type GatewayLink } from './gatewayLink.ts';
import { heapLimitMb, watchThread, youngLimitMb, type GatewayThread } from './gatewayWorker.ts';
import type { PortHolder } from './linkStatus.ts';
import { createRestartPolicy } from './restartPolicy.ts';
import type { ScopeKeeper } from './scope.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import type { ThreadOptions } from './threadMessages.ts';
import type { WindowLog } from './windowLog.ts';

export type WindowLinkParts = {
  context: vscode.ExtensionContext;
  window: WindowEnvironment;
  secrets: ProviderSecrets;
  scopes: ScopeKeeper;
  log: WindowLog;
  portHolder(port: number): PortHolder | undefined;
};

/** Creates the gateway link of a real window, with real threads and the system clock. */
export function createWindowLink({ context, window, secrets, scopes, log, portHolder }: WindowLinkParts): GatewayLink {
  const { homeDirectory } = window;

  async function startThread(port: number): Promise<GatewayThread> {
    const { overrides, ...loadOptions } = window.loadOptions();
    const { logLevel, requireToken } = window.settings();
    const workerData: ThreadOptions = {
      ...loadOptions,
      overrides: { ...overrides, port },
      // From the start, so that no stored secret is reported missing.
      secrets: await secrets.all(),
      version: extensionVersion(context),
      logLevel,
      clientToken: requireToken ? await secrets.clientToken(() => randomBytes(32).toString('base64url')) : undefined,
    };
    const worker = new Worker(context.asAbsolutePath('dist/gatewayThread.js'), {
      workerData,
      name: 'ccr gateway',
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMb, maxYoungGenerationSizeMb: youngLimitMb },
    });
    return watchThread(worker, { log, clock: systemClock });
  }

  async function introduce(client: ControlClient, state: GatewayState): Promise<GatewayState> {
    const keys = await secrets.all();
    return scopes.introduce(client, Object.keys(keys).length > 0 ? await client.putSecrets(keys) : state);
  }

  return createGatewayLink({
    place: window.place,
    attach: (place) => attach({ homeDirectory, ...place }),
    startThread,
    portHolder,
    introduce,
    restarts: createRestartPolicy(systemClock.now),
    clock: systemClock,
    random: Math.random,
    log,
  });
}

function extensionVersion({ extension }: vscode.ExtensionContext): string {
  const { version } = extension.packageJSON as { version: string };
  return version;
}
