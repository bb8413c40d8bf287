import { oneLine } from '../../canonical/visibleText.ts';
import type { RequestView } from '../../control/protocol.ts';
import { codeWord } from '../dashboard/codeWords.ts';
import { isFailed } from '../dashboard/figures.ts';
import { duration, money, shortCount } from '../dashboard/words.ts';
import type { Translate } from '../../canonical/wording.ts';
import { icons, lines, shown, type NodeIcon, type TreeNode } from './treeNode.ts';

/** More are in the dashboard. */
const mostRequests = 50;

/** The latest requests, newest first. A click shows a request's record. */
export function requestNodes(requests: readonly RequestView[], t: Translate): TreeNode[] {
  return requests
    .slice(-mostRequests)
    .toReversed()
    .map((request) => requestNode(request, t));
}

export function requestNode(request: RequestView, t: Translate): TreeNode {
  const { id, cursor, target, model, startedAt, error } = request;
  const label = target ?? model ?? t('no model');
  return {
    id: `request:${cursor}`,
    label: shown(label),
    description: [
      isFailed(request) ? t('failed: {0}', shown(codeWord('error', request.errorKind ?? 'unknown', t))) : undefined,
      ...figures(request, t),
    ]
      .filter((fact) => fact !== undefined)
      .join(' · '),
    tooltip: lines([
      `${new Date(startedAt).toLocaleString()}  ${oneLine(request.client)}`,
      t('Asked for {0}', oneLine(model ?? t('no model'))),
      target === undefined ? undefined : t('{0} answered', oneLine(target)),
      request.route?.detour === undefined ? undefined : oneLine(request.route.detour),
      figures(request, t).join(' · '),
      error === undefined ? undefined : oneLine(error),
    ]),
    icon: iconOf(request),
    context: 'request',
    command: 'ccr.showRequest',
    subject: id,
  };
}

function figures({ reason, inputTokens, outputTokens, costUsd, durationMs }: RequestView, t: Translate): string[] {
  return [
    ...(inputTokens === undefined
      ? []
      : [t('{0} in, {1} out', shortCount(inputTokens), shortCount(outputTokens ?? 0))]),
    ...(costUsd === undefined ? [] : [money(costUsd)]),
    duration(durationMs),
    // Last: a narrow view cuts off the end.
    ...(reason === undefined ? [] : [shown(codeWord('reason', reason, t))]),
  ];
}

/** A warning where another target answered after a failed attempt. */
function iconOf(request: RequestView): NodeIcon {
  if (isFailed(request)) return icons.bad;
  return request.attempts.some(({ error }) => error !== undefined) ? icons.waiting : icons.good;
}
