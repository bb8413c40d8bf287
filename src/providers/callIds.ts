import { isObject } from '../canonical/json.ts';
import { createHash } from 'node:crypto';
import type { JsonObject } from '../canonical/request.ts';
import { objectsIn, type BodyChange, type EditBody } from './bodyEdits.ts';

/** Edits of a Chat Completions body that replace the ids of tool calls and of their results. */

/** `rename` receives each call in conversation order, and results without a call, which have no name. */
function renameCalls(rename: () => (id: string, name?: string) => string): EditBody {
  return (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const next = rename();
    /** Results belong to the nearest message with calls before them: providers repeat ids in later turns. */
    let turn = new Map<unknown, string>();
    const edited = messages.map((message: unknown) => {
      if (!isObject(message)) return message;
      const calls = objectsIn(message['tool_calls']);
      if (calls.length > 0) {
        turn = new Map();
        return withIds(message, calls, (call) => {
          const id = next(String(call['id']), nameOf(call));
          turn.set(call['id'], id);
          return id;
        });
      }
      const result = message['tool_call_id'];
      if (typeof result !== 'string') return message;
      const id = turn.get(result) ?? next(result);
      return id === result ? message : { ...message, tool_call_id: id };
    });
    return edited.every((message, index) => message === messages[index]) ? body : { ...body, messages: edited };
  };
}

function withIds(message: JsonObject, calls: JsonObject[], idOf: (call: JsonObject) => string): JsonObject {
  const ids = calls.map(idOf);
  if (ids.every((id, index) => id === calls[index]?.['id'])) return message;
  return { ...message, tool_calls: calls.map((call, index) => ({ ...call, id: ids[index] })) };
}

function nameOf(call: JsonObject): string {
  const called = isObject(call['function']) ? call['function'] : call['custom'];
  return isObject(called) ? String(called['name']) : '';
}

/** Replaces ids that `isTaken` refuses. Equal ids get the same replacement. */
export function replaceIds(isTaken: (id: string) => boolean, replacement: (hash: string) => string): EditBody {
  return renameCalls(
    () => (id) => (isTaken(id) ? id : replacement(createHash('sha256').update(id).digest('hex').slice(0, 32))),
  );
}

/** "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40" (vercel/ai#5171). */
export const capCallIds: BodyChange = {
  change: 'Tool call ids longer than 40 characters are replaced by shorter ones.',
  edit: replaceIds(
    (id) => id.length <= 40,
    (hash) => `call_${hash}`,
  ),
};

const countedId = /^functions\.[\w-]+:(\d+)$/;

/**
 * Writes ids as `functions.name:N`, with N counting up through the conversation. With other ids in the history, Kimi models
 * answer nothing or write calls into their text (getkimchi/kimchi#1063, Kimi-K2's tool_call_guidance). Their own ids are kept.
 */
export const countCalls: BodyChange = {
  change: 'Tool call ids of other models become `functions.NAME:N`, numbered through the conversation.',
  edit: renameCalls(() => {
    let count = 0;
    return (id, name) => {
      const own = countedId.exec(id)?.[1];
      if (own === undefined) return name === undefined ? id : `functions.${name}:${count++}`;
      count = Math.max(count, Number(own) + 1);
      return id;
    };
  }),
};
