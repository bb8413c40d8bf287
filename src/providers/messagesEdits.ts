import type { JsonObject } from '../canonical/request.ts';
import { dropFields, editMessages, isObject, objectsIn, without, type BodyEdit } from './bodyEdits.ts';

// Edits of a Messages body for those who serve that wire and are not Anthropic.

/** Before what the system says in mid-conversation. */
const note = 'A note from the system, not from the user:';

/**
 * Claude Code writes `role: "system"` into the conversation (2.1.330, measured), which only Anthropic's newer models have.
 * It becomes a note from the user where it stands: moved to the top it would spoil the prompt cache of all that follows.
 */
export const noteLaterSystem: BodyEdit = (body) => {
  const messages = objectsIn(body['messages']);
  if (!messages.some(isSystem)) return body;
  const merged: JsonObject[] = [];
  for (const message of messages) {
    const edited = isSystem(message)
      ? { role: 'user', content: [{ type: 'text', text: note }, ...blocksOf(message['content'])] }
      : message;
    const last = merged.at(-1);
    // Roles take turns, so the note joins what the user said before it, and what he says next joins the note.
    if (last?.['role'] === 'user' && edited['role'] === 'user') {
      merged[merged.length - 1] = { ...last, content: [...blocksOf(last['content']), ...blocksOf(edited['content'])] };
    } else {
      merged.push(edited);
    }
  }
  return { ...body, messages: merged };
};

function isSystem({ role }: JsonObject): boolean {
  return role === 'system';
}

export function blocksOf(content: unknown): unknown[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return Array.isArray(content) ? content : isObject(content) ? [content] : [];
}

/** The schema of an answer as an instruction, at the end of the system prompt. */
const schemaToWords: BodyEdit = (body) => {
  const config = body['output_config'];
  const format = isObject(config) ? config['format'] : undefined;
  if (!isObject(config) || !isObject(format)) return body;
  const rest = without(config, 'format');
  const text = `Answer with JSON that follows this JSON schema, and with nothing else:\n${JSON.stringify(format['schema'] ?? {})}`;
  return {
    ...(Object.keys(rest).length > 0 ? { ...body, output_config: rest } : without(body, 'output_config')),
    system: [...blocksOf(body['system']), { type: 'text', text }],
  };
};

/** What a surface that nobody has tried all of Anthropic's API on is asked. `cache_control` on blocks is old and stays. */
export const plainMessages: readonly BodyEdit[] = [noteLaterSystem, schemaToWords, dropFields('cache_control')];

/** The smallest budget that is taken. Tokens. */
const smallestBudget = 1024;

/** "`max_tokens` must be greater than `thinking.budget_tokens`", also when a limit of the config came after the budget. */
export const fitBudget: BodyEdit = (body) => {
  const { thinking, max_tokens: limit } = body;
  const budget = isObject(thinking) ? thinking['budget_tokens'] : undefined;
  if (!isObject(thinking) || typeof budget !== 'number' || typeof limit !== 'number' || budget < limit) return body;
  const half = Math.floor(limit / 2);
  return half < smallestBudget
    ? without(body, 'thinking')
    : { ...body, thinking: { ...thinking, budget_tokens: half } };
};

const attachments = new Map<unknown, string>([
  ['image', 'image'],
  ['document', 'document'],
]);

/** Says in the place of each image or document that this model could not see it, also within results of tools. */
export const omitAttachmentBlocks: BodyEdit = editMessages((message) => {
  const content = omitted(message['content']);
  return content === message['content'] ? message : { ...message, content };
});

function omitted(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const edited = content.map((block: unknown) => {
    if (!isObject(block)) return block;
    const name = attachments.get(block['type']);
    if (name !== undefined) return { type: 'text', text: `[${name} omitted: this model reads text only]` };
    if (block['type'] !== 'tool_result') return block;
    const inner = omitted(block['content']);
    return inner === block['content'] ? block : { ...block, content: inner };
  });
  return edited.every((block, index) => block === content[index]) ? content : edited;
}
