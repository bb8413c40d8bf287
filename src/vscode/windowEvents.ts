import { unwatchFile, watchFile } from 'node:fs';
import * as vscode from 'vscode';
import { showFailure } from './failureMessage.ts';
import type { GatewayLink } from './gatewayLink.ts';
import type { LinkStatus } from './linkStatus.ts';
import { showWarning } from './messages.ts';
import type { ScopeKeeper } from './scope.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import type { Terminals } from './terminals.ts';
import type { WindowLog } from './windowLog.ts';

export type WindowEventsParts = {
  context: vscode.ExtensionContext;
  window: WindowEnvironment;
  link: GatewayLink;
  secrets: ProviderSecrets;
  scopes: ScopeKeeper;
  terminals: Terminals;
  log: WindowLog;
  /** Everything that shows what the gateway does. */
  displays: { show(status: LinkStatus): void }[];
};

/** What a running gateway was started with: a change of these takes a restart. */
const startSettings = [
  'ccr.port',
  'ccr.host',
  'ccr.requireToken',
  'ccr.configFile',
  'http.proxy',
  'http.noProxy',
  'http.proxySupport',
];
/** How often a config that can't be used is looked at again. Milliseconds. */
const configWatchMs = 1_000;

/** Passes on what happens in VS Code, and what the gateway tells. */
export function watchWindow({
  context,
  window,
  link,
  secrets,
  scopes,
  terminals,
  log,
  displays,
}: WindowEventsParts): void {
  const attempt = (what: string, promise: Promise<unknown>): void =>
    void promise.catch((error: unknown) =>
      log.error(`${what}: ${error instanceof Error ? error.message : String(error)}`),
    );
  const failures = createFailureWatch(window, link);

  function refreshScope(): void {
    const status = link.status();
    const client = link.client();
    if (status.kind === 'running' && client)
      attempt("The window's preset was not set", scopes.refresh(client, status.state));
  }

  link.onStatus((status) => {
    for (const display of displays) display.show(status);
    failures.show(status);
    refreshScope();
  });

  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration('ccr') && !change.affectsConfiguration('http')) return;
      for (const problem of window.settingProblems()) log.warn(problem);
      if (change.affectsConfiguration('ccr.logLevel')) link.setLogLevel(window.settings().logLevel);
      if (change.affectsConfiguration('ccr.activePreset')) refreshScope();
      if (change.affectsConfiguration('ccr.terminal')) terminals.refresh();
      if (startSettings.some((name) => change.affectsConfiguration(name)))
        attempt('The settings did not take effect', link.applySettings(true));
    }),
    // Its `.env` counts from now on.
    vscode.workspace.onDidGrantWorkspaceTrust(() =>
      attempt('The workspace did not take effect', link.applySettings(true)),
    ),
    // While this window had none, another may have started a gateway.
    vscode.window.onDidChangeWindowState(
      ({ focused }) => void (focused && attempt('No gateway was found', link.attachIfRunning())),
    ),
    secrets.onChange((provider, key) => {
      const client = link.client();
      if (client) attempt(`The gateway did not take the key of ${provider}`, client.putSecrets({ [provider]: key }));
    }),
    { dispose: failures.dispose },
  );
}

/** Tells of each failure once; a config that can't be used is tried again when it changes. */
function createFailureWatch(
  window: WindowEnvironment,
  link: GatewayLink,
): { show(status: LinkStatus): void; dispose(): void } {
  let watched: string | undefined;
  let before: LinkStatus['kind'] | undefined;

  function watch(file: string | undefined): void {
    if (watched !== undefined) unwatchFile(watched, retry);
    watched = file;
    if (file !== undefined) watchFile(file, { interval: configWatchMs, persistent: false }, retry);
  }
  function retry(): void {
    void link.start();
  }

  return {
    show(status) {
      const isNews = status.kind !== before;
      before = status.kind;
      if (!isNews) return;
      watch(status.kind === 'failed' && status.problem.kind === 'config' ? window.configFile() : undefined);
      if (status.kind === 'failed') showFailure(status.problem);
      if (status.kind === 'newer') {
        showWarning(
          `CCR ${status.version} runs on port ${status.port}; it is newer than this window's. Terminals use it. Update the extension and reload the window to steer it.`,
        );
      }
    },
    dispose: () => watch(undefined),
  };
}
