import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import {
  editList,
  editMessages,
  objectsIn,
  thinkingIsOff,
  without,
  type BodyChange,
  type EditBody,
} from './bodyEdits.ts';

// What the Messages API refuses of a conversation beyond its form.

export function isThinking(block: unknown): boolean {
  return isObject(block) && (block['type'] === 'thinking' || block['type'] === 'redacted_thinking');
}

/** "The final block in an assistant message cannot be `thinking`." Only the last message counts (CLIProxyAPI#5321). */
export const dropLastThinking: BodyChange = {
  change: 'Thinking at the end of the conversation is left out: an answer can’t be continued from it.',
  edit: editLastAnswer((content) => content.slice(0, content.findLastIndex((block) => !isThinking(block)) + 1)),
};

/** "When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`." */
export const dropIdleThinking: BodyChange = {
  change: 'While the model does not think, thinking in an answer that the client began is left out.',
  edit: (body) => (isObject(body['thinking']) && !thinkingIsOff(body) ? body : dropAllOfLast(body)),
};

const dropAllOfLast = editLastAnswer((content) => content.filter((block) => !isThinking(block)));

/** Edits the blocks of a message of the assistant at the end, which goes if none is left. */
function editLastAnswer(keep: (content: readonly unknown[]) => unknown[]): EditBody {
  return (body) => {
    const messages: unknown = body['messages'];
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
    if (!Array.isArray(messages) || !isObject(last) || last['role'] !== 'assistant') return body;
    const { content } = last;
    if (!Array.isArray(content) || !content.some(isThinking)) return body;
    const kept = keep(content);
    if (kept.length === content.length) return body;
    const before = messages.slice(0, -1) as unknown[];
    if (kept.length === 0) return before.length > 0 ? { ...body, messages: before } : body;
    return { ...body, messages: [...before, { ...last, content: kept }] };
  };
}

export const unmarkThinking: BodyChange = {
  change: 'A cache mark on thinking is left out.',
  edit: editMessages((message) =>
    editList(message, 'content', (block) => (isThinking(block) ? without(block, 'cache_control') : block)),
  ),
};

/** Marks count in this order, each with those within it first. */
const order = ['tools', 'system', 'messages'];

/** "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block". */
export const fitCacheTimes: BodyChange = {
  change: 'A cache mark for an hour that comes after one for five minutes is one for five minutes too.',
  edit: (body) => {
    if (!mayMix(body)) return body;
    const state = { isShort: false };
    const fitted = order.reduce((edited, name) => editList(edited, name, (item) => fitMarks(item, state)), body);
    return fitOwn(fitted, state);
  },
};

/** Allocates nothing for the requests that have no mark for an hour. */
function mayMix(body: JsonObject): boolean {
  return isHour(body['cache_control']) || order.some((name) => objectsIn(body[name]).some(hasHour));
}

function hasHour(item: JsonObject): boolean {
  return isHour(item['cache_control']) || objectsIn(item['content']).some(hasHour);
}

function isHour(mark: unknown): boolean {
  return isObject(mark) && mark['ttl'] === '1h';
}

function fitMarks(item: JsonObject, state: { isShort: boolean }): JsonObject {
  return fitOwn(
    editList(item, 'content', (inner) => fitMarks(inner, state)),
    state,
  );
}

function fitOwn(item: JsonObject, state: { isShort: boolean }): JsonObject {
  const mark = item['cache_control'];
  if (!isObject(mark)) return item;
  if (!isHour(mark)) {
    state.isShort = true;
    return item;
  }
  return state.isShort ? { ...item, cache_control: without(mark, 'ttl') } : item;
}

/** "stop_sequences: each stop sequence must contain non-whitespace". */
export const dropBlankStops: BodyChange = {
  change: 'Stop sequences of white space alone are left out.',
  edit: (body) => {
    const stops: unknown = body['stop_sequences'];
    if (!Array.isArray(stops)) return body;
    const kept = stops.filter((stop: unknown) => typeof stop === 'string' && stop.trim() !== '');
    if (kept.length === stops.length) return body;
    return kept.length > 0 ? { ...body, stop_sequences: kept } : without(body, 'stop_sequences');
  },
};
