import { isOfAssistant } from '../canonical/messages.ts';
import type { ChatRequest, Message } from '../canonical/request.ts';
import { isGuessed } from '../reasoning/conversation.ts';
import { lineagesOf } from '../reasoning/lineage.ts';
import { digest } from '../reasoning/turnHash.ts';

/**
 * The names under which a conversation is looked up for its next turn, and under which this turn is kept for it. They are hashes,
 * since files and Redis keep them, and a client's own id may say who or what it is about.
 */
export type ConversationThread = { before: string | undefined; now: string };

/**
 * A conversation that the client does not identify is known by its turns: the next request has the same ones and one more.
 * Without this, all conversations that start with the same message would count as one.
 */
export function conversationThread(thread: string, { messages }: ChatRequest): ConversationThread {
  if (!isGuessed(thread)) {
    const name = digest(thread);
    return { before: name, now: name };
  }
  const lineages = lineagesOf(messages);
  const last = startOfLastAnswer(messages);
  return {
    before: last === undefined ? undefined : digest(`${thread} ${lineages(last)}`),
    now: digest(`${thread} ${lineages(messages.length)}`),
  };
}

/** Consecutive assistant messages are one answer. */
function startOfLastAnswer(messages: readonly Message[]): number | undefined {
  let start = messages.findLastIndex(isOfAssistant);
  if (start < 0) return undefined;
  while (messages[start - 1]?.role === 'assistant') start--;
  return start;
}
