import { isOfAssistant, isOfUser } from '../canonical/messages.ts';
import type { ChatRequest, Part } from '../canonical/request.ts';
import { digest } from './turnHash.ts';

/** Whether two conversations may share this key: a first message, or a cache key, which some clients reuse for every request. */
export function isGuessed(conversation: string): boolean {
  return !conversation.startsWith('id:');
}

/**
 * Whether this looks like the first request of a conversation. Only for keys made from the first message: the same first
 * message may start many conversations.
 */
export function isOpening(conversation: string, { messages }: ChatRequest): boolean {
  return conversation.startsWith('first:') && !messages.some(isOfAssistant);
}

/**
 * A key for the conversation: the client's own id (from its headers), an id in its metadata, its cache key, or else its
 * first user message. Conversations that share a key are still distinguished by their turns.
 */
export function conversationKey(request: ChatRequest, clientId?: string): string {
  const id = clientId ?? metadataId(request.metadata);
  if (id) return `id:${shortened(id)}`;
  if (request.cacheKey) return `cache:${shortened(request.cacheKey)}`;
  const first = request.messages.find(isOfUser);
  return `first:${digest(first?.parts.map(textOrKind) ?? [])}`;
}

function textOrKind(part: Part): string {
  return part.type === 'text' ? part.text : part.type;
}

/** Thousands of these keys are kept in memory. Characters. */
const longestId = 200;

function shortened(id: string): string {
  return id.length > longestId ? digest(id) : id;
}

const metadataNames = ['session_id', 'thread_id', 'conversation_id'];

function metadataId(metadata: ChatRequest['metadata']): string | undefined {
  for (const name of metadataNames) {
    const value = metadata?.[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  // Claude Code puts its session into the user id. A user id without a session is the same in all conversations.
  const userId = metadata?.['user_id'];
  return typeof userId === 'string' && userId.includes('session') ? userId : undefined;
}
