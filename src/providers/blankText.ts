import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { BodyChange } from './bodyEdits.ts';

/** Replaces the content of an empty message. Claude Code uses the same text. */
const nothing = { type: 'text', text: '(no content)' };

/**
 * Clients keep text blocks that a model opened and never filled, or send a blank line with an image. Empty messages are
 * refused too, so a placeholder is added; only the last assistant message may be empty.
 */
export const omitBlankText: BodyChange = {
  change: 'Blank text blocks are dropped; a message with no other content gets the text `(no content)`.',
  edit: (body) => {
    const { system, messages } = body;
    const edited = Array.isArray(messages)
      ? messages.map((message: unknown, index) =>
          isObject(message) ? fill(message, index === messages.length - 1) : message,
        )
      : messages;
    const kept = withoutBlanks(system);
    const same = Array.isArray(messages) && Array.isArray(edited) && edited.every((each, at) => each === messages[at]);
    if (kept === system && (same || edited === messages)) return body;
    const { system: _, ...rest } = body;
    const isEmpty = Array.isArray(kept) && kept.length === 0;
    return { ...rest, ...(isEmpty || kept === undefined ? {} : { system: kept }), messages: same ? messages : edited };
  },
};

function fill(message: JsonObject, last: boolean): JsonObject {
  const { content, role } = message;
  // A system message may state nothing but the effort from there on (CLIProxyAPI#5738).
  const mayBeEmpty = (last && role === 'assistant') || (role === 'system' && 'output_config' in message);
  if (typeof content === 'string')
    return content.trim() !== '' || mayBeEmpty ? message : { ...message, content: nothing.text };
  const kept = withoutBlanks(content);
  if (Array.isArray(kept) && kept.length === 0 && !mayBeEmpty) return { ...message, content: [nothing] };
  return kept === content ? message : { ...message, content: kept };
}

/** Also drops blank blocks in tool results, which may become empty. Returns the same list if nothing is dropped. */
function withoutBlanks(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const kept: unknown[] = [];
  for (const block of content as unknown[]) {
    if (!isObject(block)) kept.push(block);
    else if (isBlank(block)) moveMark(kept, block);
    else kept.push(block['type'] === 'tool_result' ? withInner(block) : block);
  }
  return kept.length === content.length && kept.every((block, index) => block === content[index]) ? content : kept;
}

function isBlank({ type, text }: JsonObject): boolean {
  return type === 'text' && typeof text === 'string' && text.trim() === '';
}

function withInner(block: JsonObject): JsonObject {
  const inner = withoutBlanks(block['content']);
  return inner === block['content'] ? block : { ...block, content: inner };
}

/** Moves the cache mark of a dropped block to the block before it. Thinking blocks can't have a mark. */
function moveMark(kept: unknown[], { cache_control: mark }: JsonObject): void {
  const last = kept.at(-1);
  if (!mark || !isObject(last) || 'cache_control' in last || String(last['type']).endsWith('thinking')) return;
  kept[kept.length - 1] = { ...last, cache_control: mark };
}
