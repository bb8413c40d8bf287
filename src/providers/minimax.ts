import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropMessageNames, dropOpenAiFields, editFunctions, isObject, omitAttachments,
  onlyAutoToolChoice, thinkingIsOff, useMaxTokens, without, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { omitAttachmentBlocks, plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';
import type { DetailsForm } from './replay.ts';

const detailsFormat = 'MiniMax-response-v1';

/**
 * With `reasoning_split` it sends `reasoning_details` and wants them back verbatim; a `reasoning_content` string is not
 * supported (opencodex#3132). Else its thinking stands in tags (test/fixtures/providers/minimax-*.sse). At other hosts the
 * chat template takes the string.
 */
export const minimax: ProviderQuirk = {
  name: 'minimax',
  aliases: ['minimaxi'],
  hosts: ['minimax.io', 'minimaxi.com', 'minimax.chat'],
  family: /minimax/,
  wires: {
    'openai-chat': ({ model, own }) => ({
      features: { images: readsImages(model) },
      replay: own ? 'details' : 'real',
      details,
      edits: [
        developerToSystem,
        useMaxTokens,
        noteLaterSystem,
        requireParameters,
        ...(readsImages(model) ? [] : [omitAttachments]),
        ...(own
          ? [
              dropOpenAiFields,
              dropFields('prompt_cache_key', 'frequency_penalty', 'presence_penalty'),
              dropMessageNames,
              onlyAutoToolChoice,
              clampTemperature,
              mapEffort(model),
              splitReasoning,
            ]
          : []),
      ],
    }),
    'anthropic-messages': ({ model }) => ({
      replay: 'real',
      edits: [...plainMessages, ...(readsImages(model) ? [] : [omitAttachmentBlocks])],
    }),
  },
};

const details: DetailsForm = {
  isOwn: ({ format }) => format === undefined || format === detailsFormat,
  fromText: (text, messageIndex) => ({
    reasoning_details: [
      { type: 'reasoning.text', id: `reasoning-text-${messageIndex}`, format: detailsFormat, index: 0, text },
    ],
  }),
};

/** M1 and M2 read text only. Of later ones too little is known to leave an image out. */
function readsImages(model: string): boolean {
  return !/m[12]\b|text/.test(model);
}

const splitReasoning: BodyEdit = (body) => ({ ...body, reasoning_split: true });

/**
 * "chat content has invalid message role: system" for one after the first other message (CodexPlusPlus#267). It becomes
 * a note from the user, where it stands: moved to the top it would spoil the prompt cache of all that follows.
 */
const noteLaterSystem: BodyEdit = (body) => {
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

/** "function parameters is empty" (qwen-code#11834). */
const requireParameters = editFunctions((declared) =>
  isObject(declared['parameters']) && Object.keys(declared['parameters']).length > 0
    ? declared
    : { ...declared, parameters: { type: 'object', properties: {} } },
);

/** Above 0, up to 1 (providers.md, "MiniMax"). */
const clampTemperature: BodyEdit = (body) => {
  const { temperature } = body;
  if (typeof temperature !== 'number' || (temperature > 0 && temperature <= 1)) return body;
  return { ...body, temperature: temperature > 1 ? 1 : 0.01 };
};

/** M3.1 has efforts; M3 thinks or does not; M2 always thinks (providers.md, "MiniMax"). */
function mapEffort(model: string): BodyEdit {
  return (body) => {
    const effort = body['reasoning_effort'];
    const canStop = /m3\b(?!\.)/.test(model);
    const rest = !canStop && thinkingIsOff(body) ? without(body, 'thinking') : body;
    if (!isEffort(effort)) return rest;
    if (/m3\.\d/.test(model))
      return { ...rest, reasoning_effort: nearestEffort(effort, ['low', 'medium', 'high', 'max']) };
    const bare = without(rest, 'reasoning_effort');
    return canStop && effort === 'none' ? { ...bare, thinking: { type: 'disabled' } } : bare;
  };
}
