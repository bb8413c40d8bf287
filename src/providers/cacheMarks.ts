import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { objectsIn, without, type BodyChange } from './bodyEdits.ts';

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

/** At most so many blocks may be marked in a request. */
const mostMarks = 4;

/**
 * The mark at the end of the system prompt keeps tools and system cached; the last ones of the conversation are those that
 * the next turn finds again.
 */
export const keepFourMarks: BodyChange = {
  change: 'Of more than four cache marks, the last of the system prompt and the last ones of the conversation stay.',
  edit: (body) => {
    // A mark of the whole request counts as one.
    const places = [...marksIn(body['tools']), ...marksIn(body['system']), ...marksIn(body['messages'])];
    const room = mostMarks - (body['cache_control'] ? 1 : 0);
    if (places.length <= room) return body;
    const ofSystem = marksIn(body['system']).at(-1) ?? marksIn(body['tools']).at(-1);
    const others = places.filter((place) => place !== ofSystem);
    const kept = new Set([...(ofSystem ? [ofSystem] : []), ...others.slice(ofSystem ? 1 - room : -room)]);
    const unmark = (value: unknown): unknown => withoutMarks(value, kept);
    return {
      ...body,
      ...('tools' in body && { tools: unmark(body['tools']) }),
      ...('system' in body && { system: unmark(body['system']) }),
      messages: unmark(body['messages']),
    };
  },
};

/** The marked objects of a list, in order: items, their content, and that of tool results. */
function marksIn(list: unknown): JsonObject[] {
  return objectsIn(list).flatMap((item) => [...marksIn(item['content']), ...(item['cache_control'] ? [item] : [])]);
}

function withoutMarks(list: unknown, kept: ReadonlySet<JsonObject>): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((item: unknown) => {
    if (!isObject(item)) return item;
    const content = withoutMarks(item['content'], kept);
    const edited = content === item['content'] ? item : { ...item, content };
    return 'cache_control' in item && !kept.has(item) ? without(edited, 'cache_control') : edited;
  });
}

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
