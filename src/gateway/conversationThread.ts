import type { ChatRequest, Message } from '../canonical/request.ts';
import { isGuessed } from '../reasoning/conversation.ts';
import { lineagesOf } from '../reasoning/lineage.ts';

/** The names under which a conversation is looked up for its next turn, and under which this turn is kept for it. */
export type ConversationThread = { before: string | undefined; now: string };

/**
 * A conversation that the client does not identify is known by its turns: the next request has the same ones and one more.
 * Without this, all conversations that start with the same message would count as one.
 */
export function conversationThread(thread: string, { messages }: ChatRequest): ConversationThread {
  if (!isGuessed(thread)) return { before: thread, now: thread };
  const lineages = lineagesOf(messages);
  const last = startOfLastAnswer(messages);
  return {
    before: last === undefined ? undefined : `${thread} ${lineages(last)}`,
    now: `${thread} ${lineages(messages.length)}`,
  };
}

/** Consecutive assistant messages are one answer. */
function startOfLastAnswer(messages: readonly Message[]): number | undefined {
  let start = messages.findLastIndex(({ role }) => role === 'assistant');
  if (start < 0) return undefined;
  while (messages[start - 1]?.role === 'assistant') start--;
  return start;
}
