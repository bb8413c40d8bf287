import { cut, oneLine } from '../../canonical/visibleText.ts';

/** Names of codicons and of VS Code's theme colours. */
export type NodeIcon = { name: string; color?: string };

export const icons = {
  good: { name: 'pass', color: 'testing.iconPassed' },
  bad: { name: 'error', color: 'testing.iconFailed' },
  waiting: { name: 'warning', color: 'problemsWarningIcon.foreground' },
  off: { name: 'circle-slash', color: 'disabledForeground' },
  unknown: { name: 'circle-outline' },
} as const satisfies Record<string, NodeIcon>;

/** A row of a view. Every text is plain: nothing in it is read as Markdown or as an icon. */
export type TreeNode = {
  /** Unique in its view, and the same after a change, so that the row keeps its place and stays open. */
  id: string;
  label: string;
  description?: string | undefined;
  tooltip: string;
  icon: NodeIcon;
  /** Which actions `when` clauses offer: viewItem. */
  context?: string | undefined;
  /** A click runs it with the node's subject. */
  command?: 'ccr.showRequest' | undefined;
  /** What the row's actions act on: a provider, a preset or route, `provider,model`, a request's id. */
  subject?: string | undefined;
  children?: TreeNode[] | undefined;
};

/** The longest name in a row. Characters. */
const longestName = 200;

/** A name from a config, a client or a provider as a row shows it. */
export function shown(text: string): string {
  return oneLine(text, longestName);
}

/** Facts, one a line, without the missing ones. */
export function lines(facts: readonly (string | undefined)[]): string {
  return facts
    .filter((fact) => fact !== undefined && fact !== '')
    .map((fact) => cut(fact ?? '', 1000))
    .join('\n');
}
