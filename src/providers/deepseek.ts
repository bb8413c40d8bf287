import { blocksOf } from '../canonical/contentBlocks.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  askForTheRest, developerToSystem, dropFields, dropMessageNames, dropOpenAiFields, editMessages, objectsIn, omitAttachments,
  schemaToInstruction, softenToolChoice, thinkingIsOff, useMaxTokens, without, type BodyChange,
} from './bodyEdits.ts'; // prettier-ignore
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { omitAttachmentBlocks, plainMessages } from './messagesEdits.ts';
import { isThinking } from './messagesLimits.ts';
import type { ProviderQuirk, SchemaRule } from './quirk.ts';
import {
  adjoinOutputs, developerItemsToSystem, omitAttachmentParts, requireReasoningItems,
} from './responsesEdits.ts'; // prettier-ignore
import { messagesSurface, moreFields } from './surfaces.ts';
import { commonSchemaProfile } from './toolSchemas.ts';

const efforts = ['low', 'high', 'max'] as const;

const parameters = 'api-docs.deepseek.com, "Create chat completion"';

const schemas: SchemaRule = {
  profile: commonSchemaProfile,
  source: '"schema must be a JSON Schema of \'type: "object"\', got \'type: null\'" (codex#37786)',
};

export const deepseek: ProviderQuirk = {
  name: 'deepseek',
  hosts: ['deepseek.com'],
  family: /deepseek/,
  reasoning: {
    arrives: 'in `reasoning_content`, unless told not to think',
    source: 'test/fixtures/providers/deepseek-reasoning-tool-call.sse',
  },
  wires: {
    'openai-chat': ({ model, own }) => ({
      features: { has: { images: readsImages(model) }, source: 'nextcloud#284' },
      schemas,
      replay: { policy: 'required', source: 'opencode#24083' },
      edits: [
        cite(
          '"unknown variant `file`, expected `text`" (DeepSeek); caution: none of its references has files',
          omitFiles,
        ),
        cite('"unknown variant `developer`" (9router#773)', developerToSystem),
        cite(parameters, useMaxTokens),
        cite('"This response_format type is unavailable now" (inspect_ai#4916)', schemaToInstruction),
        ...(readsImages(model)
          ? []
          : [cite('"unknown variant `image_url`, expected `text`" (nextcloud#284)', omitAttachments)]),
        ...(own
          ? [
              cite(`caution: not in ${parameters}`, dropOpenAiFields),
              cite(`caution: not in ${parameters}`, dropFields('prompt_cache_key', 'top_k')),
              cite('caution: the model has no use for it', dropMessageNames),
              cite('providers.md, "DeepSeek"', mapEffort),
              cite('"The last message of … must be a user message" (gptme#467, litellm#8090)', askForTheRest),
            ]
          : []),
        cite(
          '"Thinking mode does not support this tool_choice" (DeepSeek-V3#1376)',
          softenToolChoice('unless thinking is off', (body) => !thinkingIsOff(body)),
        ),
      ],
    }),
    'openai-responses': ({ model }) => ({
      features: { has: { images: readsImages(model) }, source: 'nextcloud#284' },
      schemas,
      replay: { policy: 'required', source: 'opencodex#1534' },
      edits: [
        cite('the role is refused there too, or was (hermes-studio#1926)', developerItemsToSystem),
        ...(readsImages(model) ? [] : [cite('nextcloud#284', omitAttachmentParts)]),
        cite('outputs must be adjacent to their calls (opencodex#1292)', adjoinOutputs),
        cite('the rule of Chat Completions, for `reasoning_text` (opencodex#1534)', requireReasoningItems),
      ],
      // Some clients drop reasoning that is not encrypted, so the writer seals it.
      frames: { relayed: 'nothing', source: 'vercel/ai drops reasoning without `encrypted_content`' },
    }),
    'anthropic-messages': () => ({
      surface: {
        takes: moreFields(messagesSurface, 'output_config'),
        source: 'api-docs.deepseek.com, "Anthropic API": of `output_config` the effort',
      },
      schemas,
      replay: { policy: 'required', source: 'openclaw#71998' },
      edits: [
        ...plainMessages,
        cite('api-docs.deepseek.com, "Anthropic API"', omitAttachmentBlocks),
        cite(
          '"The `content[].thinking` in the thinking mode must be passed back" (openclaw#71998)',
          requireThinkingBlocks,
        ),
      ],
    }),
  },
};

/** Flash from V4.1 on (api-docs.deepseek.com, "Vision"), and the open-weight vision models. */
function readsImages(model: string): boolean {
  return /ocr|vl|vision|deepseek-(v4\.1-)?flash/.test(model);
}

const mapEffort: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `low`, `high` and `max`; `none` turns thinking off.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    const rest = without(body, 'reasoning_effort');
    if (effort === 'none') return { ...rest, thinking: { type: 'disabled' } };
    return thinkingIsOff(body) ? rest : { ...rest, reasoning_effort: nearestEffort(effort, efforts) };
  },
};

const requireThinkingBlocks: BodyChange = {
  change: 'Once a tool was called, a turn whose thinking was lost gets an empty thinking block.',
  edit: (body) => {
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
  },
};

function isToolUse({ type }: JsonObject): boolean {
  return type === 'tool_use';
}
