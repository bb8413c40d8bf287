import { blocksOf } from '../canonical/contentBlocks.ts';
import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editList, editMessages, objectsIn, type BodyChange } from './bodyEdits.ts';

// The order and the form of turns, as strict copies of the Messages API check them. A relay has what the client wrote.

/** Stands for the user where a conversation begins with the assistant. */
const opening = '(The conversation begins here.)';

/** "messages: first message must use the "user" role" (Anthropic). */
export const beginWithUser: BodyChange = {
  change: 'A conversation that begins with the assistant gets a user message before it.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const first: unknown = messages.find((message: unknown) => !isObject(message) || message['role'] !== 'system');
    if (!isObject(first) || first['role'] !== 'assistant') return body;
    return { ...body, messages: [{ role: 'user', content: opening }, ...(messages as unknown[])] };
  },
};

/** "roles must alternate between "user" and "assistant", but found multiple "user" roles in a row". Anthropic joins them itself. */
export const joinTurns: BodyChange = {
  change: 'Messages of one role in a row become one, unless the assistant thinks or calls tools in them.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages) || !messages.every(isObject)) return body;
    const joined: JsonObject[] = [];
    for (const message of messages) {
      const last = joined.at(-1);
      if (last && last['role'] === message['role'] && isPlainTurn(last) && isPlainTurn(message))
        joined[joined.length - 1] = {
          ...last,
          content: [...blocksOf(last['content']), ...blocksOf(message['content'])],
        };
      else joined.push(message);
    }
    return joined.length === messages.length ? body : { ...body, messages: joined };
  },
};

function isPlainTurn({ role, content }: JsonObject): boolean {
  if (role !== 'assistant') return role === 'user';
  return !objectsIn(content).some(({ type }) => type === 'tool_use' || String(type).endsWith('thinking'));
}

/** Of a call that returned nothing. */
const noOutput = '(no output)';

/**
 * Kimi refuses a result without `content` (kwwk#142). Anthropic: "content cannot be empty if `is_error` is true", "all content
 * must be type `text` if `is_error` is true".
 */
export const fitToolResults: BodyChange = {
  change:
    'A tool result without content gets an empty one; that of a failed call is text, and anything else in it follows after the results.',
  edit: editMessages((message) => {
    const content: unknown = message['content'];
    if (!Array.isArray(content)) return message;
    const fitted = editList(message, 'content', fitResult);
    const attached = objectsIn(content).flatMap((block) => (isFailed(block) ? othersOf(block['content']) : []));
    return attached.length === 0
      ? fitted
      : { ...fitted, content: [...blocksOf(fitted['content']), ...(attached as unknown[])] };
  }),
};

function isFailed({ type, is_error: failed }: JsonObject): boolean {
  return type === 'tool_result' && failed === true;
}

function othersOf(content: unknown): JsonObject[] {
  return objectsIn(content).filter(({ type }) => type !== 'text');
}

function fitResult(block: JsonObject): JsonObject {
  if (block['type'] !== 'tool_result') return block;
  const { content = null } = block;
  if (!isFailed(block)) return content === null ? { ...block, content: '' } : block;
  if (typeof content === 'string') return content.trim() === '' ? { ...block, content: noOutput } : block;
  const texts = objectsIn(content).filter(({ type, text }) => type === 'text' && String(text).trim() !== '');
  if (texts.length === 0) return { ...block, content: noOutput };
  return Array.isArray(content) && texts.length === content.length ? block : { ...block, content: texts };
}

/** "Requests which include `tool_use` or `tool_result` blocks must define tools". */
export const declareCalled: BodyChange = {
  change:
    'A conversation with tool calls but without tools declares those that were called, which may not be called again.',
  edit: (body) => {
    if (objectsIn(body['tools']).length > 0) return body;
    const names = objectsIn(body['messages']).flatMap(({ role, content }) =>
      role === 'assistant' ? objectsIn(content).flatMap(calledName) : [],
    );
    if (names.length === 0) return body;
    const tools = [...new Set(names)].map((name) => ({ name, input_schema: { type: 'object', properties: {} } }));
    return { ...body, tools, tool_choice: { type: 'none' } };
  },
};

function calledName({ type, name }: JsonObject): string[] {
  return type === 'tool_use' && typeof name === 'string' ? [name] : [];
}
