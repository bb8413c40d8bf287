import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropMessageNames, dropOpenAiFields, editMessages, objectsIn, omitAttachments,
  schemaToInstruction, softenToolChoice, thinkingIsOff, useMaxTokens, without, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { blocksOf, omitAttachmentBlocks, plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** providers.md, "DeepSeek": guides/thinking_mode. */
const efforts = ['low', 'high', 'max'] as const;

/**
 * Thinks unless told not to, and then wants its reasoning back once a tool was called
 * (opencode#24083; test/fixtures/providers/deepseek-reasoning-tool-call.sse).
 */
export const deepseek: ProviderQuirk = {
  name: 'deepseek',
  hosts: ['deepseek.com'],
  family: /deepseek/,
  wires: {
    'openai-chat': ({ model, own }) => ({
      features: { images: readsImages(model) },
      replay: 'required',
      edits: [
        // "unknown variant `developer`" (9router#773).
        developerToSystem,
        useMaxTokens,
        // "This response_format type is unavailable now" for a schema (inspect_ai#4916).
        schemaToInstruction,
        ...(readsImages(model) ? [] : [omitAttachments]),
        ...(own ? [dropOpenAiFields, dropFields('prompt_cache_key'), dropMessageNames, mapEffort] : []),
        // "Thinking mode does not support this tool_choice" (DeepSeek-V3#1376).
        softenToolChoice((body) => !thinkingIsOff(body)),
      ],
    }),
    'openai-responses': () => ({ replay: 'required' }),
    // docs, "Anthropic API": images and documents are not supported; of output_config only the effort is.
    'anthropic-messages': () => ({
      replay: 'required',
      edits: [...plainMessages, omitAttachmentBlocks, requireThinkingBlocks],
    }),
  },
};

/** "unknown variant `image_url`, expected `text`" (nextcloud#284), but for the open weights that see. */
function readsImages(model: string): boolean {
  return /ocr|vl/.test(model);
}

const mapEffort: BodyEdit = (body) => {
  const effort = body['reasoning_effort'];
  if (!isEffort(effort)) return body;
  const rest = without(body, 'reasoning_effort');
  if (effort === 'none') return { ...rest, thinking: { type: 'disabled' } };
  return thinkingIsOff(body) ? rest : { ...rest, reasoning_effort: nearestEffort(effort, efforts) };
};

/**
 * The rule of the chat wire holds here too: "The `content[].thinking` in the thinking mode must be passed back"
 * (openclaw#71998). Reasoning that is lost becomes an empty block.
 */
const requireThinkingBlocks: BodyEdit = (body) => {
  if (thinkingIsOff(body)) return body;
  const first = objectsIn(body['messages']).findIndex((message) => objectsIn(message['content']).some(isToolUse));
  if (first === -1) return body;
  return editMessages((message, index) => {
    if (message['role'] !== 'assistant' || index < first || objectsIn(message['content']).some(isThinking))
      return message;
    return {
      ...message,
      content: [{ type: 'thinking', thinking: '', signature: '' }, ...blocksOf(message['content'])],
    };
  })(body);
};

function isToolUse({ type }: JsonObject): boolean {
  return type === 'tool_use';
}

function isThinking({ type }: JsonObject): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}
