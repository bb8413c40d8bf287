import { isObject } from '../canonical/json.ts';
import type { BodyChange } from './bodyEdits.ts';
import { cite } from './cite.ts';
import {
  grammarSchemas,
  localResponses,
  nameOneTool,
  omitRemoteImages,
  templateEdits,
  templateThink,
} from './localServer.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

/** LM Studio on its default port. */
export const lmstudio: ProviderQuirk = {
  name: 'lmstudio',
  aliases: ['lm-studio'],
  localPort: '1234',
  reasoning: { arrives: 'in `reasoning_content`, or in `<think>` tags', source: 'providers.md, "Local"' },
  wires: {
    'openai-responses': () => ({
      surface: { takes: localResponses, source: 'lmstudio.ai/docs, "Responses"' },
    }),
    'anthropic-messages': () => ({ edits: [...plainMessages] }),
    'openai-chat': ({ model }) => ({
      ...templateThink(model),
      schemas: grammarSchemas,
      replay: { policy: 'real', source: 'caution: the chat template takes the string, as llama.cpp’s does' },
      emptyAnswer: cite('lmstudio-bug-tracker#2339', silentOverflow),
      edits: [
        ...templateEdits(model),
        cite(
          '"Invalid tool_choice type: \'object\'. Supported string values: none, auto, required" (lmstudio-bug-tracker#670)',
          nameOneTool,
        ),
        cite("\"'response_format.type' must be 'json_schema' or 'text'\"", anyObject),
        cite('"\'url\' field must be a base64 encoded image."', omitRemoteImages),
      ],
    }),
  },
};

const silentOverflow = {
  change: 'The error for an empty answer states the usual cause: the prompt is longer than the loaded context.',
  means:
    'LM Studio does that when the conversation is longer than the context that the model was loaded with: load it with a longer one.',
};

const anyObject: BodyChange = {
  change: 'The answer format `json_object` becomes a JSON schema that allows any object.',
  edit: (body) => {
    const format = body['response_format'];
    if (!isObject(format) || format['type'] !== 'json_object') return body;
    const schema = { name: 'answer', schema: { type: 'object' } };
    return { ...body, response_format: { type: 'json_schema', json_schema: schema } };
  },
};
