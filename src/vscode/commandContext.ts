import * as vscode from 'vscode';
import { parseTarget } from '../config/routes.ts';
import type { RequestView } from '../control/protocol.ts';
import { contextKeys, milestones, type Milestone } from '../manifest/windowMenus.ts';
import type { LinkStatus } from './linkStatus.ts';
import type { RequestFeed } from './requestFeed.ts';

/** A busy gateway ends many requests a second. Milliseconds. */
const pauseMs = 1_000;

export type CommandContextParts = {
  feed: Pick<RequestFeed, 'onChange'>;
  setContext(key: string, value: boolean): unknown;
  /** Unix time in ms. */
  now(): number;
};

/** Tells `when` clauses whether a gateway runs, and the walkthrough how far the user has arrived. */
export function createCommandContext({ feed, setContext, now }: CommandContextParts): {
  show(status: LinkStatus): void;
} {
  let shown: boolean | undefined;
  let providers: readonly string[] = [];
  const reached = new Map<Milestone, number>();

  /**
   * VS Code ticks a step when its key becomes true, but never one whose key was true before it knew of the step, which is when
   * the walkthrough is opened. So the key is true for a moment, each time that its event occurs.
   */
  function reach(milestone: Milestone): void {
    const before = reached.get(milestone);
    if (before !== undefined && now() - before < pauseMs) return;
    reached.set(milestone, now());
    void setContext(milestones[milestone], true);
    void setContext(milestones[milestone], false);
  }

  function add({ error, target }: RequestView): void {
    if (error !== undefined || target === undefined) return;
    reach('answered');
    if (providers.includes(parseTarget(target)?.provider ?? '')) reach('answeredByProvider');
  }

  feed.onChange(({ added }) => {
    for (const request of added) add(request);
  });

  return {
    show(status) {
      if (status.kind === 'starting') return;
      const isRunning = status.kind === 'running' || status.kind === 'newer';
      if (isRunning !== shown) void setContext(contextKeys.running, isRunning);
      shown = isRunning;
      if (status.kind !== 'running') return;
      const { source, providers: all } = status.state;
      // The demo is no provider of the config.
      providers = source === 'demo' ? [] : all.filter(({ enabled }) => enabled).map(({ name }) => name);
      if (providers.length > 0) reach('hasProvider');
    },
  };
}

export function setContext(key: string, value: boolean): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}
