import { isEffort } from '../reasoning/effort.ts';
import {
  developerToSystem,
  dropFields,
  dropOpenAiFields,
  softenToolChoice,
  useMaxTokens,
  without,
  type BodyEdit,
} from './bodyEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/**
 * DashScope. Its GLM streams thinking as text, with a closing tag and no opening one (qwen-code#6007). What it does with
 * reasoning in the history depends on the model: Qwen ignores it (vercel/ai, alibaba).
 */
export const qwen: ProviderQuirk = {
  name: 'qwen',
  aliases: ['dashscope', 'alibaba', 'bailian'],
  hosts: ['aliyuncs.com'],
  wires: {
    'openai-chat': ({ model, own }) => ({
      think: { impliedOpener: model.includes('glm') },
      edits: [
        developerToSystem,
        useMaxTokens,
        // "The tool_choice parameter does not support being set to required or object in thinking mode" (eino#994).
        softenToolChoice((body) => body['enable_thinking'] !== false),
        ...(own ? [dropOpenAiFields, dropFields('prompt_cache_key'), mapEffort] : []),
      ],
    }),
  },
};

const mapEffort: BodyEdit = (body) => {
  const effort = body['reasoning_effort'];
  if (!isEffort(effort)) return body;
  const rest = without(body, 'reasoning_effort');
  return effort === 'none' ? { enable_thinking: false, ...rest } : rest;
};
