import { blocksOf } from '../canonical/contentBlocks.ts';
import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import {
  editMessages, objectsIn, without, type BodyChange, type BodyEdit, type EditBody,
} from './bodyEdits.ts'; // prettier-ignore
import { cite } from './cite.ts';
import { joinTurns } from './messagesTurns.ts';

// Edits of a Messages body for providers other than Anthropic.

/** Introduces a system message in mid-conversation. */
const note = 'A note from the system, not from the user:';

/** Keeps the position: moving it to the top would invalidate the prompt cache for everything after it. */
const noteLaterSystem: EditBody = (body) => {
  const messages = objectsIn(body['messages']);
  if (!messages.some(isSystem)) return body;
  const merged: JsonObject[] = [];
  for (const message of messages) {
    const edited = isSystem(message)
      ? { role: 'user', content: [{ type: 'text', text: note }, ...blocksOf(message['content'])] }
      : message;
    const last = merged.at(-1);
    // Roles must alternate, so the note is merged with the user messages before and after it.
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

const schemaToWords: EditBody = (body) => {
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

/** Nothing is cached without a mark. Marks on blocks have existed since the API introduced caching. */
function markBlocks(body: JsonObject): JsonObject {
  const { cache_control: mark, ...rest } = body;
  if (!mark) return without(body, 'cache_control');
  const { system, messages } = rest;
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  const last = list.at(-1);
  return {
    ...rest,
    ...(system === undefined ? {} : { system: markLast(blocksOf(system), mark) }),
    ...(isObject(last)
      ? { messages: [...list.slice(0, -1), { ...last, content: markLast(blocksOf(last['content']), mark) }] }
      : {}),
  };
}

/** Thinking blocks can't have a mark. */
function markLast(blocks: unknown[], mark: unknown): unknown[] {
  const last = blocks.at(-1);
  if (!isObject(last) || 'cache_control' in last || String(last['type']).endsWith('thinking')) return blocks;
  return [...blocks.slice(0, -1), { ...last, cache_control: mark }];
}

/** For Messages APIs that may lack newer features of Anthropic's. `cache_control` on blocks is old and is kept. */
export const plainMessages: readonly BodyEdit[] = [
  cite('Claude Code 2.1.330 writes it, and only newer models of Anthropic know it', {
    change: 'A `system` message within the conversation becomes a note in a user message.',
    edit: noteLaterSystem,
  }),
  cite('"roles must alternate between "user" and "assistant"" (Anthropic, before it joined them)', joinTurns),
  cite('caution: newer than what others copied of the API', {
    change: 'A JSON schema for the answer becomes an instruction at the end of the system prompt.',
    edit: schemaToWords,
  }),
  cite('caution: newer than what others copied of the API', {
    change:
      '`cache_control` of the whole request moves to the last block of the system prompt and of the last message.',
    edit: markBlocks,
  }),
];

/** The smallest accepted budget. Tokens. */
const smallestBudget = 1024;

/** "`max_tokens` must be greater than `thinking.budget_tokens`", which a limit from the config can violate. */
const halveBudget: EditBody = (body) => {
  const { thinking, max_tokens: limit } = body;
  const budget = isObject(thinking) ? thinking['budget_tokens'] : undefined;
  if (!isObject(thinking) || typeof budget !== 'number' || typeof limit !== 'number' || budget < limit) return body;
  const half = Math.floor(limit / 2);
  return half < smallestBudget
    ? without(body, 'thinking')
    : { ...body, thinking: { ...thinking, budget_tokens: half } };
};

export const fitBudget: BodyChange = {
  change:
    'A thinking budget that leaves no room for the answer is reduced to half of the output limit, or `thinking` is dropped.',
  edit: halveBudget,
};

const attachments = new Map<unknown, string>([
  ['image', 'image'],
  ['document', 'document'],
]);

/** Replaces images and documents by a note to the model, also in tool results. */
export const omitAttachmentBlocks: BodyChange = {
  change: 'Images and documents are replaced by a note that this model only reads text.',
  edit: editMessages((message) => {
    const content = omitted(message['content']);
    return content === message['content'] ? message : { ...message, content };
  }),
};

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
