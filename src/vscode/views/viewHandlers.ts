import { readFile, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { spokenAll } from '../../canonical/wording.ts';
import { removeProvider } from '../../config/removeProvider.ts';
import type { ControlClient } from '../../control/client.ts';
import { describeCheck } from '../../gateway/describeCheck.ts';
import type { CommandHandlers } from '../../manifest/commands.ts';
import type { viewCommands } from '../../manifest/viewCommands.ts';
import type { Dashboard } from '../dashboard/dashboard.ts';
import type { GatewayLink } from '../gatewayLink.ts';
import { commandAction, showInformation, showWarning, startAction, withoutLinks, withProgress } from '../messages.ts';
import type { CaptureReports } from '../captureReports.ts';
import { reportProblem } from '../reportProblem.ts';
import { nameItems } from '../plainText.ts';
import type { RequestFeed } from '../requestFeed.ts';
import type { ProviderSecrets } from '../secrets.ts';
import { askThroughRoute, type RouteAnswer } from './testRoute.ts';

export type ViewHandlerParts = {
  link: GatewayLink;
  secrets: ProviderSecrets;
  feed: RequestFeed;
  dashboard: Dashboard;
  /** Tests a model for what agents need. */
  testModel(target: string | undefined): Promise<void>;
  reports: CaptureReports;
  /** Where the project takes reports. */
  issuePage: string | undefined;
};

const t = vscode.l10n.t;

/**
 * The handlers of the views' commands. An argument is the row on which a command was chosen, or the subject's name from a
 * keybinding; without one, the command asks.
 */
export function createViewHandlers(parts: ViewHandlerParts): Pick<CommandHandlers, keyof typeof viewCommands> {
  const { feed, dashboard } = parts;
  return {
    'ccr.openDashboard': () => dashboard.open(),
    'ccr.explainLastRequest': () => {
      const last = feed.requests().at(-1);
      if (!last) return showInformation(t('CCR has answered no request yet.'));
      return dashboard.open(last.id);
    },
    'ccr.reportProblem': (row?: unknown) => reportProblem(parts, subjectOf(row)),
    'ccr.showRequest': (row?: unknown) => dashboard.open(subjectOf(row)),
    'ccr.testProvider': (row?: unknown) => testProvider(parts, subjectOf(row)),
    'ccr.testModel': (row?: unknown) => parts.testModel(subjectOf(row)),
    'ccr.removeProvider': (row?: unknown) => removeWithUndo(parts, subjectOf(row)),
    'ccr.useRoute': (row?: unknown) => vscode.commands.executeCommand('ccr.switchPreset', subjectOf(row) ?? ''),
    'ccr.testRoute': (row?: unknown) => testRoute(parts, row),
  };
}

/** The name that a command acts on: of the row on which it was chosen, or from a keybinding. */
export function subjectOf(row: unknown): string | undefined {
  if (typeof row === 'string') return row;
  const subject = typeof row === 'object' && row !== null && 'subject' in row ? row.subject : undefined;
  return typeof subject === 'string' ? subject : undefined;
}

function running({ link }: ViewHandlerParts): { status: RunningStatus; client: ControlClient } | undefined {
  const status = link.status();
  const client = link.client();
  if (status.kind === 'running' && client) return { status, client };
  showInformation(t('CCR is not running.'), startAction);
  return undefined;
}

type RunningStatus = Extract<ReturnType<GatewayLink['status']>, { kind: 'running' }>;

async function chooseProvider({ status }: { status: RunningStatus }, title: string): Promise<string | undefined> {
  const names = status.state.providers.map(({ name }) => name);
  const options = { title: `CCR: ${title}`, placeHolder: t('Choose a provider') };
  return (await vscode.window.showQuickPick(nameItems(names), options))?.name;
}

async function testProvider(parts: ViewHandlerParts, given: string | undefined): Promise<void> {
  const found = running(parts);
  if (!found) return;
  const provider = given ?? (await chooseProvider(found, t('Test Provider')));
  if (provider === undefined) return;
  const checks = await withProgress(t('Testing {0}...', provider), () => found.client.check({ provider }));
  if (!checks) return;
  const faulty = checks.filter(({ fault }) => fault);
  const text = (faulty.length > 0 ? faulty : checks).map((check) => spokenAll(describeCheck(check), t)).join(' ');
  const [first] = faulty;
  const setKey = first?.fault?.part === 'key' ? [commandAction(t('Set Key'), 'ccr.setProviderApiKey', provider)] : [];
  if (first) showWarning(text, ...setKey);
  else showInformation(text);
}

async function testRoute(parts: ViewHandlerParts, row: unknown): Promise<void> {
  const found = running(parts);
  const name = subjectOf(row);
  if (!found || name === undefined) return;
  const { url, token, state } = found.status;
  const isPreset = state.presets.some((preset) => preset.name === name);
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: withoutLinks(t('Testing {0}...', name)),
    cancellable: true,
  };
  const answer = await vscode.window.withProgress(options, async (_, cancel): Promise<RouteAnswer | undefined> => {
    const stop = new AbortController();
    cancel.onCancellationRequested(() => stop.abort());
    const asked = askThroughRoute({ url, token, route: { name, isPreset }, now: Date.now }, stop.signal);
    const answer = await asked;
    return stop.signal.aborted ? undefined : answer;
  });
  if (!answer) return;
  const label = name === '' ? t("Config's own routing") : name;
  if (answer.target === undefined) showWarning(t('{0} does not work: {1}', label, answer.message));
  else showInformation(t('{0} works: {1} answered in {2} s.', label, answer.target, (answer.ms / 1000).toFixed(1)));
}

async function removeWithUndo(parts: ViewHandlerParts, given: string | undefined): Promise<void> {
  const found = running(parts);
  if (!found) return;
  const provider = given ?? (await chooseProvider(found, t('Remove Provider')));
  if (provider === undefined) return;
  const { configFile } = found.status.state;
  const isUnsaved = ({ uri, isDirty }: vscode.TextDocument): boolean => isDirty && uri.fsPath === configFile;
  if (vscode.workspace.textDocuments.some(isUnsaved))
    throw new Error(t('{0} has unsaved changes. Save or revert it, then try again.', configFile));
  const before = await readFile(configFile, 'utf8');
  const after = removeProvider(before, provider);
  const key = (await parts.secrets.all())[provider];
  await writeFile(configFile, after);
  if (key !== undefined) await parts.secrets.forget(provider);
  await found.client.reload();
  const undo = async (): Promise<void> => {
    if ((await readFile(configFile, 'utf8')) !== after)
      throw new Error(t('{0} has changed since, so {1} can only be added again.', configFile, provider));
    if (key !== undefined) await parts.secrets.store(provider, key);
    await writeFile(configFile, before);
    await parts.link.client()?.reload();
  };
  showInformation(t('Removed {0}.', provider), { title: t('Undo'), run: undo });
}
