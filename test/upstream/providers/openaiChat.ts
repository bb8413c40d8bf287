import { compareReplays, readChat } from '../chatRead.ts';
import { checkChat, commonFields } from '../chatRules.ts';
import {
  askedUsageFrame,
  chatReply,
  chunk,
  deltaFrame,
  doneFrame,
  finishFrame,
  openAiUsage,
  toolDeltas,
  wantsUsage,
} from '../chatWrite.ts';
import { objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import { checkOpenAiChatRequest } from '../requestRules.ts';

const fields = [
  ...commonFields,
  'stream_options',
  'max_completion_tokens',
  'n',
  'seed',
  'store',
  'metadata',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'frequency_penalty',
  'presence_penalty',
  'reasoning_effort',
  'service_tier',
  'prompt_cache_key',
  'safety_identifier',
  'verbosity',
  'modalities',
  'audio',
  'prediction',
  'web_search_options',
];
const messageFields = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'refusal', 'audio'];

/** Sends no reasoning and refuses it in requests. Parallel tool calls interleave, as the wire allows. */
export const openAiChat: Profile = {
  path: '/chat/completions',
  check,
  read: readChat,
  replays: (body, sent) => compareReplays(body, sent, () => undefined),
  callId: ({ serial, index }) => `call_${String(serial).padStart(20, '0')}${index}`,
  proof: () => undefined,
  errorBody: (refusal) => ({
    error: { message: refusal.message, type: errorType(refusal.status), param: null, code: refusal.code ?? null },
  }),
  frames,
  errorFrame: (refusal) =>
    dataFrame({ error: { message: refusal.message, type: 'server_error', param: null, code: null } }),
  replyBody: (reply) =>
    chatReply(reply, { content: reply.turn.text === '' ? null : reply.turn.text, refusal: null }, openAiUsage(reply)),
};

export function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function check(body: JsonObject): void {
  checkOpenAiChatRequest(body);
  checkChat(body, {
    fields: { known: fields, refuse: (field) => new Refusal(`Unrecognized request argument supplied: ${field}`) },
    roles: {
      known: ['developer', 'system', 'user', 'assistant', 'tool'],
      refuse: (role) =>
        new Refusal(
          `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
        ),
    },
    messageFields: {
      known: messageFields,
      refuse: (field, index) =>
        new Refusal(`Additional properties are not allowed ('${field}' was unexpected) - 'messages.${index}'`),
    },
    images: true,
    files: true,
    refusePart: (type) => new Refusal(`Invalid value: '${type}'.`),
    toolOrder: {
      unanswered: (ids) =>
        new Refusal(
          `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
        ),
      orphan: () =>
        new Refusal(
          "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
        ),
    },
  });
  if ('stream_options' in body && body['stream'] !== true) {
    throw new Refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
  checkModel(body);
  if (('tool_choice' in body || 'parallel_tool_calls' in body) && !('tools' in body)) {
    throw new Refusal("'tool_choice' and 'parallel_tool_calls' are only allowed when 'tools' are specified.");
  }
}

// providers.md, "OpenAI"; openai-openapi#541, litellm#34569, and 9router#560.
function checkModel(body: JsonObject): void {
  const model = stringOf(body['model']);
  if (!/^(o\d|gpt-[5-9])/.test(model) || model.includes('chat')) {
    if (effortsOf(model) === undefined && 'reasoning_effort' in body)
      throw new Refusal('Unrecognized request argument supplied: reasoning_effort');
    return;
  }
  if ('max_tokens' in body) {
    throw new Refusal(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      400,
      'unsupported_parameter',
    );
  }
  for (const name of ['temperature', 'top_p']) {
    const value = body[name];
    if (value !== undefined && value !== 1) {
      throw new Refusal(
        `Unsupported value: '${name}' does not support ${String(value)} with this model. Only the default (1) value is supported.`,
        400,
        'unsupported_value',
      );
    }
  }
  for (const name of ['stop', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias']) {
    if (name in body) {
      throw new Refusal(
        `Unsupported parameter: '${name}' is not supported with this model.`,
        400,
        'unsupported_parameter',
      );
    }
  }
  checkEffort(model, body['reasoning_effort'], objectsOf(body['tools']).length > 0);
}

function checkEffort(model: string, effort: unknown, tools: boolean): void {
  const efforts = effortsOf(model) ?? [];
  if (effort !== undefined && !efforts.includes(stringOf(effort))) {
    throw new Refusal(
      `Unsupported value: 'reasoning_effort' does not support '${String(effort)}' with this model. Supported values are: ${efforts.map((each) => `'${each}'`).join(', ')}.`,
      400,
      'unsupported_value',
    );
  }
  if (!tools) return;
  if (/^gpt-5\.[45]/.test(model) && effort !== undefined && effort !== 'none') {
    throw new Refusal(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. Please use /v1/responses instead.`,
    );
  }
  if (/^gpt-(5\.[6-9]|[6-9])/.test(model) && effort !== 'none') {
    throw new Refusal(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
    );
  }
}

/** models.dev#2351, opencode#26268: the efforts of each generation; undefined for a model without reasoning. */
export function effortsOf(model: string): string[] | undefined {
  if (/^(chatgpt|gpt-[34]|gpt-5-chat)/.test(model)) return undefined;
  if (model.includes('chat')) return ['medium'];
  if (model.startsWith('o')) return ['low', 'medium', 'high'];
  if (/^gpt-5(-|$)/.test(model)) return ['minimal', 'low', 'medium', 'high'];
  if (model.startsWith('gpt-5.1')) return ['none', 'low', 'medium', 'high'];
  const most = ['none', 'low', 'medium', 'high', 'xhigh'];
  return /^gpt-5\.[2-5]/.test(model) ? most : [...most, 'max'];
}

function frames(reply: Reply): Frame[] {
  const withUsage = wantsUsage(reply.body);
  const extra: JsonObject = withUsage ? { usage: null } : {};
  return [
    dataFrame(
      chunk(reply, { role: 'assistant', content: reply.turn.text === '' ? null : '', refusal: null }, null, extra),
    ),
    ...reply.pieces(reply.turn.text).map((piece) => deltaFrame(reply, { content: piece }, extra)),
    ...toolDeltas(reply, 'interleaved').map((call) => deltaFrame(reply, { tool_calls: [call] }, extra)),
    finishFrame(reply, {}, extra),
    ...askedUsageFrame(reply, openAiUsage(reply)),
    doneFrame,
  ];
}
