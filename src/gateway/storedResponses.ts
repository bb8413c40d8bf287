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
  /** Runs `action`, and once more if `expand` lacked a response in it that another gateway has. */
  withOthers<Result>(action: () => Result): Result | Promise<Result>;
};

/** A response as other gateways get it. JSON. */
export type ShelvedResponse = { messages: readonly Message[]; holder?: string | undefined; reply: JsonObject };

/** Responses that gateways have in common. All but `fetch` answer at once. */
export type ResponseShelf = {
  put(id: string, response: ShelvedResponse): void;
  get(id: string): ShelvedResponse | undefined;
  remove(id: string): boolean;
  /** Whether another gateway has deleted it. */
  isGone(id: string): boolean;
  /** Brings a response here. Resolves to whether there is one. */
  fetch(id: string): Promise<boolean>;
};

type Entry = { messages: readonly Message[]; bytes: number; holder: string | undefined; write(): JsonObject };

/** The least recently used entries are evicted. */
function createEntries({ maxResponses, maxBytes }: StoredResponsesOptions) {
  /** Least recently used first. */
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(id: string): boolean {
    bytes -= entries.get(id)?.bytes ?? 0;
    return entries.delete(id);
  }

  function evict(): void {
    for (const id of entries.keys()) {
      if (entries.size <= maxResponses && bytes <= maxBytes) return;
      remove(id);
    }
  }

  return {
    /** Whether it is small enough. */
    add(id: string, entry: Omit<Entry, 'bytes'>): boolean {
      const size = 2 * characters(entry.messages);
      if (size > maxBytes) return false;
      remove(id);
      entries.set(id, { ...entry, bytes: size });
      bytes += size;
      evict();
      return true;
    },
    use(id: string): Entry | undefined {
      const entry = entries.get(id);
      if (!entry) return undefined;
      entries.delete(id);
      entries.set(id, entry);
      return entry;
    },
    has: (id: string): boolean => entries.has(id),
    remove,
  };
}

export function createStoredResponses(options: StoredResponsesOptions, shelf?: ResponseShelf): StoredResponses {
  const { add, remove, ...entries } = createEntries(options);
  /** Which response an error is about. */
  const missing = new WeakMap<object, string>();

  function use(id: string): Entry | undefined {
    if (shelf?.isGone(id)) remove(id);
    const shelved = entries.has(id) ? undefined : shelf?.get(id);
    if (shelved) add(id, { messages: shelved.messages, holder: shelved.holder, write: () => shelved.reply });
    return entries.use(id);
  }

  return {
    expand(request) {
      const { continuation } = request;
      if (continuation?.previousId === undefined) return request;
      const entry = use(continuation.previousId);
      if (!entry) {
        const error = notFound(continuation.previousId);
        missing.set(error, continuation.previousId);
        throw error;
      }
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
      // Writing the reply again does not need the conversation.
      const small: ReplyContext = { ...context, replyId: id, request: withoutBulk(request) };
      const write = (): JsonObject => dialect.writeReply(reply, small);
      if (add(id, { messages, holder, write })) shelf?.put(id, { messages, holder, reply: write() });
    },
    read: (id) => use(id)?.write(),
    remove(id) {
      const isShelved = shelf?.remove(id) ?? false;
      return remove(id) || isShelved;
    },
    withOthers(action) {
      try {
        return action();
      } catch (thrown) {
        const id = typeof thrown === 'object' && thrown !== null ? missing.get(thrown) : undefined;
        if (id === undefined || !shelf) throw thrown;
        return shelf.fetch(id).then((isFound) => {
          if (!isFound) throw thrown;
          return action();
        });
      }
    },
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
