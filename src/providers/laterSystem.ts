import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { objectsIn, type BodyChange } from './bodyEdits.ts';

/** Keeps the position: moving it to the top would invalidate the prompt cache for everything after it. */
export const noteLaterSystem: BodyChange = {
  change: 'A `system` message after the first non-system message becomes a note in a user message.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const begun = messages.findIndex((message: unknown) => !isSystem(message));
    if (begun === -1 || !messages.slice(begun).some(isSystem)) return body;
    return {
      ...body,
      messages: messages.map((message: unknown, index) =>
        index > begun && isSystem(message) ? asNote(message) : message,
      ),
    };
  },
};

function isSystem(message: unknown): message is JsonObject {
  return isObject(message) && message['role'] === 'system';
}

function asNote(message: JsonObject): JsonObject {
  const note = 'A note from the system, not from the user:';
  const { content } = message;
  const noted = Array.isArray(content)
    ? [{ type: 'text', text: note }, ...(content as unknown[])]
    : `${note}\n\n${String(content)}`;
  return { ...message, role: 'user', content: noted };
}

export const joinSystem: BodyChange = {
  change: '`system` messages at the start are merged into one.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const begun = messages.findIndex((message: unknown) => !isSystem(message));
    const leading: unknown[] = messages.slice(0, begun === -1 ? messages.length : begun);
    const [first, ...others] = leading.filter(isSystem);
    if (!first || others.length === 0) return body;
    const content = [first, ...others].map(textOf).join('\n\n');
    return { ...body, messages: [{ ...first, content }, ...messages.slice(leading.length)] };
  },
};

function textOf({ content }: JsonObject): string {
  if (typeof content === 'string') return content;
  return objectsIn(content)
    .flatMap(({ text }) => (typeof text === 'string' ? text : []))
    .join('\n\n');
}
