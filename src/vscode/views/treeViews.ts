import * as vscode from 'vscode';
import type { ModelTest } from '../../control/modelTests.ts';
import type { LinkStatus } from '../linkStatus.ts';
import type { RequestFeed } from '../requestFeed.ts';
import type { ProviderSecrets } from '../secrets.ts';
import { providerNodes } from './providerNodes.ts';
import { requestNodes } from './requestNodes.ts';
import { routeNodes } from './routeNodes.ts';
import { sessionNodes } from './sessionNodes.ts';
import type { TreeNode } from './treeNode.ts';

export type TreeViewsParts = {
  context: vscode.ExtensionContext;
  feed: RequestFeed;
  secrets: ProviderSecrets;
  scope: string;
  /** The latest contract tests of models. */
  tests(): Promise<readonly ModelTest[]>;
};

type Nodes = TreeNode[] | Promise<TreeNode[]>;
type RunningStatus = Extract<LinkStatus, { kind: 'running' }>;

/** So that a burst of requests renders each view once. Milliseconds. */
const pauseMs = 250;

const t = vscode.l10n.t;

/** The activity bar's views. Resolves nothing itself: everything shown is in the status, the feed or the key names. */
export function createTreeViews({ context, feed, secrets, scope, tests }: TreeViewsParts): {
  show(status: LinkStatus): void;
  refreshProviders(): void;
} {
  let status: LinkStatus = { kind: 'stopped' };
  let storedKeys: string[] = [];
  const ofState = (read: (running: RunningStatus) => Nodes): Nodes => (status.kind === 'running' ? read(status) : []);
  const views = {
    'ccr.providers': createTree(context, 'ccr.providers', () =>
      ofState(async ({ state }) => providerNodes({ state, storedKeys, tests: await tests(), now: Date.now(), t })),
    ),
    'ccr.routes': createTree(context, 'ccr.routes', () => ofState(({ state }) => routeNodes(state, scope, t))),
    'ccr.requests': createTree(context, 'ccr.requests', () => requestNodes(feed.requests(), t)),
    'ccr.sessions': createTree(context, 'ccr.sessions', () => sessionNodes(feed.requests(), t)),
  };

  async function readKeys(): Promise<void> {
    storedKeys = await secrets.names();
    views['ccr.providers'].refresh();
  }

  void readKeys();
  context.subscriptions.push(
    secrets.onChange(() => void readKeys()),
    {
      dispose: feed.onChange(() => {
        views['ccr.requests'].refresh();
        views['ccr.sessions'].refresh();
      }),
    },
  );

  return {
    refreshProviders: () => views['ccr.providers'].refresh(),
    show(next) {
      status = next;
      views['ccr.providers'].refresh();
      views['ccr.routes'].refresh();
    },
  };
}

function createTree(context: vscode.ExtensionContext, id: string, read: () => Nodes): { refresh(): void } {
  const changed = new vscode.EventEmitter<void>();
  let timer: NodeJS.Timeout | undefined;
  const provider: vscode.TreeDataProvider<TreeNode> = {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => (node ? node.children : read()),
    getTreeItem: treeItem,
  };
  context.subscriptions.push(changed, vscode.window.createTreeView(id, { treeDataProvider: provider }), {
    dispose: () => clearTimeout(timer),
  });
  return {
    refresh() {
      timer ??= setTimeout(() => {
        timer = undefined;
        changed.fire();
      }, pauseMs);
    },
  };
}

/** A string as tooltip is plain text; only a MarkdownString could have links. */
export function treeItem(node: TreeNode): vscode.TreeItem {
  const { id, label, description, tooltip, icon, context, command, subject, children } = node;
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, children && children.length > 0 ? Collapsed : None);
  item.id = id;
  item.tooltip = tooltip;
  item.iconPath = new vscode.ThemeIcon(icon.name, icon.color ? new vscode.ThemeColor(icon.color) : undefined);
  item.accessibilityInformation = { label: [label, description].filter(Boolean).join(', ') };
  if (description !== undefined) item.description = description;
  if (context !== undefined) item.contextValue = context;
  if (command) item.command = { command, title: t('Show the route'), arguments: [subject] };
  return item;
}
