import { readChat, replaysIn } from '../chatRead.ts';
import { checkChat, commonFields, contentText, messagesOf, toolCallsOf, toolChoiceIsForced } from '../chatRules.ts';
import { chatReply, chunk, deltaFrame, doneFrame, finishFrame, openAiUsage, toolDeltas } from '../chatWrite.ts';
import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

// Texts as reported in opencode#24083, 9router#773, DeepSeek-V3#1376 and nextcloud#284; the rule is in DeepSeek's thinking-mode guide.
const missingReasoning = 'The `reasoning_content` in the thinking mode must be passed back to the API.';
const fields = [
  ...commonFields,
  'stream_options',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'thinking',
  'reasoning_effort',
];
const messageFields = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'reasoning_content', 'prefix'];

export const deepseek: Profile = {
  path: '/chat/completions',
  check,
  read: readChat,
  replays: replaysIn('reasoning_content'),
  callId: ({ index, serial }) => `call_${String(index).padStart(2, '0')}_${String(serial).padStart(20, '0')}`,
  proof: () => undefined,
  errorBody: (refusal) => ({
    error: {
      message: refusal.message,
      type: refusal.code ?? 'invalid_request_error',
      param: null,
      code: 'invalid_request_error',
    },
  }),
  frames,
  errorFrame: (refusal) =>
    dataFrame({ error: { message: refusal.message, type: 'server_error', param: null, code: 'server_error' } }),
  replyBody: (reply) =>
    chatReply(
      reply,
      { content: reply.turn.text, ...(thinks(reply.body) ? { reasoning_content: reply.turn.reasoning } : {}) },
      usage(reply),
    ),
};

function thinks(body: JsonObject): boolean {
  return !(isObject(body['thinking']) && body['thinking']['type'] === 'disabled');
}

function check(body: JsonObject): void {
  const unreadable = (what: string): Refusal =>
    new Refusal(`Failed to deserialize the JSON body into the target type: ${what}`);
  checkChat(body, {
    fields: { known: fields, refuse: (field) => unreadable(`unknown field \`${field}\``) },
    roles: {
      known: ['system', 'user', 'assistant', 'tool', 'latest_reminder'],
      refuse: (role, index) =>
        unreadable(
          `messages[${index}].role: unknown variant \`${role}\`, expected one of \`system\`,\`user\`,\`assistant\`,\`tool\`,\`latest_reminder\``,
        ),
    },
    messageFields: {
      known: messageFields,
      refuse: (field) => unreadable(`unknown field \`${field}\` in messages`),
    },
    // api-docs.deepseek.com, "Vision".
    images: String(body['model']) === 'deepseek-flash',
    refusePart: (type) => unreadable(`unknown variant \`${type}\`, expected \`text\``),
    toolOrder: {
      unanswered: () =>
        new Refusal(
          "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)",
        ),
      orphan: () =>
        new Refusal("Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"),
    },
  });
  checkFormat(body);
  if (!thinks(body)) return;
  if (toolChoiceIsForced(body)) throw new Refusal('Thinking mode does not support this tool_choice');
  checkReasoning(messagesOf(body));
}

// inspect_ai#4916 and stagehand#1204: JSON mode only, and only when the prompt contains the word JSON.
function checkFormat(body: JsonObject): void {
  const format = body['response_format'];
  if (!isObject(format) || format['type'] === 'text') return;
  if (format['type'] !== 'json_object') throw new Refusal('This response_format type is unavailable now');
  if (
    !/json/i.test(
      messagesOf(body)
        .map((message) => contentText(message['content']))
        .join('\n'),
    )
  ) {
    throw new Refusal(
      "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
    );
  }
}

/** From the first tool call on, every assistant message carries the field; an empty string counts, a missing field does not. */
function checkReasoning(messages: JsonObject[]): void {
  const firstCall = messages.findIndex((message) => toolCallsOf(message).length > 0);
  if (firstCall === -1) return;
  for (const message of messages.slice(firstCall)) {
    if (message['role'] === 'assistant' && typeof message['reasoning_content'] !== 'string')
      throw new Refusal(missingReasoning);
  }
}

function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  const reasoning = thinks(reply.body) ? turn.reasoning : '';
  return [
    { text: ': keep-alive\n\n', content: false },
    dataFrame(chunk(reply, { role: 'assistant', content: null, reasoning_content: '' }, null, { usage: null })),
    ...pieces(reasoning).map((piece) =>
      deltaFrame(reply, { content: null, reasoning_content: piece }, { usage: null }),
    ),
    { text: ': keep-alive\n\n', content: false },
    ...pieces(turn.text).map((piece) =>
      deltaFrame(reply, { content: piece, reasoning_content: null }, { usage: null }),
    ),
    ...toolDeltas(reply).map((call) => deltaFrame(reply, { tool_calls: [call] }, { usage: null })),
    finishFrame(reply, { content: '', reasoning_content: null }, { usage: usage(reply) }),
    doneFrame,
  ];
}

function usage(reply: Reply): JsonObject {
  const { prompt, cached } = reply.usage;
  return { ...openAiUsage(reply), prompt_cache_hit_tokens: cached, prompt_cache_miss_tokens: prompt - cached };
}
