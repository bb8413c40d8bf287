import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { ChatRequest } from '../../../src/canonical/request.ts';

/** A request as a client of the chat wire sent it. */
export function requestOf(more: Partial<ChatRequest> = {}): ChatRequest {
  return createRequest(
    {
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Do it.' }] }],
      tools: [],
      toolChoice: { type: 'auto' },
      stream: true,
      sampling: {},
      ...more,
    },
    { dialect: 'openai-chat', body: { model: 'm' } },
  );
}
