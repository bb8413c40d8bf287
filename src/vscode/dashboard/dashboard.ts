import * as vscode from 'vscode';
import type { LinkStatus } from '../linkStatus.ts';
import type { RequestFeed } from '../requestFeed.ts';
import type { DashboardPages } from './dashboardPages.ts';

export type Dashboard = {
  /** Shows the editor tab, or makes it. @param requestId whose route to show */
  open(requestId?: string): Promise<void>;
  show(status: LinkStatus): void;
};

export const panelType = 'ccr.dashboard';
const viewType = 'ccr.dashboardView';

/** The dashboard: an editor tab, which VS Code restores with its window, and a view in the panel. */
export function createDashboard(context: vscode.ExtensionContext, feed: RequestFeed): Dashboard {
  let status: LinkStatus = { kind: 'stopped' };
  let shown: DashboardPages | undefined;

  async function pages(): Promise<DashboardPages> {
    const { createDashboardPages } = await import('./dashboardPages.ts');
    if (!shown) {
      shown = createDashboardPages(context, feed);
      shown.show(status);
    }
    return shown;
  }

  context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(panelType, {
      // The page has kept its own state: range, filter and selection.
      deserializeWebviewPanel: async (panel) => (await pages()).keepTab(panel),
    }),
    vscode.window.registerWebviewViewProvider(viewType, {
      resolveWebviewView: async (view) => (await pages()).serve(view),
    }),
  );

  return {
    open: async (requestId) => (await pages()).open(requestId),
    show(next) {
      status = next;
      shown?.show(next);
    },
  };
}
