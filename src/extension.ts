import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { version } from '../package.json';
import { findBehindShim } from './cli/findExecutable.ts';
import { findPortOwner } from './cli/portOwner.ts';
import { messageOf } from './canonical/errors.ts';
import type { CliProgram } from './vscode/askCli.ts';
import { refreshTokenHelper, tokenHelperFolder, writeShims, writeTokenHelper } from './cli/shimFiles.ts';
import { readModelTests, type ModelTest } from './control/modelTests.ts';
import { createChoiceStore, emptyScope } from './vscode/choiceStore.ts';
import { createClientTerminals } from './vscode/clientTerminals.ts';
import { registerChatProvider } from './vscode/chat/chatProvider.ts';
import { registerCommands } from './vscode/commands.ts';
import { createCommandContext, setContext } from './vscode/commandContext.ts';
import { registerConfigLanguage } from './vscode/configLanguage.ts';
import { createConfigLanguageStatus } from './vscode/configLanguageStatus.ts';
import { createConfigProblems } from './vscode/configProblems.ts';
import { createDashboard } from './vscode/dashboard/dashboard.ts';
import type { GatewayLink } from './vscode/gatewayLink.ts';
import { examineByCli } from './vscode/examineByCli.ts';
import { createHandlers } from './vscode/handlers.ts';
import { useTranslation } from './vscode/l10n.ts';
import { registerMcpServer } from './vscode/mcpServer.ts';
import { createMissingKeys } from './vscode/missingKeys.ts';
import { createRequestFeed } from './vscode/requestFeed.ts';
import { createScopeKeeper } from './vscode/scope.ts';
import { createProviderSecrets } from './vscode/secrets.ts';
import { watchOutages } from './vscode/outageMessages.ts';
import { openWindow } from './vscode/openWindow.ts';
import { issuePageOf } from './vscode/issuePage.ts';
import { captureReports } from './vscode/captureReports.ts';
import { createStatusBar } from './vscode/statusBar.ts';
import { createWindowEnvironment } from './vscode/windowEnvironment.ts';
import { createSwitcherParts, showUnknownPreset } from './vscode/switchPreset.ts';
import { watchStaleTerminals } from './vscode/staleTerminals.ts';
import { testModelContract } from './vscode/testModel.ts';
import { createTerminals } from './vscode/terminals.ts';
import { createTreeViews } from './vscode/views/treeViews.ts';
import { createViewHandlers } from './vscode/views/viewHandlers.ts';
import { watchWindow } from './vscode/windowEvents.ts';
import { createModelOffer } from './vscode/offerModels.ts';
import { createWindowActivity } from './vscode/windowActivity.ts';
import { createWindowLink } from './vscode/windowLink.ts';
import { createWindowLog } from './vscode/windowLog.ts';

/** VS Code gives `deactivate` about 5 s. */
const closingDrainMs = 2_000;

/** Of what activating takes this extension, in the extension host's performance timeline. */
const activationMeasure = 'ccr.activate';

let link: GatewayLink | undefined;

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
  const portHolder = (port: number) => findPortOwner(port, process.platform);
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
  const problems = createConfigProblems(context, async () => window.config(await secrets.all()).problems);
  const findClient = (client: string): string | undefined => findBehindShim(client, process.env, process.platform);

  statusBar.show(link.status());
  const dashboard = createDashboard(context, feed);
  const tests = (): ModelTest[] => readModelTests(window.homeDirectory);
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
  const handlerParts = {
    window,
    link,
    secrets,
    terminals: createClientTerminals(context, terminals),
    switcher: createSwitcherParts({ link, choices, scopes, last: () => activity.last(), tests }),
    log,
    findClient,
    memory: context.globalState,
    storage,
    offerModels: createModelOffer(context, { link, scope, log }),
    examine: () => examineByCli(program, ['--config', window.configFile(), ...portOption(window.place())]),
    writeTokenHelper: () => writeTokenHelper(helperFolder, process.platform, program),
  };
  const testParts = { link, homeDirectory: window.homeDirectory, log, stored: views.refreshProviders };
  const testModel = (target: string | undefined): Promise<void> => testModelContract(testParts, target);
  const reports = captureReports(program, () => ({
    config: existsSync(window.configFile()) ? ['--config', window.configFile()] : [],
    port: portOption(window.place()),
  }));
  const issuePage = issuePageOf(context.extension.packageJSON);
  const viewHandlers = createViewHandlers({ link, secrets, feed, dashboard, testModel, reports, issuePage });
  registerCommands(context, { ...createHandlers(handlerParts), ...viewHandlers }, log);
  registerMcpServer(context, { link, program, version });
  registerChatProvider(context, { link, scope });
  registerConfigLanguage(context, { window, link, secrets, log, showEdited: problems.showEdited });
  openWindow({ window, link, terminals, log, writeShims: () => writePrograms(shimFolders, helperFolder, program) });
  performance.measure(activationMeasure, { start }); // npm run bench:window
}

/** A port of 0 is not known before the gateway runs. */
function portOption({ port }: { port: number }): string[] {
  return port === 0 ? [] : ['--port', String(port)];
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
