import { continueRequest, editRequest } from '../canonical/editRequest.ts';
import { condensedConversation } from '../canonical/compaction.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Reply } from '../canonical/events.ts';
import { replyMessage } from '../canonical/replyMessage.ts';
import type { ChatRequest, JsonObject, Message } from '../canonical/request.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';

export type StoredResponsesOptions = {
  maxResponses: number;
  /** Bytes of conversations, counted as two for each character, and as if none shared anything with another. */
  maxBytes: number;
};

/** A reply that was just given. */
export type GivenReply = {
  id: string;
  request: ChatRequest;
  reply: Reply;
  dialect: Dialect;
  context: ReplyContext;
  /** The account at a provider that knows the reply by this id itself. */
  holder: string | undefined;
};

/**
 * The conversations of clients that send only what is new, with `previous_response_id`: in memory, as long as there is
 * room. What was not asked for longest goes first.
 */
export type StoredResponses = {
  /**
   * The request with the conversation that it goes on from.
   * @throws GatewayError `invalid-request` in OpenAI's words, when that is not known (any more).
   */
  expand(request: ChatRequest): ChatRequest;
  keep(given: GivenReply): void;
  /** The response as a client that does not stream would have got it. */
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
      // What writes the reply again needs nothing of the conversation.
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

/** Of all texts in it, at whatever depth: what else there is does not count beside them. */
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
