import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editMessages, objectsIn, without, type BodyChange } from './bodyEdits.ts';

// What clients of Chat Completions write into messages that only some providers take.

/** "Invalid 'messages[0].name': string does not match pattern. Expected a string that matches the pattern '^[^\s<|\\/>]+$'." */
const refusedInNames = /[\s<|\\/>]+/g;

/** Characters. */
const longestName = 64;

export const fitNames: BodyChange = {
  change: `In the \`name\` of a message, white space and \`<|\\/>\` become \`_\`; more than ${longestName} characters are cut off.`,
  edit: editMessages((message) => {
    const { name } = message;
    if (typeof name !== 'string') return message;
    const fitted = name.trim().replaceAll(refusedInNames, '_').slice(0, longestName);
    if (fitted === name) return message;
    return fitted === '' ? without(message, 'name') : { ...message, name: fitted };
  }),
};

export const dropEmptySystem: BodyChange = {
  change: 'An empty message of the system is left out.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages)) return body;
    const kept = messages.filter((message: unknown) => !isEmptySystem(message));
    return kept.length === messages.length || kept.length === 0 ? body : { ...body, messages: kept };
  },
};

function isEmptySystem(message: unknown): boolean {
  if (!isObject(message)) return false;
  const { role, content = null } = message;
  if (role !== 'system' && role !== 'developer') return false;
  if (typeof content === 'string') return content.trim() === '';
  return content === null || (Array.isArray(content) && content.length === 0);
}

export const dropEmptyParts: BodyChange = {
  change: 'Empty texts in a list of content are left out; beside calls, an empty list is no content.',
  edit: editMessages((message) => {
    const { role, content } = message;
    if (!Array.isArray(content) || (role !== 'assistant' && role !== 'user')) return message;
    const kept = content.filter((part: unknown) => !isEmptyText(part));
    const isSilent = kept.length === 0 && role === 'assistant' && objectsIn(message['tool_calls']).length > 0;
    if (isSilent) return { ...message, content: null };
    return kept.length === content.length || kept.length === 0 ? message : { ...message, content: kept };
  }),
};

function isEmptyText(part: unknown): boolean {
  return isObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' && part['text'].trim() === '';
}

/** Precedes what a tool returned beside its text, as the writer of this wire does. */
const attachedNote = '(The result follows in the next user message.)';

/**
 * OpenAI: "Image URLs are only allowed for messages with role 'user', but this message with role 'tool' contains an image
 * URL." DeepSeek calls the same "an unsupported image". A list of texts is refused by some as no string; it stays if it
 * carries a cache mark, for which it needs the list.
 */
export const fitResults: BodyChange = {
  change:
    'The result of a tool is text: images and files in it follow in a user message after all results of the turn.',
  edit: (body) => {
    const messages: unknown = body['messages'];
    if (!Array.isArray(messages) || !messages.some(needsFitting)) return body;
    return { ...body, messages: withTextResults(messages) };
  },
};

function needsFitting(message: unknown): message is JsonObject {
  if (!isObject(message) || message['role'] !== 'tool') return false;
  const { content = null } = message;
  if (!Array.isArray(content)) return typeof content !== 'string';
  return !objectsIn(content).some((part) => 'cache_control' in part) || content.some(isAttachment);
}

function isAttachment(part: unknown): boolean {
  return isObject(part) && part['type'] !== 'text';
}

function withTextResults(messages: readonly unknown[]): unknown[] {
  const fitted: unknown[] = [];
  let attachments: unknown[] = [];
  const flush = (): void => {
    if (attachments.length > 0) fitted.push({ role: 'user', content: attachments });
    attachments = [];
  };
  for (const message of messages) {
    if (!isObject(message) || message['role'] !== 'tool') flush();
    if (!needsFitting(message)) {
      fitted.push(message);
      continue;
    }
    const { text, others } = partsOf(message['content']);
    fitted.push({ ...message, content: text === '' && others.length > 0 ? attachedNote : text });
    if (others.length > 0)
      attachments.push(
        { type: 'text', text: `From the result of tool call ${String(message['tool_call_id'])}:` },
        ...others,
      );
  }
  flush();
  return fitted;
}

function partsOf(content: unknown): { text: string; others: unknown[] } {
  if (content === null || content === undefined) return { text: '', others: [] };
  if (!Array.isArray(content)) return { text: JSON.stringify(content), others: [] };
  const texts = content.flatMap((part: unknown) => {
    if (typeof part === 'string') return [part];
    return isObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? [part['text']] : [];
  });
  return { text: texts.join('\n'), others: content.filter(isAttachment) };
}
