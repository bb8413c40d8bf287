import { readChat, replaysIn } from '../chatRead.ts';
import { checkChat, commonFields, functionOf, messagesOf, toolCallsOf, toolChoiceIsForced } from '../chatRules.ts';
import { chatReply, chunk, deltaFrame, doneFrame, finishReasonOf, openAiUsage, toolDeltas } from '../chatWrite.ts';
import { objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { checkAssistants } from '../limits.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';
import { moonshotFault } from '../schemaRules.ts';

const fields = [
  ...commonFields,
  'stream_options',
  'max_completion_tokens',
  'thinking',
  'reasoning_effort',
  'prompt_cache_key',
  'n',
  'frequency_penalty',
  'presence_penalty',
];
const messageFields = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'reasoning_content', 'partial'];

/** `tokens`: `◁think▷` in the content, as Kimi-VL and K1.5 open weights do; `native`: reasoning_content, as the hosted API does. */
export type KimiStyle = 'tokens' | 'native';

export function kimi(style: KimiStyle = 'tokens'): Profile {
  return {
    path: '/chat/completions',
    check,
    read: readChat,
    replays: replaysIn('reasoning_content'),
    callId: ({ name, index, body }) => `functions.${name}:${countCalls(body) + index}`,
    proof: () => undefined,
    errorBody: (refusal) => ({ error: { message: refusal.message, type: refusal.code ?? errorType(refusal.status) } }),
    frames: (reply) => frames(reply, style),
    errorFrame: (refusal) => dataFrame({ error: { message: refusal.message, type: 'server_error' } }),
    replyBody: (reply) =>
      chatReply(
        reply,
        style === 'native'
          ? { content: reply.turn.text, reasoning_content: reply.turn.reasoning }
          : { content: marked(reply) },
        usage(reply),
      ),
  };
}

function errorType(status: number): string {
  if (status === 429) return 'engine_overloaded_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function countCalls(body: JsonObject): number {
  return messagesOf(body).flatMap(toolCallsOf).length;
}

function refuse(what: string): Refusal {
  return new Refusal(`Invalid request: ${what}`);
}

function check(body: JsonObject): void {
  for (const { content } of messagesOf(body))
    if (objectsOf(content).some(({ type, text }) => type === 'text' && text === ''))
      throw refuse('text content is empty'); // litellm#42186
  checkChat(body, {
    fields: { known: fields, refuse: (field) => refuse(`unknown field ${field}`) },
    roles: { known: ['system', 'user', 'assistant', 'tool'], refuse: (role) => refuse(`invalid role: ${role}`) },
    messageFields: { known: messageFields, refuse: (field) => refuse(`unknown field ${field} in messages`) },
    images: true,
    refusePart: (type) => refuse(`unsupported content type: ${type}`),
    refuseTool: refuse,
    tools: {
      fault: (schema) => {
        const what = moonshotFault(schema);
        return what && `tools.function.parameters is not a valid moonshot flavored json schema, details: <${what}>`;
      },
    },
    toolOrder: {
      unanswered: (ids) =>
        refuse(
          `an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${ids.join(', ')}`,
        ),
      orphan: (id) => refuse(`tool_call_id ${id} is not found`),
    },
  });
  if ('thinking' in body && 'reasoning_effort' in body)
    throw refuse("cannot specify both 'thinking' and 'reasoning_effort'");
  if (toolChoiceIsForced(body)) throw refuse("tool_choice 'specified' is incompatible with thinking enabled");
  if ('temperature' in body && body['temperature'] !== 1)
    throw refuse('invalid temperature: only 1 is allowed for this model');
  checkAssistants(messagesOf(body), (index) =>
    refuse(`the message at position ${index} with role 'assistant' must not be empty`),
  );
  for (const tool of objectsOf(body['tools'])) {
    if (/^[0-9]/.test(stringOf(functionOf(tool)['name'])))
      throw refuse('function name is invalid, must start with a letter');
  }
  checkIds(messagesOf(body));
  checkPlaceholders(messagesOf(body));
}

// With a sanitised id, the hosted model stops early, without a 400 (openclaw#70030). A refusal makes tests fail clearly.
function checkIds(messages: JsonObject[]): void {
  for (const [count, call] of messages.flatMap(toolCallsOf).entries()) {
    const expected = `functions.${stringOf(functionOf(call)['name'])}:${count}`;
    if (call['id'] !== expected)
      throw refuse(`tool call id ${stringOf(call['id'])} should have come back as ${expected}`);
  }
}

// Replay real reasoning or none: placeholders were removed at Moonshot's request (cc-switch 3.20.0).
function checkPlaceholders(messages: JsonObject[]): void {
  for (const message of messages) {
    const reasoning = message['reasoning_content'];
    if (typeof reasoning === 'string' && reasoning !== '' && reasoning.trim() === '')
      throw refuse('reasoning_content is a placeholder');
  }
}

function marked(reply: Reply): string {
  const { reasoning, text } = reply.turn;
  return reasoning === '' ? text : `◁think▷${reasoning}◁/think▷${text}`;
}

function frames(reply: Reply, style: KimiStyle): Frame[] {
  const { turn, pieces } = reply;
  const native = style === 'native';
  const finish = chunk(reply, {}, finishReasonOf(reply));
  const [choice] = objectsOf(finish['choices']);
  return [
    dataFrame(chunk(reply, { role: 'assistant', content: '' })),
    ...pieces(native ? turn.reasoning : '').map((piece) => deltaFrame(reply, { reasoning_content: piece })),
    ...pieces(native ? turn.text : marked(reply)).map((piece) => deltaFrame(reply, { content: piece })),
    ...toolDeltas(reply).map((call) => deltaFrame(reply, { tool_calls: [call] })),
    // Usage is inside the choice (pi#2017).
    dataFrame({ ...finish, choices: [{ ...choice, usage: usage(reply) }] }),
    doneFrame,
  ].map(withoutSpace);
}

// Kimi writes `data:` without a space (jcode#46).
function withoutSpace(frame: Frame): Frame {
  return { ...frame, text: frame.text.replace(/^data: /, 'data:') };
}

function usage(reply: Reply): JsonObject {
  return { ...openAiUsage(reply), cached_tokens: reply.usage.cached };
}
