import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { version } from '../package.json';
import { findPortOwner } from './cli/portOwner.ts';
import { messageOf } from './canonical/errors.ts';
import type { CliProgram } from './vscode/askCli.ts';
import { refreshTokenHelper, tokenHelperFolder, writeShims, writeTokenHelper } from './cli/shimFiles.ts';
import type { ModelTest } from './control/modelTests.ts';
import type { CommandHandlers } from './manifest/commands.ts';
import { createChoiceStore, emptyScope } from './vscode/choiceStore.ts';
import { createClientTerminals } from './vscode/clientTerminals.ts';
import { registerChatProvider } from './vscode/chat/chatProvider.ts';
import { registerCommands } from './vscode/commands.ts';
import { createCommandContext, setContext } from './vscode/commandContext.ts';
import { offerConfigLanguage } from './vscode/configLanguageOnDemand.ts';
import { createConfigLanguageStatus } from './vscode/configLanguageStatus.ts';
import { createConfigProblems } from './vscode/configProblems.ts';
import { createDashboard } from './vscode/dashboard/dashboard.ts';
import type { GatewayLink } from './vscode/gatewayLink.ts';
import type { PortHolder } from './vscode/linkStatus.ts';
import { useTranslation } from './vscode/l10n.ts';
import { registerMcpServer } from './vscode/mcpServer.ts';
import { createMissingKeys } from './vscode/missingKeys.ts';
import { createRequestFeed } from './vscode/requestFeed.ts';
import { createScopeKeeper } from './vscode/scope.ts';
import { createProviderSecrets } from './vscode/secrets.ts';
import { watchOutages } from './vscode/outageMessages.ts';
import { openWindow } from './vscode/openWindow.ts';
import { createStatusBar } from './vscode/statusBar.ts';
import { createWindowEnvironment } from './vscode/windowEnvironment.ts';
import { watchStaleTerminals } from './vscode/staleTerminals.ts';
import { createTerminals } from './vscode/terminals.ts';
import { showUnknownPreset } from './vscode/unknownPreset.ts';
import { createTreeViews } from './vscode/views/treeViews.ts';
import { watchWindow } from './vscode/windowEvents.ts';
import type { WindowHandlerParts } from './vscode/windowHandlers.ts';
import { createModelOffer } from './vscode/offerModels.ts';
import { createWindowActivity } from './vscode/windowActivity.ts';
import { createWindowLink } from './vscode/windowLink.ts';
import { createWindowLog } from './vscode/windowLog.ts';

/** VS Code gives `deactivate` about 5 s. */
const closingDrainMs = 2_000;

/** Of what activating takes this extension, in the extension host's performance timeline. */
const activationMeasure = 'ccr.activate';

let link: GatewayLink | undefined;

/**
 * Builds what is seen or listens from the start. What only a command, an editor or a view needs is loaded with it, by `import()`:
 * `test/unit/bundle/activation.test.ts` has the budget of the rest.
 */
export function activate(context: vscode.ExtensionContext): void {
  const start = performance.now();
  useTranslation(vscode.l10n.t);
  const window = createWindowEnvironment(() =>
    emptyScope(context.workspaceState, () => randomBytes(6).toString('hex')),
  );
  const { scope, settings } = window;
  const log = createWindowLog(context, () => settings().logLevel);
  const secrets = createProviderSecrets(context.secrets);
  const choices = createChoiceStore(context.workspaceState, () => settings().activePreset);
  const scopes = createScopeKeeper({ scope, chosen: choices.name, onUnknown: showUnknownPreset });
  link = createWindowLink({ context, window, secrets, scopes, log, portHolder });

  const storage = context.globalStorageUri.fsPath;
  const shimFolders = { codex: path.join(storage, 'bin'), claude: path.join(storage, 'bin-claude') };
  const terminals = createTerminals({
    collection: context.environmentVariableCollection,
    scope,
    shimFolders,
    clients: () => (settings()['terminal.inject'] ? settings()['terminal.clients'] : []),
  });
  watchStaleTerminals(terminals);
  const feed = createRequestFeed(link, (error) => log.warn(`Earlier requests could not be read: ${messageOf(error)}`));
  const statusBar = createStatusBar(context, scope, () => activity);
  const activity = createWindowActivity({ feed, scope, now: Date.now, onChange: statusBar.refresh });
  const problems = createConfigProblems(context, async () => (await window.config(await secrets.all())).problems);

  statusBar.show(link.status());
  const dashboard = createDashboard(context, feed);
  const tests = (): Promise<ModelTest[]> => readTests(window.homeDirectory);
  const views = createTreeViews({ context, feed, secrets, scope, tests });
  const displays = [
    statusBar,
    terminals,
    problems,
    createMissingKeys(scope),
    createCommandContext({ feed, setContext, now: Date.now }),
    createConfigLanguageStatus(context),
    dashboard,
    views,
  ];
  watchWindow({ context, window, link, secrets, scopes, choices, terminals, log, displays });
  watchOutages({ link, scope, memento: context.globalState });
  const cliPath = context.asAbsolutePath('dist/cli.js');
  const program = { nodePath: process.execPath, cliPath, electron: process.versions.electron !== undefined };
  const helperFolder = tokenHelperFolder(window.homeDirectory);
  const handlerParts: WindowHandlerParts = {
    context,
    window,
    link,
    secrets,
    scopes,
    choices,
    terminals: createClientTerminals(context, terminals),
    last: () => activity.last(),
    tests,
    testStored: views.refreshProviders,
    feed,
    dashboard,
    log,
    memory: context.globalState,
    storage,
    program,
    offerModels: createModelOffer(context, { link, scope, log }),
    findClient,
    writeTokenHelper: () => writeTokenHelper(helperFolder, process.platform, program),
  };
  registerCommands(
    context,
    once(() => loadHandlers(handlerParts)),
    log,
  );
  registerMcpServer(context, { link, program, version });
  registerChatProvider(context, { link, scope });
  offerConfigLanguage(context, { window, link, secrets, log, showEdited: problems.showEdited });
  const writeAll = (): void => writePrograms(shimFolders, helperFolder, program);
  void openWindow({ window, link, terminals, log, writeShims: writeAll });
  performance.measure(activationMeasure, { start }); // npm run bench:window
}

/** The real client, behind our own shim. */
async function findClient(client: string): Promise<string | undefined> {
  const { findBehindShim } = await import('./cli/findExecutable.ts');
  return findBehindShim(client, process.env, process.platform);
}

async function loadHandlers(parts: WindowHandlerParts): Promise<CommandHandlers> {
  const { createWindowHandlers } = await import('./vscode/windowHandlers.ts');
  return createWindowHandlers(parts);
}

function portHolder(port: number): PortHolder | undefined {
  return findPortOwner(port, process.platform);
}

async function readTests(homeDirectory: string): Promise<ModelTest[]> {
  const { readModelTests } = await import('./control/modelTests.ts');
  return readModelTests(homeDirectory);
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

type ShimFolders = { codex: string; claude: string };

function writePrograms({ codex, claude }: ShimFolders, helperFolder: string, program: CliProgram): void {
  writeShims(codex, 'codex', program);
  writeShims(claude, 'claude', program);
  refreshTokenHelper(helperFolder, process.platform, program);
}

export async function deactivate(): Promise<void> {
  await link?.close(closingDrainMs);
}
