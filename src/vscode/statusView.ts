import { t } from './l10n.ts';
import { oneLine } from '../canonical/visibleText.ts';
import { parseTarget } from '../config/routes.ts';
import type { RequestView } from '../control/protocol.ts';
import { answering } from './answering.ts';
import type { LinkProblem, LinkStatus } from './linkStatus.ts';
import { escapeMarkdown, withoutIcons } from './plainText.ts';
import { runningTooltip } from './statusTooltip.ts';
import type { Totals } from './dashboard/figures.ts';

/** For screen readers. Characters. */
const longestLabel = 300;

/** What the status bar shows. */
export type StatusView = {
  /** May contain VS Code's `$(icon)` syntax. */
  text: string;
  /** Markdown. */
  tooltip: string;
  /** For screen readers. */
  label: string;
  tone: 'normal' | 'warning' | 'error';
};

export type Running = Extract<LinkStatus, { kind: 'running' }>;

/** What the status bar shows beside the gateway's state. */
export type Activity = {
  /** This window's latest request. */
  last: RequestView | undefined;
  today: Totals;
  /** Unix time in ms. */
  now: number;
};

export function statusView(status: LinkStatus, scope: string, activity: Activity): StatusView {
  switch (status.kind) {
    case 'starting':
      return plain('$(loading~spin) CCR', t('CCR is starting'));
    case 'stopped':
      return plain(`$(circle-slash) CCR: ${t('off')}`, t('CCR is not running'));
    case 'newer':
      return {
        ...plain(
          `$(link-external) CCR :${status.port}`,
          t("CCR {0}, newer than this window's, runs on port {1}", status.version, String(status.port)),
        ),
        tone: 'warning',
      };
    case 'failed': {
      const message = problemMessage(status.problem);
      return {
        text: `$(error) CCR: ${t('failed')}`,
        tooltip: escapeMarkdown(message),
        label: t('CCR failed: {0}', message),
        tone: 'error',
      };
    }
    case 'running':
      return runningView(status, scope, activity);
    default:
      return status satisfies never;
  }
}

/** One or two sentences to show to the user. */
export function problemMessage(problem: LinkProblem): string {
  switch (problem.kind) {
    case 'port-in-use': {
      const by = problem.holder ? `${problem.holder.name} (pid ${problem.holder.pid})` : t('another program');
      return t("CCR can't start: port {0} is in use by {1}.", String(problem.port), by);
    }
    case 'config':
      return t("CCR can't start with this config. {0}", problem.message);
    case 'crashed':
      return problem.message;
    case 'other':
      return t("CCR can't start: {0}", problem.message);
    default:
      return problem satisfies never;
  }
}

/** Shows the choice, and what answers in its place while that fails. */
function runningView(status: Running, scope: string, activity: Activity): StatusView {
  const { state, isOwner } = status;
  const found = answering(state, scope, activity.last);
  const name = found.chosen ?? (state.source === 'demo' ? 'demo' : 'auto');
  const shown = parseTarget(name)?.model ?? name;
  const instead = found.instead === undefined ? undefined : (parseTarget(found.instead)?.model ?? found.instead);
  const isDown = state.status === 'down' || (state.source !== 'demo' && found.wanted === undefined);
  const spent = state.budgets.find(({ isUsedUp }) => isUsedUp);
  const needsAttention =
    isDown || state.status === 'degraded' || state.stale || found.trouble !== undefined || spent !== undefined;
  const { streams } = state.active;
  const icon = isDown ? 'error' : needsAttention ? 'warning' : streams > 0 ? 'pulse' : 'ccr-route';
  const trouble = found.trouble ?? (spent && t('the budget {0} is used up', spent.name));
  const remark = needsAttention
    ? `, ${trouble === undefined ? t('needs attention') : t('needs attention: {0}', trouble)}`
    : '';
  const streaming = streams === 0 ? '' : `, ${t('{0} streaming', streams)}`;
  return {
    text: `$(${icon}) CCR: ${withoutIcons(shown)}${instead === undefined ? '' : ` → ${withoutIcons(instead)}`}`,
    tooltip: runningTooltip(status, found, activity),
    label: oneLine(
      `CCR: ${shown}${instead === undefined ? '' : `, ${t('{0} answers', instead)}`}, ${isOwner ? t('runs in this window') : t('runs elsewhere')}${streaming}${remark}`,
      longestLabel,
    ),
    tone: isDown ? 'error' : needsAttention ? 'warning' : 'normal',
  };
}

function plain(text: string, sentence: string): StatusView {
  return { text, tooltip: `${escapeMarkdown(sentence)}.`, label: sentence, tone: 'normal' };
}
