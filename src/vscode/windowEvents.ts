import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import { fileVersions, watchFiles, type FileVersions, type FileWatcher } from '../config/fileWatcher.ts';
import { showFailure } from './failureMessage.ts';
import type { ChoiceStore } from './choiceStore.ts';
import type { GatewayLink } from './gatewayLink.ts';
import type { LinkStatus } from './linkStatus.ts';
import { showWarning } from './messages.ts';
import type { ScopeKeeper } from './scope.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';
import type { Terminals } from './terminals.ts';
import type { WindowLog } from './windowLog.ts';

const t = vscode.l10n.t;

export type WindowEventsParts = {
  context: vscode.ExtensionContext;
  window: WindowEnvironment;
  link: GatewayLink;
  secrets: ProviderSecrets;
  scopes: ScopeKeeper;
  choices: ChoiceStore;
  terminals: Terminals;
  log: WindowLog;
  /** Everything that shows the gateway's status. */
  displays: { show(status: LinkStatus): void }[];
};

/** Settings that a gateway reads when it starts: changing one requires a restart. */
const startSettings = [
  'ccr.port',
  'ccr.host',
  'ccr.requireToken',
  'ccr.configFile',
  'http.proxy',
  'http.noProxy',
  'http.proxySupport',
];
/** Connects VS Code's events and the gateway's status changes to their handlers. */
export function watchWindow(parts: WindowEventsParts): void {
  const { context, window, link, secrets, scopes, log, displays } = parts;
  const logFailure: LogFailure = async (what, promise) => {
    try {
      await promise;
    } catch (error) {
      log.error(`${what}: ${messageOf(error)}`);
    }
  };
  const failures = createFailureWatch(window, link);

  function refreshScope(): void {
    const status = link.status();
    const client = link.client();
    if (status.kind === 'running' && client)
      void logFailure("The window's preset could not be set", scopes.refresh(client, status.state));
  }

  link.onStatus((status) => {
    for (const display of displays) display.show(status);
    failures.show(status);
    refreshScope();
  });

  context.subscriptions.push(
    watchSettings(parts, refreshScope, logFailure),
    // The gateway reads the `.env` of a trusted folder.
    vscode.workspace.onDidGrantWorkspaceTrust(
      () => void logFailure('The workspace trust could not be applied', link.applySettings(true)),
    ),
    // Another window may have started a gateway in the meantime.
    vscode.window.onDidChangeWindowState(
      ({ focused }) => void (focused && logFailure('Attaching to a running gateway failed', link.attachIfRunning())),
    ),
    secrets.onChange(async (provider, key) => {
      const client = link.client();
      if (client)
        await logFailure(
          `The gateway did not accept the API key for ${provider}`,
          client.putSecrets({ [provider]: key }),
        );
    }),
    { dispose: failures.dispose },
  );
}

/** Never rejects. */
type LogFailure = (what: string, promise: Promise<unknown>) => Promise<void>;

function watchSettings(
  { window, link, choices, terminals, log }: WindowEventsParts,
  refreshScope: () => void,
  logFailure: LogFailure,
): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (!change.affectsConfiguration('ccr') && !change.affectsConfiguration('http')) return;
    for (const problem of window.settingProblems()) log.warn(problem);
    if (change.affectsConfiguration('ccr.logLevel')) link.setLogLevel(window.settings().logLevel);
    // The latest word counts: an edited setting replaces an earlier choice.
    if (change.affectsConfiguration('ccr.activePreset'))
      void logFailure('The preset could not be changed', choices.forget().then(refreshScope));
    if (change.affectsConfiguration('ccr.terminal')) terminals.refresh();
    if (startSettings.some((name) => change.affectsConfiguration(name)))
      void logFailure('The settings could not be applied', link.applySettings(true));
  });
}

/** Shows each failure once. After an unusable config, starts the gateway when the file changes. */
function createFailureWatch(
  window: WindowEnvironment,
  link: GatewayLink,
): { show(status: LinkStatus): void; dispose(): void } {
  let watcher: FileWatcher | undefined;
  let previous: LinkStatus['kind'] | undefined;
  /** The config as it was when the gateway began to start: it may be edited again before the failure is known. */
  let tried: { file: string; versions: FileVersions } | undefined;

  return {
    show(status) {
      const hasChanged = status.kind !== previous;
      previous = status.kind;
      if (!hasChanged) return;
      watcher?.close();
      watcher = undefined;
      const file = window.configFile();
      if (status.kind === 'starting') tried = { file, versions: fileVersions([file]) };
      if (status.kind === 'failed' && status.problem.kind === 'config') {
        const known = tried?.file === file ? tried.versions : fileVersions([file]);
        watcher = watchFiles([file], known, () => void link.start());
      }
      if (status.kind === 'failed') showFailure(status.problem);
      if (status.kind === 'newer') {
        showWarning(
          t(
            "CCR {0} on port {1} is newer than this window's. Terminals use it. Update the extension and reload the window to steer it.",
            status.version,
            String(status.port),
          ),
        );
      }
    },
    dispose: () => watcher?.close(),
  };
}
