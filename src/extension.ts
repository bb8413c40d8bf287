import path from 'node:path';
import type * as vscode from 'vscode';
import { findBehindShim } from './cli/findExecutable.ts';
import { findPortOwner } from './cli/portOwner.ts';
import { writeShims } from './cli/shimFiles.ts';
import { messageOf } from './canonical/errors.ts';
import { registerCommands } from './vscode/commands.ts';
import { createConfigProblems } from './vscode/configProblems.ts';
import { createDashboard } from './vscode/dashboard/dashboard.ts';
import type { GatewayLink } from './vscode/gatewayLink.ts';
import { createHandlers } from './vscode/handlers.ts';
import { createMissingKeys } from './vscode/missingKeys.ts';
import { createRequestFeed } from './vscode/requestFeed.ts';
import { createScopeKeeper } from './vscode/scope.ts';
import { createProviderSecrets } from './vscode/secrets.ts';
import { openWindow } from './vscode/openWindow.ts';
import { createStatusBar } from './vscode/statusBar.ts';
import { createWindowEnvironment } from './vscode/windowEnvironment.ts';
import { showUnknownPreset } from './vscode/switchPreset.ts';
import { createTerminals } from './vscode/terminals.ts';
import { createTreeViews } from './vscode/views/treeViews.ts';
import { createViewHandlers } from './vscode/views/viewHandlers.ts';
import { watchWindow } from './vscode/windowEvents.ts';
import { createWindowLink } from './vscode/windowLink.ts';
import { createWindowLog } from './vscode/windowLog.ts';

/** VS Code gives `deactivate` about 5 s. */
const closingDrainMs = 2_000;

let link: GatewayLink | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const window = createWindowEnvironment();
  const { scope, settings } = window;
  const log = createWindowLog(context, () => settings().logLevel);
  const secrets = createProviderSecrets(context.secrets);
  const scopes = createScopeKeeper({
    scope,
    activePreset: () => settings().activePreset,
    onUnknown: showUnknownPreset,
  });
  const portHolder = (port: number) => findPortOwner(port, process.platform);
  link = createWindowLink({ context, window, secrets, scopes, log, portHolder });

  const shimFolder = path.join(context.globalStorageUri.fsPath, 'bin');
  const terminals = createTerminals({
    collection: context.environmentVariableCollection,
    scope,
    shimFolder,
    clients: () => (settings()['terminal.inject'] ? settings()['terminal.clients'] : []),
  });
  const statusBar = createStatusBar(context, scope);
  const problems = createConfigProblems(context, () => window.config().problems);
  const findCodex = (): string | undefined => findBehindShim('codex', process.env, process.platform);

  const feed = createRequestFeed(link, (error) => log.warn(`Earlier requests could not be read: ${messageOf(error)}`));
  const dashboard = createDashboard(context, feed);
  const views = createTreeViews({ context, feed, secrets, scope });
  const viewHandlers = createViewHandlers({ link, secrets, feed, dashboard });

  const displays = [statusBar, terminals, problems, createMissingKeys(scope), dashboard, views];
  watchWindow({ context, window, link, secrets, scopes, terminals, log, displays });
  const handlers = createHandlers({ window, link, secrets, terminals, log, findCodex });
  registerCommands(context, { ...handlers, ...viewHandlers }, log);
  const cliPath = context.asAbsolutePath('dist/cli.js');
  const program = { nodePath: process.execPath, cliPath, electron: process.versions.electron !== undefined };
  openWindow({ window, link, terminals, log, writeShims: () => writeShims(shimFolder, program) });
}

export async function deactivate(): Promise<void> {
  await link?.close(closingDrainMs);
}
