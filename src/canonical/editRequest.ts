import type { ChatFields, ChatRequest, Continuation, Message, RequestSource } from './request.ts';

// The only functions that make a ChatRequest. A relay sends `source` in place of the canonical fields, so each function
// states what happens to it.

/** A new request. Readers of a client's wire also pass what the client sent, for the relay. */
export function createRequest(fields: ChatFields, source?: RequestSource): ChatRequest {
  if (source) return { ...fields, source } as ChatFields as ChatRequest;
  const { source: _, ...rest }: ChatFields & { source?: unknown } = fields;
  return rest as ChatFields as ChatRequest;
}

/** A copy with `changes` and without `source`, since a relay would send the unedited JSON. */
export function editRequest(request: ChatRequest, changes: Partial<ChatFields>): ChatRequest {
  return createRequest({ ...request, ...changes });
}

/** The fields that every dialect's `patchSource` writes into the client's JSON, so that changing them needs no new body. */
export type Parameters = Pick<ChatFields, 'stream' | 'sampling' | 'reasoning' | 'extra'>;

/** A copy with other parameters. It keeps `source`, which the relay patches. */
export function setParameters(request: ChatRequest, changes: Partial<Parameters>): ChatRequest {
  return createRequest({ ...request, ...changes }, request.source);
}

/**
 * A copy of a request that names an earlier reply, with the messages that follow it. It keeps `source`, which names the reply
 * too: a provider that holds the conversation gets the client's JSON as it came.
 */
export function continueRequest(request: ChatRequest, messages: Message[], continuation: Continuation): ChatRequest {
  return createRequest({ ...request, messages, continuation }, request.source);
}
