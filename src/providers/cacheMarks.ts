import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { objectsIn, type BodyChange } from './bodyEdits.ts';

const mark = { type: 'ephemeral' };

/**
 * Without marks, Claude prompts are not cached, and a tool loop costs three to four times as much (goclaw#1042). The marks are
 * on parts, which all hosts of Claude support; a mark for the whole request does not work with Bedrock and Vertex. One mark
 * at the end of the conversation is enough besides the system prompt's, since the cache searches backwards from a mark.
 */
export const markForCache: BodyChange = {
  change: 'The system prompt and the last message are marked for the prompt cache if the client sets no marks.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages) || 'cache_control' in body || isMarked(body)) return body;
    const begun = messages.findIndex((message: unknown) => !isObject(message) || message['role'] !== 'system');
    const places = new Set([begun - 1, messages.length - 1]);
    const marked = messages.map((message: unknown, index) =>
      places.has(index) && isObject(message) && message['role'] !== 'assistant' ? markEnd(message) : message,
    );
    return marked.every((message, index) => message === messages[index]) ? body : { ...body, messages: marked };
  },
};

function isMarked(body: JsonObject): boolean {
  const tools = objectsIn(body['tools']);
  const parts = objectsIn(body['messages']).flatMap((message) => [message, ...objectsIn(message['content'])]);
  return [...tools, ...parts].some((each) => 'cache_control' in each);
}

function markEnd(message: JsonObject): JsonObject {
  const { content } = message;
  const parts: unknown[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [];
  const last = parts.findLastIndex((part) => isObject(part) && part['type'] === 'text' && part['text'] !== '');
  if (last === -1) return message;
  return {
    ...message,
    content: parts.map((part, index) => (index === last && isObject(part) ? { ...part, cache_control: mark } : part)),
  };
}
