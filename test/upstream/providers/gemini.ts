import { compareReplays, findSent, readChat } from '../chatRead.ts';
import { checkChat, contentText, messagesOf, toolCallsOf } from '../chatRules.ts';
import { chatReply, createdAt, doneFrame, wholeToolCalls } from '../chatWrite.ts';
import { isObject, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isUsersOwn } from '../ownWords.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply, SentTurn } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import { checkDeclarations, refuseUnknownName } from './geminiSchema.ts';

// Reported as refused: store (openclaw), web_search_options (PromptFuzz#42), penalties and seed (other projects' adapters).
const fields = [
  'model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'temperature', 'top_p',
  'stop', 'n', 'max_tokens', 'max_completion_tokens', 'response_format', 'reasoning_effort', 'extra_body', 'user',
]; // prettier-ignore
const messageFields = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'extra_content'];

/** Documented for histories that the model did not write. */
const sentinel = 'skip_thought_signature_validator';

/** Where a signature arrives: with the call, in a later delta of its own, or beside the message's content. */
export type GeminiStyle = { signature?: 'call' | 'later' | 'message' };

/** The OpenAI surface of generativelanguage.googleapis.com. */
export function gemini({ signature = 'call' }: GeminiStyle = {}): Profile {
  return {
    path: '/chat/completions',
    check,
    read: readChat,
    replays: (body, sent) =>
      compareReplays(body, sent, (message) => {
        const origin = findSent(message, sent);
        const [first] = toolCallsOf(message);
        return origin && signatureOf(first ?? message) === origin.proof ? origin.turn.reasoning : undefined;
      }),
    callId: ({ name, serial }) => `function-call-${name.length}${String(serial).padStart(12, '0')}`,
    proof: (_turn, { id, model }) => Buffer.from(`thought of ${model} in ${id}`).toString('base64'),
    // An array with one error: discuss.ai.google.dev/t/109823.
    errorBody: (refusal) => [{ error: errorOf(refusal) }],
    frames: (reply) => frames(reply, signature),
    errorFrame: (refusal) => dataFrame([{ error: errorOf(refusal) }]),
    replyBody: (reply) => replyBody(reply, signature),
  };
}

const statuses = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [503, 'UNAVAILABLE'],
]);

function errorOf({ status, message }: Refusal): JsonObject {
  return { code: status, message, status: statuses.get(status) ?? 'INTERNAL' };
}

function check(body: JsonObject, sent: readonly SentTurn[]): void {
  const unequal = (): Refusal =>
    new Refusal(
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    );
  checkChat(body, {
    fields: { known: fields, refuse: (field) => refuseUnknownName(field) },
    roles: {
      known: ['system', 'user', 'assistant', 'tool'],
      refuse: () => new Refusal('Please use a valid role: user, model.'),
    },
    messageFields: {
      known: messageFields,
      refuse: (field, index) => refuseUnknownName(field, `messages[${index}]`),
    },
    images: true,
    refusePart: (type) => new Refusal(`Invalid content part type: ${type}`),
    toolOrder: { unanswered: unequal, orphan: unequal },
  });
  for (const [name, value] of Object.entries(body))
    if (value === null) throw new Refusal(`Invalid value at '${name}': Value is not a string: null`);
  const messages = messagesOf(body);
  if (messages.every(({ role }) => role === 'system'))
    throw new Refusal('* GenerateContentRequest.contents: contents is not specified\n');
  checkDeclarations(body);
  checkFormat(body);
  checkThinking(body);
  checkNames(messages);
  checkSignatures(messages, sent);
}

/** hermes-agent#19728, openclaw#47857. */
function checkNames(messages: JsonObject[]): void {
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'tool' && stringOf(message['name']) === '')
      throw new Refusal(
        `* GenerateContentRequest.contents[${index}].parts[0].function_response.name: Name cannot be empty.\n`,
      );
  }
}

/** ai-manus#101. Gemini 3 accepts both at once. */
function checkFormat(body: JsonObject): void {
  const format = body['response_format'];
  const asksForJson = isObject(format) && format['type'] !== 'text';
  if (asksForJson && 'tools' in body && /gemini-[12]\b/.test(stringOf(body['model'])))
    throw new Refusal("Function calling with a response mime type: 'application/json' is unsupported");
}

const unspecific = 'Request contains an invalid argument.';

/** The page on OpenAI compatibility; gendox-core#480, DeepTutor#809; lobehub#7686 for models that don't think. */
function checkThinking(body: JsonObject): void {
  const model = stringOf(body['model']);
  const effort = body['reasoning_effort'];
  const config = thinkingConfig(body);
  if (effort !== undefined && !['none', 'minimal', 'low', 'medium', 'high'].includes(stringOf(effort)))
    throw new Refusal(
      `Invalid reasoning_effort: ${stringOf(effort)}. Valid values are: high, low, medium, minimal, none`,
    );
  if (effort === 'none' && !model.includes('2.5-flash')) throw new Refusal(unspecific);
  if (!config) return;
  for (const name of Object.keys(config))
    if (!['include_thoughts', 'thinking_level', 'thinking_budget'].includes(name))
      throw refuseUnknownName(name, 'extra_body.google.thinking_config');
  if (/gemini-(1|2\.0)/.test(model)) throw new Refusal(`Thinking is not enabled for models/${model}`);
  const ways = [effort, config['thinking_level'], config['thinking_budget']].filter((way) => way !== undefined);
  if (ways.length > 1) throw new Refusal(unspecific);
  const { thinking_level: level, thinking_budget: budget } = config;
  if (level !== undefined && !['minimal', 'low', 'medium', 'high'].includes(stringOf(level)))
    throw new Refusal(unspecific);
  if (level !== undefined && model.includes('2.5'))
    throw new Refusal('Thinking level is not supported for this model.');
  if (budget === 0 && !model.includes('2.5-flash'))
    throw new Refusal('Budget 0 is invalid. This model only works in thinking mode.');
}

function thinkingConfig({ extra_body: extra }: JsonObject): JsonObject | undefined {
  const google = isObject(extra) ? extra['google'] : undefined;
  const config = isObject(google) ? google['thinking_config'] : undefined;
  return isObject(config) ? config : undefined;
}

function signatureOf({ extra_content: extra }: JsonObject): unknown {
  const google = isObject(extra) ? extra['google'] : undefined;
  return isObject(google) ? google['thought_signature'] : undefined;
}

/** Each step of the current turn needs a signature on its first call. Any signature must be the one that was sent there. */
function checkSignatures(messages: JsonObject[], sent: readonly SentTurn[]): void {
  const turnStart = messages.findLastIndex(
    (message) => message['role'] === 'user' && isUsersOwn(contentText(message['content'])),
  );
  for (const [index, message] of messages.entries()) {
    const calls = toolCallsOf(message);
    const origin = findSent(message, sent);
    for (const [place, holder] of [message, ...calls].entries()) {
      const signature = signatureOf(holder);
      if (signature === undefined || signature === sentinel) continue;
      const itsPlace = calls.length === 0 ? place === 0 : place === 1;
      if (!itsPlace || signature !== origin?.proof) throw new Refusal('Corrupted thought signature.');
    }
    const [first] = calls;
    if (index > turnStart && first && signatureOf(first) === undefined)
      throw new Refusal(missingSignature(first, index));
  }
}

function missingSignature(call: JsonObject, position: number): string {
  const name = isObject(call['function']) ? stringOf(call['function']['name']) : '';
  return (
    'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and ' +
    'missing thought_signature may lead to degraded model performance. Additional data, function call ' +
    `\`default_api:${name}\` , position ${position}. please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`
  );
}

function showsThoughts(reply: Reply): boolean {
  return thinkingConfig(reply.body)?.['include_thoughts'] === true && reply.turn.reasoning !== '';
}

function signed(reply: Reply): JsonObject {
  return { extra_content: { google: { thought_signature: reply.proof } } };
}

/** No `finish_reason` before the end. Shapes as in the captures that coder/coder's googleopenai tests mirror, and dayu-agent#45. */
function chunk(reply: Reply, delta: JsonObject, more: JsonObject = {}, finishReason?: string): JsonObject {
  const choice = { delta, ...(finishReason === undefined ? {} : { finish_reason: finishReason }), index: 0 };
  return {
    choices: [choice],
    created: createdAt,
    id: reply.id,
    model: reply.model,
    object: 'chat.completion.chunk',
    ...more,
  };
}

function frames(reply: Reply, style: GeminiStyle['signature']): Frame[] {
  const { turn, pieces } = reply;
  const thoughts = showsThoughts(reply) ? pieces(turn.reasoning) : [];
  const closer = thoughts.length > 0 ? '</thought>' : '';
  const texts = pieces(turn.text);
  const calls = wholeToolCalls(reply);
  const content = (delta: JsonObject): Frame => dataFrame(chunk(reply, { role: 'assistant', ...delta }), true);
  return [
    ...thoughts.map((piece, index) =>
      content({ content: (index === 0 ? '<thought>' : '') + piece, extra_content: { google: { thought: true } } }),
    ),
    // The closing tag comes with the first piece of the answer.
    ...(closer !== '' && texts.length === 0 ? [content({ content: closer })] : []),
    ...texts.map((piece, index) => content({ content: (index === 0 ? closer : '') + piece })),
    ...calls.map((call, index) =>
      content({ tool_calls: [{ ...(index === 0 && style === 'call' ? signed(reply) : {}), ...call }] }),
    ),
    ...(style === 'later' && calls.length > 0 ? [content({ tool_calls: [signed(reply)] })] : []),
    dataFrame(
      chunk(
        reply,
        {
          role: 'assistant',
          ...(calls.length === 0 || style === 'message' ? { content: null, ...signed(reply) } : {}),
        },
        { usage: usage(reply) },
        // Also with calls (open-webui/computer#224).
        'stop',
      ),
    ),
    doneFrame,
  ];
}

function replyBody(reply: Reply, style: GeminiStyle['signature']): JsonObject {
  const { turn } = reply;
  const text = (showsThoughts(reply) ? `<thought>${turn.reasoning}</thought>` : '') + turn.text;
  const onMessage = turn.calls.length === 0 || style === 'message';
  const whole = chatReply(
    reply,
    { ...(text === '' ? {} : { content: text }), ...(onMessage ? signed(reply) : {}) },
    usage(reply),
  );
  const calls = wholeToolCalls(reply).map((call, index) =>
    index === 0 && !onMessage ? { ...signed(reply), ...call } : call,
  );
  const [choice] = Array.isArray(whole['choices']) ? whole['choices'] : [];
  const message = { ...choice.message, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return { ...whole, choices: [{ ...choice, message, finish_reason: 'stop' }] };
}

/** Only the total includes thoughts: 16 + 9 of 627 in coder/coder's capture. */
function usage(reply: Reply): JsonObject {
  const { prompt, completion, reasoning } = reply.usage;
  return {
    completion_tokens: completion - reasoning,
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
  };
}
