import { editRequest } from './editRequest.ts';
import type { ChatRequest, NativePart, Part } from './request.ts';

/** Replaces native parts that the provider can't read by their `textIfUnreadable`. Returns the same request if there are none. */
export function replaceUnreadable(request: ChatRequest, isReadable: (part: NativePart) => boolean): ChatRequest {
  const replaced = (part: Part): Part =>
    part.type === 'native' && part.textIfUnreadable !== undefined && !isReadable(part)
      ? { type: 'text', text: part.textIfUnreadable }
      : part;
  if (request.messages.every(({ parts }) => parts.every((part) => replaced(part) === part))) return request;
  return editRequest(request, {
    messages: request.messages.map((message) => ({ ...message, parts: message.parts.map(replaced) })),
  });
}
