import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { budgetOfEffort, isEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropOpenAiFields, formatToInstruction, hasFormat, nameJson, schemaToInstruction,
  softenToolChoice, useMaxTokens, without, type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { errorCodes } from './errorRules.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';

const thinkingPage = 'alibabacloud.com/help/en/model-studio/deep-thinking';
const errorsPage = 'alibabacloud.com/help/en/model-studio/error-code';

/** DashScope, including the models of other makers that it serves. */
export const qwen: ProviderQuirk = {
  name: 'qwen',
  aliases: ['dashscope', 'alibaba', 'bailian'],
  hosts: ['aliyuncs.com'],
  reasoning: { arrives: 'in `reasoning_content`', source: 'providers.md, "Qwen / DashScope"' },
  errors: [
    // Here the code of an empty account means the tokens of a minute.
    cite(
      `${errorsPage}, "Throttling"`,
      errorCodes({
        'rate-limited': [
          'insufficient_quota', 'limit_requests', 'limit_burst_rate', 'throttling', 'throttling_ratequota',
          'throttling_burstrate', 'throttling_allocationquota',
        ],
        quota: ['arrearage', 'allocationquota_freetieronly', 'commoditynotpurchased', 'prepaidbilloverdue', 'postpaidbilloverdue'],
      }),
    ), // prettier-ignore
    cite(errorsPage, {
      change: '"Range of input length should be …" means a prompt longer than the context window.',
      anywhere: true,
      words: [{ pattern: /\brange of input length should be\b/i, kind: 'context-length' }],
    }),
    cite('qwen-code#7332', {
      change: 'If a model cannot turn thinking off, the request is retried without an effort.',
      anywhere: true,
      rejects: [{ pattern: /\benable_thinking parameter is restricted to true\b/i, what: 'effort' }],
    }),
  ],
  wires: {
    'anthropic-messages': () => ({ edits: [...plainMessages] }),
    'openai-chat': ({ model }) => ({
      // Models of other makers keep their own rule.
      ...(/qwen|qwq|qvq/.test(model) ? { replay: { policy: 'real', source: 'vercel/ai#20871; qwen-code#5637' } } : {}),
      ...(model.includes('glm') ? { think: { tags: 'closer-alone', source: 'qwen-code#6007' } } : {}),
      edits: [
        cite(
          '"unknown variant `file`, expected `text`" (DeepSeek); caution: none of its references has files',
          omitFiles,
        ),
        cite('"developer is not one of [\'system\', …]" (Proma#1496)', developerToSystem),
        cite('caution: all providers know the older name', useMaxTokens),
        cite('caution: only OpenAI uses it', dropOpenAiFields),
        cite('caution: only OpenAI uses it', dropFields('prompt_cache_key')),
        ...thinkingEdits(model),
        cite('qwen-code#5637: Alibaba’s own client does, for every model', preserveThinking),
      ],
    }),
  },
};

/** Whether thinking can be turned on or off. */
type Thinking = 'always' | 'never' | 'on-demand';

function thinkingOf(model: string): Thinking {
  if (/thinking|qwq|qvq|qwen3\.[89]-max|deepseek-r1|kimi-k(2\.[7-9]|3)|minimax/.test(model)) return 'always';
  return /coder|instruct|qwen-(max|long|mt)|qwen2/.test(model) ? 'never' : 'on-demand';
}

function thinkingEdits(model: string): BodyEdit[] {
  const formats = cite(
    'alibabacloud.com/help/en/model-studio/qwen-structured-output',
    readsSchemas(model) ? nameJson : schemaToInstruction,
  );
  const thinking = thinkingOf(model);
  switch (thinking) {
    case 'never':
      return [cite(thinkingPage, dropFields('reasoning_effort', 'enable_thinking', 'thinking_budget')), formats];
    case 'always':
      return [
        cite('"enable_thinking parameter is restricted to True" (qwen-code#7332)', limitThinking),
        cite('"tool_choice parameter does not support … in thinking mode" (eino#994)', softenToolChoice()),
        cite(
          '"Json mode response is not supported when enable_thinking is true" (providers.md, "Qwen / DashScope")',
          instructFormat,
        ),
        ...streamThinking(model),
      ];
    case 'on-demand':
      return [
        cite(thinkingPage, switchThinking),
        cite('"tool_choice parameter does not support … in thinking mode" (eino#994)', forceWithoutThinking),
        cite(
          '"Json mode response is not supported when enable_thinking is true" (providers.md, "Qwen / DashScope")',
          formatWithoutThinking,
        ),
        formats,
        ...streamThinking(model),
      ];
    default:
      return thinking satisfies never;
  }
}

/** Other models only support `json_object`. */
function readsSchemas(model: string): boolean {
  return /qwen3\.[7-9]-(plus|flash|max)|qwen-plus/.test(model);
}

/** Above `low`, the model's default budget applies. */
function budgetFor(effort: unknown): JsonObject {
  return effort === 'minimal' || effort === 'low' ? { thinking_budget: budgetOfEffort(effort) } : {};
}

const limitThinking: BodyChange = {
  change: '`reasoning_effort` up to `low` becomes a `thinking_budget`; thinking is not turned off.',
  edit: (body) => {
    const rest = without(body, 'reasoning_effort', ...(body['enable_thinking'] === false ? ['enable_thinking'] : []));
    const effort = body['reasoning_effort'];
    return { ...budgetFor(effort === 'none' ? 'minimal' : effort), ...rest };
  },
};

const switchThinking: BodyChange = {
  change: '`reasoning_effort` becomes `enable_thinking`, and up to `low` a `thinking_budget`.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    return { enable_thinking: effort !== 'none', ...budgetFor(effort), ...without(body, 'reasoning_effort') };
  },
};

const forceWithoutThinking: BodyChange = {
  change: 'A `tool_choice` that forces a tool turns thinking off.',
  edit: (body) => {
    const choice = body['tool_choice'];
    return choice === 'required' || isObject(choice) ? withoutThinking(body) : body;
  },
};

const formatWithoutThinking: BodyChange = {
  change: 'A JSON answer turns thinking off.',
  edit: (body) => (hasFormat(body) ? withoutThinking(body) : body),
};

function withoutThinking(body: JsonObject): JsonObject {
  return { ...without(body, 'thinking_budget'), enable_thinking: false };
}

const instructFormat: BodyChange = {
  change: 'The JSON answer format becomes an instruction.',
  edit: formatToInstruction,
};

function streamThinking(model: string): BodyEdit[] {
  if (!/qwen3-\d+(\.\d+)?b/.test(model)) return [];
  return [
    cite(`"parameter.enable_thinking must be set to false for non-streaming calls" (${errorsPage})`, {
      change: 'A stream is requested even if the client does not stream.',
      edit: (body) =>
        body['stream'] === true || body['enable_thinking'] === false
          ? body
          : { ...body, stream: true, stream_options: { include_usage: true } },
    }),
  ];
}

const preserveThinking: BodyChange = {
  change: '`preserve_thinking` is set, so that the model uses reasoning of earlier turns.',
  edit: (body) => (body['enable_thinking'] === false ? body : { preserve_thinking: true, ...body }),
};
