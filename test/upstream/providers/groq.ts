import { readChat, replaysIn } from '../chatRead.ts';
import { checkChat, commonFields, contentText, messagesOf } from '../chatRules.ts';
import { chatReply, chunk, deltaFrame, doneFrame, finishFrame, openAiUsage, wholeToolDeltas } from '../chatWrite.ts';
import { isObject, objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import type { Outcome } from '../turn.ts';

// The request of Groq's own SDK (groq-typescript, chat/completions) without what console.groq.com/docs/openai lists as a
// 400: logprobs, logit_bias, top_logprobs, and a name in messages.
const fields = [
  ...commonFields,
  'stream_options',
  'max_completion_tokens',
  'n',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'reasoning_effort',
  'reasoning_format',
  'include_reasoning',
  'service_tier',
  'metadata',
  'documents',
  'search_settings',
  'compound_custom',
  'disable_tool_validation',
  'citation_options',
];
const messageFields = ['role', 'content', 'tool_calls', 'tool_call_id'];

export const groq: Profile = {
  path: '/chat/completions',
  check,
  read: readChat,
  replays: replaysIn('reasoning'),
  callId: ({ serial }) => `fc_${String(serial).padStart(32, '0')}`,
  proof: () => undefined,
  errorBody,
  frames,
  // opencode#1018.
  errorFrame: (refusal) => ({
    text: `event: error\ndata: ${JSON.stringify({ error: { message: refusal.message, type: 'internal_server_error', status_code: 500 } })}\n\n`,
    content: false,
  }),
  replyBody: (reply) => ({
    ...chatReply(
      reply,
      {
        content: reply.turn.text,
        ...(reasons(stringOf(reply.body['model'])) ? { reasoning: reply.turn.reasoning } : {}),
      },
      usage(reply),
    ),
    usage_breakdown: null,
    x_groq: { id: 'req_of_the_stand_in' },
    service_tier: 'on_demand',
  }),
};

/** The model wrote a call that Groq can't parse (groq-typescript#28); a retry often succeeds. */
export const groqToolUseFailed: Outcome & { kind: 'refuse' } = {
  kind: 'refuse',
  status: 400,
  message: "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
  code: 'tool_use_failed',
};

const limitHeaders = {
  'x-ratelimit-limit-requests': '14400',
  'x-ratelimit-limit-tokens': '6000',
  'x-ratelimit-remaining-requests': '14399',
  'x-ratelimit-remaining-tokens': '843',
  'x-ratelimit-reset-requests': '6s',
  'x-ratelimit-reset-tokens': '4.77s',
};

/** eliza#4040. */
export const groqRateLimited: Outcome = {
  kind: 'refuse',
  status: 429,
  headers: { ...limitHeaders, 'retry-after': '5' },
  message:
    'Rate limit reached for model `openai/gpt-oss-120b` in organization `org_of_the_stand_in` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing',
  code: 'rate_limit_exceeded',
};

/** ha-groq-cloud-api#27: more tokens than a minute's limit, so waiting does not help. */
export const groqTooLarge: Outcome = {
  kind: 'refuse',
  status: 413,
  headers: limitHeaders,
  message:
    'Request too large for model `openai/gpt-oss-120b` in organization `org_of_the_stand_in` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 12328, please reduce your message size and try again. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing',
  code: 'rate_limit_exceeded',
};

function errorBody(refusal: Refusal): unknown {
  const type = refusal.code === 'rate_limit_exceeded' ? 'tokens' : 'invalid_request_error';
  const error: JsonObject = { message: refusal.message, type };
  if (refusal.code !== undefined) error['code'] = refusal.code;
  if (refusal.code === 'tool_use_failed') error['failed_generation'] = '<function=exec_command>{"cmd": "ls}</function>';
  return { error };
}

function reasons(model: string): boolean {
  return /gpt-oss|qwen3/.test(model);
}

function seesImages(model: string): boolean {
  return /llama-4|qwen3\.[68]/.test(model);
}

function check(body: JsonObject): void {
  const model = stringOf(body['model']);
  checkChat(body, {
    // eigent#1827, cherry-studio#11435.
    fields: { known: fields, refuse: (field) => new Refusal(`property '${field}' is unsupported`) },
    roles: {
      known: ['system', 'user', 'assistant', 'tool'],
      refuse: (_role, index) => new Refusal(`'messages.${index}' : discriminator property 'role' has invalid value`),
    },
    messageFields: {
      known: [...messageFields, 'reasoning'],
      // jan#8136, freellmapi#1070.
      refuse: (field, index, message) =>
        new Refusal(
          `'messages.${index}' : for 'role:${stringOf(message['role'])}' the following must be satisfied[('messages.${index}' : property '${field}' is unsupported)]`,
        ),
    },
    images: seesImages(model),
    refusePart: (type) => new Refusal(`unsupported content type: ${type}`),
    toolOrder: {
      unanswered: (ids) => new Refusal(`tool call without a result: ${ids.join(', ')}`),
      orphan: (id) => new Refusal(`tool call id not found: ${id}`),
    },
  });
  for (const [index, message] of messagesOf(body).entries()) {
    // vercel/ai#8057.
    if ('reasoning' in message && !reasons(model))
      throw new Refusal(`messages[${index}].reasoning: reasoning is not supported with this model`);
  }
  if ('n' in body && body['n'] !== 1) throw new Refusal("'n' : number must be at most 1");
  checkReasoningOptions(body, model);
  if (objectsOf(body['tools']).length > 128) throw new Refusal("'tools' : maximum number of items is 128");
  checkFormat(body, model);
}

// docs, reasoning: the two are exclusive, and which model has which efforts; pi#1745 quotes one of the errors.
function checkReasoningOptions(body: JsonObject, model: string): void {
  if ('reasoning_format' in body && 'include_reasoning' in body)
    throw new Refusal('reasoning_format and include_reasoning are mutually exclusive');
  if ('reasoning_format' in body && !/qwen3/.test(model))
    throw new Refusal('reasoning_format is not supported with this model');
  const effort = body['reasoning_effort'];
  if (effort === undefined) return;
  if (!reasons(model)) throw new Refusal('reasoning_effort is not supported with this model');
  const allowed = model.includes('gpt-oss') ? ['low', 'medium', 'high'] : ['none', 'default'];
  if (!allowed.includes(stringOf(effort))) throw new Refusal(`reasoning_effort must be one of ${allowed.join(' or ')}`);
}

// vercel/ai packages/groq (issue 10023), litellm#4804, docs on structured outputs.
function checkFormat(body: JsonObject, model: string): void {
  const format = body['response_format'];
  if (!isObject(format) || format['type'] === 'text') return;
  if (objectsOf(body['tools']).length > 0) throw new Refusal('json mode cannot be combined with tool/function calling');
  if (body['stream'] === true) throw new Refusal('response_format` does not support streaming');
  if (format['type'] === 'json_schema' && !/gpt-oss|kimi-k2|llama-4/.test(model)) {
    throw new Refusal(
      'This model does not support response format `json_schema`. See supported models at https://console.groq.com/docs/structured-outputs#supported-models',
    );
  }
  const words = messagesOf(body)
    .map((message) => contentText(message['content']))
    .join('\n');
  // vercel/ai#7303.
  if (format['type'] === 'json_object' && !/json/i.test(words)) {
    throw new Refusal(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    );
  }
}

// vercel/ai, packages/groq, groq-tool-call.chunks.txt and groq-reasoning.chunks.txt.
function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  const id = 'req_of_the_stand_in';
  const reasoning = reasons(stringOf(reply.body['model'])) ? turn.reasoning : '';
  return [
    dataFrame(chunk(reply, { role: 'assistant', content: null }, null, { x_groq: { id, seed: 1 } })),
    ...pieces(reasoning).map((piece) => deltaFrame(reply, { reasoning: piece, channel: 'analysis' })),
    ...pieces(turn.text).map((piece) => deltaFrame(reply, { content: piece })),
    ...wholeToolDeltas(reply).map((call) => deltaFrame(reply, { tool_calls: [call] })),
    finishFrame(reply, {}, { x_groq: { id, usage: usage(reply) } }),
    doneFrame,
  ];
}

function usage(reply: Reply): JsonObject {
  return { queue_time: 0.04, prompt_time: 0.01, completion_time: 0.05, total_time: 0.06, ...openAiUsage(reply) };
}
