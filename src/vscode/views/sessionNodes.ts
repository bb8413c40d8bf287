import { oneLine } from '../../canonical/visibleText.ts';
import type { RequestView } from '../../control/protocol.ts';
import { isFailed, totalsOf } from '../dashboard/figures.ts';
import { money, shortCount } from '../dashboard/words.ts';
import { requestNode } from './requestNodes.ts';
import type { Translate } from '../../canonical/wording.ts';
import { icons, lines, type TreeNode } from './treeNode.ts';

/** Of a session, below it. */
const mostRequests = 20;

/** The conversations among the requests (Codex threads, Claude sessions), the latest first, with what each has cost. */
export function sessionNodes(requests: readonly RequestView[], t: Translate): TreeNode[] {
  const sessions = new Map<string, RequestView[]>();
  for (const request of requests) {
    if (request.conversation === undefined) continue;
    const known = sessions.get(request.conversation) ?? [];
    // A map keeps the order in which keys were set: the session of the latest request is last.
    sessions.delete(request.conversation);
    sessions.set(request.conversation, [...known, request]);
  }
  return [...sessions].toReversed().map(([conversation, own]) => sessionNode(conversation, own, t));
}

function sessionNode(conversation: string, requests: readonly RequestView[], t: Translate): TreeNode {
  const totals = totalsOf(requests);
  const latest = requests.at(-1);
  const figures = [
    money(totals.costUsd),
    t('{0} requests', totals.requests),
    t('{0} in, {1} out', shortCount(totals.inputTokens), shortCount(totals.outputTokens)),
  ].join(' · ');
  return {
    id: `session:${conversation}`,
    label: `${clientName(requests[0]?.client ?? '', t)} ${oneLine(conversation).slice(0, 6)}`,
    description: figures,
    tooltip: lines([
      figures,
      totals.unpriced > 0 ? t('The prices of {0} answers are unknown.', totals.unpriced) : undefined,
      latest && t('Last request: {0}', new Date(latest.startedAt).toLocaleString()),
    ]),
    icon: latest && isFailed(latest) ? icons.bad : { name: 'comment-discussion' },
    context: 'session',
    subject: conversation,
    children: requests
      .slice(-mostRequests)
      .toReversed()
      .map((request) => ({ ...requestNode(request, t), id: `session:${conversation}:${request.cursor}` })),
  };
}

function clientName(client: string, t: Translate): string {
  if (client === 'codex') return t('Codex thread');
  return client === 'claude-code' ? t('Claude session') : t('Conversation');
}
