import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  capMaxTokens, developerToSystem, dropFields, dropMessageNames, dropOpenAiFields, dropStrict, isObject, objectsIn,
  omitAttachments, onlyAutoToolChoice, schemaToInstruction, softenToolChoice, thinkingIsOff, useMaxTokens, without,
  type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { isLocal } from './hosts.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** "max_tokens" above it is a 400 (aihubmix, in providers.md). Tokens. */
const mostOutputTokens = 131_072;

/**
 * Z.AI's and Zhipu's API. Natively, and from most hosts, reasoning comes in its own field or between `<think>` tags
 * (test/fixtures/providers/glm-think-tags.sse); local servers lose the opening one (lmstudio-bug-tracker#1495,
 * mlx-lm#877; test/fixtures/providers/glm-stray-closing-tag.sse).
 */
export const glm: ProviderQuirk = {
  name: 'glm',
  aliases: ['zai', 'zhipu', 'zhipuai', 'bigmodel'],
  hosts: ['z.ai', 'bigmodel.cn'],
  family: /\bglm-/,
  wires: {
    'openai-chat': ({ model, own, hostname }) => ({
      features: { images: readsImages(model) },
      replay: 'real',
      think: { impliedOpener: isLocal(hostname) },
      edits: [
        developerToSystem,
        useMaxTokens,
        capMaxTokens(mostOutputTokens),
        dropStrict,
        ...(readsImages(model) ? [] : [omitAttachments]),
        ...(own
          ? [
              dropOpenAiFields,
              // providers.md, "Z.AI GLM": agentscope's page on GLM.
              dropFields('prompt_cache_key', 'stream_options', 'frequency_penalty', 'presence_penalty'),
              dropMessageNames,
              onlyAutoToolChoice,
              // docs.z.ai, chat completion: response_format is text or json_object.
              schemaToInstruction,
              mapEffort(model),
              keepThinking,
              streamTools,
            ]
          : [softenToolChoice()]),
      ],
    }),
    'anthropic-messages': () => ({ replay: 'real', edits: [...plainMessages] }),
  },
};

/** The models that see have a v behind their version: glm-4.6v. */
function readsImages(model: string): boolean {
  return /glm-\d+(\.\d+)?v/.test(model);
}

/** From 5.3 on thinking can't be turned off ("disabled" is a 400), and has efforts instead (csglite#194). */
function mapEffort(model: string): BodyEdit {
  const always = /glm-(5\.[3-9]|[6-9]|\d\d)/.test(model);
  return (body) => {
    const effort = body['reasoning_effort'];
    const rest = always && thinkingIsOff(body) ? without(body, 'thinking') : body;
    if (!isEffort(effort)) return rest;
    if (always) return { ...rest, reasoning_effort: nearestEffort(effort, ['low', 'high', 'max']) };
    const given = isObject(body['thinking']) ? body['thinking'] : {};
    return {
      ...without(rest, 'reasoning_effort'),
      thinking: { type: effort === 'none' ? 'disabled' : 'enabled', ...given },
    };
  };
}

/**
 * Reasoning that goes back counts only with `clear_thinking: false`, the default at the coding endpoint and not at the
 * standard one (docs.z.ai, thinking mode). Without reasoning in the history there is nothing to keep.
 */
const keepThinking: BodyEdit = (body) => {
  const replayed = objectsIn(body['messages']).some(
    ({ role, reasoning_content: text, reasoning: other }) => role === 'assistant' && Boolean(text || other),
  );
  if (!replayed || thinkingIsOff(body)) return body;
  const given = isObject(body['thinking']) ? body['thinking'] : {};
  return { ...body, thinking: { type: 'enabled', clear_thinking: false, ...given } };
};

/** Without it the arguments of a call come in one piece, at its end (opencrabs#1347). */
const streamTools: BodyEdit = (body) => {
  const streamed = body['stream'] === true && objectsIn(body['tools']).length > 0;
  return streamed ? { tool_stream: true, ...body } : body;
};
