import { continueRequest, editRequest } from '../canonical/editRequest.ts';
import { condensedConversation } from '../canonical/compaction.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Reply } from '../canonical/events.ts';
import { replyMessage } from '../canonical/replyMessage.ts';
import type { ChatRequest, JsonObject, Message } from '../canonical/request.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';

export type StoredResponsesOptions = {
  maxResponses: number;
  /** Bytes of all conversations: two for each character, shared text counted each time. */
  maxBytes: number;
};

/** A completed reply. */
export type CompletedReply = {
  id: string;
  request: ChatRequest;
  reply: Reply;
  dialect: Dialect;
  context: ReplyContext;
  /** The account at a provider that stores the reply under the same id. */
  holder: string | undefined;
};

/**
 * The conversations of clients that send only new messages, with `previous_response_id`. Kept in memory; the least recently
 * used are evicted.
 */
export type StoredResponses = {
  /**
   * The request with the conversation that it continues.
   * @throws GatewayError `invalid-request` with OpenAI's message, if that is unknown or was evicted.
   */
  expand(request: ChatRequest): ChatRequest;
  keep(completed: CompletedReply): void;
  /** The response in its non-streamed form. */
  read(id: string): JsonObject | undefined;
  remove(id: string): boolean;
};

type Entry = { messages: readonly Message[]; bytes: number; holder: string | undefined; write(): JsonObject };

export function createStoredResponses({ maxResponses, maxBytes }: StoredResponsesOptions): StoredResponses {
  /** Least recently used first. */
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(id: string): boolean {
    bytes -= entries.get(id)?.bytes ?? 0;
    return entries.delete(id);
  }

  function use(id: string): Entry | undefined {
    const entry = entries.get(id);
    if (!entry) return undefined;
    entries.delete(id);
    entries.set(id, entry);
    return entry;
  }

  function evict(): void {
    for (const id of entries.keys()) {
      if (entries.size <= maxResponses && bytes <= maxBytes) return;
      remove(id);
    }
  }

  return {
    expand(request) {
      const { continuation } = request;
      if (continuation?.previousId === undefined) return request;
      const entry = use(continuation.previousId);
      if (!entry) throw notFound(continuation.previousId);
      const { passing } = continuation;
      const messages = [...request.messages.slice(0, passing), ...entry.messages, ...request.messages.slice(passing)];
      const { length: known } = entry.messages;
      return continueRequest(request, messages, { ...continuation, known, holder: entry.holder });
    },
    keep({ id, request, reply, dialect, context, holder }) {
      const { continuation } = request;
      if (!continuation?.keep) return;
      const conversation = request.messages.slice(continuation.passing);
      const messages = request.compaction
        ? condensedConversation(conversation, reply)
        : [...conversation, replyMessage(reply)];
      const size = 2 * characters(messages);
      if (size > maxBytes) return;
      // Writing the reply again does not need the conversation.
      const small: ReplyContext = { ...context, replyId: id, request: withoutBulk(request) };
      remove(id);
      entries.set(id, { messages, bytes: size, holder, write: () => dialect.writeReply(reply, small) });
      bytes += size;
      evict();
    },
    read: (id) => use(id)?.write(),
    remove,
  };
}

/** The length of all nested texts; everything else is negligible. */
function characters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + characters(each), 0);
}

function withoutBulk(request: ChatRequest): ChatRequest {
  return editRequest(request, { messages: [], tools: [] });
}

function notFound(id: string): GatewayError {
  return new GatewayError('invalid-request', `Previous response with id '${id}' not found.`, {
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });
}
