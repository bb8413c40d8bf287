import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { LinkStatus } from '../linkStatus.ts';
import type { RequestFeed } from '../requestFeed.ts';
import { panelType, type Dashboard } from './dashboard.ts';
import { toCsv, toJson } from './exportFile.ts';
import { pageHtml } from './page.ts';
import { pageTexts } from './pageTexts.ts';
import type { FromPage } from './protocol.ts';
import { createPageSession, type PageSession } from './session.ts';

const t = vscode.l10n.t;

export type DashboardPages = Dashboard & {
  /** Makes the page in a view or a tab. */
  serve(place: Place): void;
  /** Makes the page in a tab that VS Code has restored. */
  keepTab(panel: vscode.WebviewPanel): void;
};

type Place = { webview: vscode.Webview; onDidDispose: vscode.Event<void> };

/** The dashboard's pages, wherever they are shown. Loaded with the first of them. */
export function createDashboardPages(context: vscode.ExtensionContext, feed: RequestFeed): DashboardPages {
  const sessions = new Set<PageSession>();
  let status: LinkStatus = { kind: 'stopped' };
  let tab: { panel: vscode.WebviewPanel; session: PageSession } | undefined;
  const root = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const options: vscode.WebviewOptions = { enableScripts: true, localResourceRoots: [root] };

  function serve({ webview, onDidDispose }: Place): PageSession {
    webview.options = options;
    const session = createPageSession({
      feed,
      post: (message) => void webview.postMessage(message),
      texts: pageTexts(t),
      onExport: (message) => void exportRequests(feed, message),
      onStart: () => void vscode.commands.executeCommand('ccr.startProxy'),
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    });
    sessions.add(session);
    session.show(status);
    webview.onDidReceiveMessage(session.receive);
    onDidDispose(() => {
      session.close();
      sessions.delete(session);
    });
    const fileUrl = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
    webview.html = pageHtml({
      script: fileUrl('dashboard.js'),
      style: fileUrl('dashboard.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      title: t('CCR dashboard'),
      // The display language, if we have its texts.
      language: vscode.l10n.bundle === undefined ? 'en' : vscode.env.language,
    });
    return session;
  }

  function keepTab(panel: vscode.WebviewPanel): PageSession {
    // An icon of a tab is a picture, which does not take on the theme's colour. High contrast has those of dark and light.
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, 'media', `tab-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const session = serve(panel);
    tab = { panel, session };
    panel.onDidDispose(() => {
      if (tab?.panel === panel) tab = undefined;
    });
    return session;
  }

  async function open(requestId?: string): Promise<void> {
    if (!tab)
      keepTab(vscode.window.createWebviewPanel(panelType, t('CCR dashboard'), vscode.ViewColumn.Active, options));
    else tab.panel.reveal();
    if (requestId !== undefined) tab?.session.select(requestId);
  }

  return {
    serve,
    keepTab,
    open,
    show(next) {
      status = next;
      for (const session of sessions) session.show(next);
    },
  };
}

/** Writes the requests that the page shows, with all of their records, to a file that the user names. */
async function exportRequests(
  feed: RequestFeed,
  { format, ids }: Extract<FromPage, { type: 'export' }>,
): Promise<void> {
  const wanted = new Set(ids);
  const requests = feed.requests().filter(({ id }) => wanted.has(id));
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `ccr-requests.${format}`;
  const target = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (!target) return;
  const text = format === 'csv' ? toCsv(requests) : toJson(requests);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
}
