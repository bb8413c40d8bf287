import * as vscode from 'vscode';
import { oneLine } from '../canonical/visibleText.ts';
import type { RequestView } from '../control/protocol.ts';
import type { CapturedRequest, CaptureReports, ProblemReport } from './captureReports.ts';
import { openConfigAction, showInformation, withProgress, type Action } from './messages.ts';
import type { RequestFeed } from './requestFeed.ts';

export type ReportParts = {
  feed: RequestFeed;
  reports: CaptureReports;
  /** Where the project takes reports; undefined if it does not say. */
  issuePage: string | undefined;
};

const t = vscode.l10n.t;

/** More are hard to choose from. */
const mostRequests = 50;

/** Makes a report of a request that the user chooses, and shows it, so that they know what they share. */
export async function reportProblem(parts: ReportParts, given: string | undefined): Promise<void> {
  const request = given ?? (await chooseRequest(parts));
  if (request === undefined) return;
  const report = await withProgress(t('Making a report...'), () => parts.reports.bundle(request));
  if (!report) return;
  const document = await vscode.workspace.openTextDocument({ language: 'json', content: report.text });
  await vscode.window.showTextDocument(document, { preview: false });
  explain(parts, report, document, request);
}

function explain(parts: ReportParts, report: ProblemReport, document: vscode.TextDocument, request: string): void {
  const issue: Action[] =
    parts.issuePage === undefined
      ? []
      : [{ title: t('Open Issue Page'), run: () => vscode.env.openExternal(vscode.Uri.parse(parts.issuePage ?? '')) }];
  const save: Action = {
    title: t('Save'),
    async run() {
      const file = await saveReport(document, request);
      if (file) showInformation(t('Saved {0}. Attach it to your report.', file.fsPath), ...issue);
    },
  };
  if (report.isCaptured)
    return showInformation(
      t('The report has no keys, and the texts of you and the model are replaced. Read it before you share it.'),
      save,
      ...issue,
    );
  showInformation(
    t(
      'The report does not have what went over the wire, since the request was not captured. Set "DebugCapture": {"enabled": true} in the config and try again, or use it as it is.',
    ),
    openConfigAction,
    save,
    ...issue,
  );
}

async function saveReport(document: vscode.TextDocument, request: string): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `ccr-bundle-${request.replaceAll(/[^\w-]/g, '_').slice(0, 64)}.json`;
  const target = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { JSON: ['json'] },
  });
  // As it is in the editor: the user may have taken something out.
  if (target) await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(document.getText()));
  return target;
}

type Item = vscode.QuickPickItem & { request: string };

async function chooseRequest({ feed, reports }: ReportParts): Promise<string | undefined> {
  const captures = await reports.list();
  const captured = new Set(captures.map(({ request }) => request));
  const requests = feed.requests().slice(-mostRequests).toReversed();
  const known = new Set(requests.map(({ id }) => id));
  const earlier = captures.filter(({ request }) => request !== undefined && !known.has(request));
  const items = [
    ...requests.map((request) => requestItem(request, captured.has(request.id))),
    ...new Map(earlier.map((capture) => [capture.request, captureItem(capture)])).values(),
  ];
  if (items.length === 0) {
    showInformation(t('CCR has answered no request yet.'));
    return undefined;
  }
  const options = {
    title: `CCR: ${t('Report a Problem')}`,
    placeHolder: t('Choose the request that went wrong'),
    matchOnDetail: true,
  };
  return (await vscode.window.showQuickPick(items, options))?.request;
}

function requestItem({ id, target, model, startedAt, error }: RequestView, isCaptured: boolean): Item {
  return {
    request: id,
    label: `$(${error === undefined ? 'check' : 'error'}) ${shown(target ?? model ?? t('no model'))}`,
    description: [new Date(startedAt).toLocaleTimeString(), ...(isCaptured ? [t('captured')] : [])].join(' · '),
    ...(error !== undefined && { detail: shown(error) }),
  };
}

function captureItem({ request = '', provider, model, timestamp, success, error }: CapturedRequest): Item {
  return {
    request,
    label: `$(${success ? 'check' : 'error'}) ${shown(`${provider},${model}`)}`,
    description: [new Date(timestamp).toLocaleString(), t('captured')].join(' · '),
    ...(error !== undefined && { detail: shown(error) }),
  };
}

/** A name or an error from outside: `$(x)` would be an icon. */
function shown(text: string): string {
  return oneLine(text, 200).replaceAll('$(', '$ (');
}
