import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropMessageNames, formatToInstruction, hasFormat, keepFields, nameJson, objectsIn, omitAttachments,
  schemaToInstruction, useMaxTokens, without, type BodyChange,
} from './bodyEdits.ts'; // prettier-ignore
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { errorCodes } from './errorRules.ts';
import type { ProviderQuirk } from './quirk.ts';
import { capStops } from './samplingEdits.ts';
import { fewerFields, responsesSurface, strict } from './surfaces.ts';

const reference = 'console.groq.com/docs/api-reference, "Create chat completion"';

/** Without `logprobs`, `top_logprobs` and `logit_bias`, which console.groq.com/docs/openai calls a 400. */
const fields = [
  'model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'response_format',
  'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'stop', 'n', 'seed', 'frequency_penalty',
  'presence_penalty', 'reasoning_effort', 'reasoning_format', 'include_reasoning', 'service_tier', 'user', 'metadata',
  'documents', 'search_settings', 'compound_custom', 'disable_tool_validation', 'citation_options',
] as const; // prettier-ignore

export const groq: ProviderQuirk = {
  name: 'groq',
  hosts: ['groq.com'],
  reasoning: { arrives: 'in `reasoning`', source: 'providers.md, "Groq"' },
  errors: [
    // Groq reports malformed calls or JSON from the model as if the request were wrong.
    {
      ...cite('groq-typescript#28', errorCodes({ upstream: ['tool_use_failed', 'json_validate_failed'] })),
      anywhere: true,
    },
  ],
  wires: {
    'openai-responses': () => ({
      surface: {
        takes: {
          ...fewerFields(strict(responsesSurface), 'include', 'prompt_cache_key', 'max_tool_calls', 'top_logprobs'),
          include: [],
        },
        source: 'console.groq.com/docs/responses-api, "Unsupported features"',
      },
    }),
    'openai-chat': ({ model }) => ({
      features: { has: { images: readsImages(model) }, source: 'console.groq.com/docs/vision' },
      replay: { policy: 'none', source: '"property \'reasoning_content\' is unsupported" (jan#8136)' },
      edits: [
        cite(
          '"unknown variant `file`, expected `text`" (DeepSeek); caution: none of its references has files',
          omitFiles,
        ),
        cite('caution: `developer` is refused by many (9router#773)', developerToSystem),
        cite('caution: all providers know the older name', useMaxTokens),
        cite('console.groq.com/docs/openai', dropMessageNames),
        cite('console.groq.com/docs/api-reference: "Up to 4 sequences"', capStops(4)),
        ...(readsImages(model) ? [] : [cite('console.groq.com/docs/vision', omitAttachments)]),
        cite('"reasoning_effort must be one of none or default" (pi#1745)', mapEffort(model)),
        cite('"json mode cannot be combined with tool/function calling" (vercel/ai#10023)', chooseTools),
        ...(readsSchemas(model)
          ? [cite("\"'messages' must contain the word 'json'\" (vercel/ai#7303)", nameJson)]
          : [cite('console.groq.com/docs/structured-outputs, "Supported models"', schemaToInstruction)]),
        cite('"response_format` does not support streaming" (litellm#4804)', answerWhole),
        cite(`"property 'prompt_cache_key' is unsupported" (eigent#1827); ${reference}`, keepFields(fields)),
      ],
    }),
  },
};

function readsImages(model: string): boolean {
  return /llama-4|qwen3\.[68]/.test(model);
}

function readsSchemas(model: string): boolean {
  return /gpt-oss|kimi-k2|llama-4/.test(model);
}

function mapEffort(model: string): BodyChange {
  if (model.includes('gpt-oss')) {
    return {
      change: '`reasoning_effort` becomes the nearest of `low`, `medium` and `high`.',
      edit: (body) => {
        const effort = body['reasoning_effort'];
        return isEffort(effort)
          ? { ...body, reasoning_effort: nearestEffort(effort, ['low', 'medium', 'high']) }
          : body;
      },
    };
  }
  if (/qwen-?3/.test(model)) {
    return {
      change: '`reasoning_effort` becomes `default`, unless it is `none`.',
      edit: (body) => {
        const effort = body['reasoning_effort'];
        return isEffort(effort) && effort !== 'none' ? { ...body, reasoning_effort: 'default' } : body;
      },
    };
  }
  return { change: '`reasoning_effort` is left out.', edit: (body) => without(body, 'reasoning_effort') };
}

const chooseTools: BodyChange = {
  change: 'With tools, the answer format becomes an instruction.',
  edit: (body) => (objectsIn(body['tools']).length > 0 ? formatToInstruction(body) : body),
};

const answerWhole: BodyChange = {
  change: 'JSON answers are requested without streaming; the client still gets a stream if it asked for one.',
  edit: (body) =>
    hasFormat(body) && body['stream'] === true ? { ...without(body, 'stream_options'), stream: false } : body,
};
