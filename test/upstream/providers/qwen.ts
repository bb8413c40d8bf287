import { readChat, replaysIn } from '../chatRead.ts';
import { checkChat, contentText, messagesOf, toolChoiceIsForced } from '../chatRules.ts';
import { askedUsageFrame, chatReply, chunk, deltaFrame, doneFrame, finishFrame, openAiUsage } from '../chatWrite.ts';
import { isObject, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

/** `stray`: as DashScope's GLM does, thinking as text with a closing tag and no opening one (qwen-code#6033). */
export type QwenStyle = 'native' | 'stray';

const algorithm = '<400> InternalError.Algo.InvalidParameter: ';

/** DashScope's compatible mode. Fields that it does not know are ignored. */
export function qwen(style: QwenStyle = 'native'): Profile {
  return {
    path: '/chat/completions',
    check,
    read: readChat,
    replays: replaysIn('reasoning_content'),
    callId: ({ serial }) => `call_${String(serial).padStart(24, '0')}`,
    proof: () => undefined,
    errorBody,
    frames: (reply) => frames(reply, style),
    errorFrame: (refusal) => dataFrame(errorObject(refusal)),
    replyBody: (reply) =>
      chatReply(
        reply,
        style === 'native' && thinks(reply.body)
          ? { content: reply.turn.text, reasoning_content: reply.turn.reasoning }
          : { content: textOf(reply, style) },
        openAiUsage(reply),
      ),
  };
}

/** A streamed request is refused with an event, too (ChatLab#480, Cebian#46). */
function errorBody(refusal: Refusal, body: JsonObject): unknown {
  const error = errorObject(refusal);
  return body['stream'] === true ? `data: ${JSON.stringify(error)}\n\n` : error;
}

function errorObject(refusal: Refusal): JsonObject {
  const type = refusal.status >= 500 ? 'server_error' : 'invalid_request_error';
  const error = { message: refusal.message, type, param: null, code: refusal.code ?? 'invalid_parameter_error' };
  return { error, id: 'chatcmpl-of-the-stand-in', request_id: 'of-the-stand-in' };
}

/** Model Studio, deep thinking: newer models think unless disabled, older commercial ones only when enabled. */
function thinks(body: JsonObject): boolean {
  const asked = body['enable_thinking'];
  return typeof asked === 'boolean' ? asked : thinksByDefault(stringOf(body['model']));
}

function thinksByDefault(model: string): boolean {
  if (/coder|instruct/.test(model)) return false;
  return /^qwen3\.[5-9]|^qwen3-\d+b|thinking|qwq|glm|kimi-k2\.[5-9]/.test(model);
}

function check(body: JsonObject): void {
  const invalid = (what: string): Refusal => new Refusal(`${algorithm}${what}`);
  const roles = ['system', 'assistant', 'user', 'tool', 'function'];
  checkChat(body, {
    roles: {
      known: roles,
      refuse: (role, index) =>
        new Refusal(
          `${role} is not one of [${roles.map((each) => `'${each}'`).join(', ')}] - 'messages.[${index}].role'`,
        ),
    },
    images: true,
    refusePart: (type) => invalid(`unsupported content type ${type}`),
    refuseTool: invalid,
    toolOrder: {
      unanswered: () =>
        invalid(
          'An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id".',
        ),
      orphan: () => invalid('messages with role "tool" must be a response to a preceeding message with "tool_calls".'),
    },
  });
  checkThinking(body);
  checkFormat(body, messagesOf(body));
}

function checkThinking(body: JsonObject): void {
  const model = stringOf(body['model']);
  const asked = body['enable_thinking'];
  // qwen-code#7332, lobehub#17363; the second one is from Model Studio's error messages.
  if (asked === false && /thinking|qwq|qwen3\.[89]-max/.test(model))
    throw new Refusal(`${algorithm}The value of the enable_thinking parameter is restricted to True.`);
  if (asked === true && /coder|instruct/.test(model))
    throw new Refusal(`${algorithm}The value of the enable_thinking parameter is restricted to False.`);
  if (!thinks(body)) return;
  // eino#994.
  if (toolChoiceIsForced(body)) {
    throw new Refusal(
      `${algorithm}The tool_choice parameter does not support being set to required or object in thinking mode`,
    );
  }
  // Model Studio, error messages; the open weights of Qwen3.
  if (body['stream'] !== true && /^qwen3-\d+b/.test(model))
    throw new Refusal('parameter.enable_thinking must be set to false for non-streaming calls');
  const budget = body['thinking_budget'];
  if (budget !== undefined && !(Number.isInteger(budget) && Number(budget) > 0))
    throw new Refusal('The thinking_budget parameter must be a positive integer and not greater than 81920');
}

// Model Studio, structured output; texts as in dmxapi's list of errors.
function checkFormat(body: JsonObject, messages: JsonObject[]): void {
  const format = body['response_format'];
  if (!isObject(format) || format['type'] === 'text') return;
  if (thinks(body)) throw new Refusal(`${algorithm}Json mode response is not supported when enable_thinking is true`);
  const words = messages.map((message) => contentText(message['content'])).join('\n');
  if (format['type'] === 'json_object' && !/json/i.test(words)) {
    throw new Refusal(
      `${algorithm}'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.`,
    );
  }
}

function textOf(reply: Reply, style: QwenStyle): string {
  const { reasoning, text } = reply.turn;
  return style === 'stray' && reasoning !== '' && thinks(reply.body) ? `${reasoning}</think>${text}` : text;
}

// vercel/ai, packages/alibaba, alibaba-tool-call.chunks.txt.
function frames(reply: Reply, style: QwenStyle): Frame[] {
  const none = { usage: null, system_fingerprint: null };
  const reasoning = style === 'native' && thinks(reply.body) ? reply.turn.reasoning : '';
  return [
    dataFrame(chunk(reply, { role: 'assistant', content: '' }, null, none)),
    ...reply.pieces(reasoning).map((piece) => deltaFrame(reply, { content: null, reasoning_content: piece }, none)),
    ...reply
      .pieces(textOf(reply, style))
      .map((piece) => deltaFrame(reply, { content: piece, reasoning_content: null }, none)),
    ...callDeltas(reply).map((call) => deltaFrame(reply, { content: null, tool_calls: [call] }, none)),
    finishFrame(reply, {}, none),
    ...askedUsageFrame(reply, openAiUsage(reply), { system_fingerprint: null }),
    doneFrame,
  ];
}

/** Continuations have an empty id; an empty one follows the last. */
function callDeltas(reply: Reply): JsonObject[] {
  return reply.turn.calls.flatMap((call, index) => [
    { index, id: reply.callIds[index], type: 'function', function: { name: call.tool.name, arguments: '' } },
    ...reply.pieces(call.input).map((piece) => ({ index, id: '', type: 'function', function: { arguments: piece } })),
    { function: { arguments: '' }, index, id: '', type: 'function' },
  ]);
}
