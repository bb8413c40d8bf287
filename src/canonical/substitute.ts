import { editRequest } from './editRequest.ts';
import type { ChatRequest, NativePart, Part } from './request.ts';

/**
 * Tells the model what stood where its provider can't read on. Returns the same request when there is no such place;
 * otherwise the copy has no `source`, since a relay would send what the client sent.
 */
export function substituteNatives(request: ChatRequest, isReadable: (part: NativePart) => boolean): ChatRequest {
  const isLost = (part: Part): boolean => part.type === 'native' && part.substitute !== undefined && !isReadable(part);
  if (!request.messages.some(({ parts }) => parts.some(isLost))) return request;
  const messages = request.messages.map((message) => ({
    ...message,
    parts: message.parts.map((part): Part =>
      part.type === 'native' && isLost(part) ? { type: 'text', text: part.substitute ?? '' } : part,
    ),
  }));
  return editRequest(request, { messages });
}
