import { isDeepStrictEqual } from 'node:util';
import { compareReplays, findSent, readChat } from '../chatRead.ts';
import { checkChat, commonFields, contentText, functionOf, messagesOf, toolCallsOf } from '../chatRules.ts';
import { chatReply, deltaFrame, doneFrame, finishFrame, openAiUsage, toolDeltas, usageFrame } from '../chatWrite.ts';
import { objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply, SentTurn } from '../profile.ts';
import { Refusal } from '../refusal.ts';

const fields = [
  ...commonFields,
  'stream_options',
  'reasoning_split',
  'thinking',
  'max_completion_tokens',
  'reasoning_effort',
];
const messageFields = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'reasoning_details'];

export type MinimaxStyle = {
  /** The docs' sample treats the stream's reasoning text as cumulative; M2.7 was observed incremental (MiniMax-M2#95). */
  details?: 'incremental' | 'cumulative';
  /** M3 puts the reasoning into `reasoning_content` beside the tags (vellum#34556). */
  mirrored?: boolean;
};

export function minimax(style: MinimaxStyle = {}): Profile {
  return {
    path: '/chat/completions',
    check,
    read: readChat,
    replays: (body, sent) => compareReplays(body, sent, (message) => receivedReasoning(body, message)),
    callId: ({ serial }) => `call_function_${String(serial).padStart(12, '0')}_1`,
    proof: (turn) => detailsOf(turn.reasoning),
    errorBody: (refusal) => ({
      type: 'error',
      error: {
        type: refusal.code ?? errorType(refusal.status),
        message: `${refusal.message} (${refusal.status === 400 ? 2013 : 1000})`,
        http_code: String(refusal.status),
      },
      request_id: 'request-of-the-stand-in',
    }),
    frames: (reply) => (splits(reply.body) ? splitFrames(reply, style) : tagFrames(reply, style)),
    errorFrame: (refusal) =>
      dataFrame({
        type: 'error',
        error: { type: 'server_error', message: `${refusal.message} (1000)`, http_code: '500' },
      }),
    replyBody: (reply) => ({
      ...chatReply(reply, replyMessage(reply, style), openAiUsage(reply)),
      base_resp: { status_code: 0, status_msg: '' },
    }),
  };
}

function errorType(status: number): string {
  if (status === 401) return 'authorized_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'bad_request_error';
}

function splits(body: JsonObject): boolean {
  return body['reasoning_split'] === true;
}

function detailsOf(reasoning: string): JsonObject[] {
  if (reasoning === '') return [];
  return [
    {
      type: 'reasoning.text',
      id: 'reasoning-text-1',
      format: 'MiniMax-response-v1',
      index: 0,
      text: reasoning,
    },
  ];
}

function tagged(reply: Reply): string {
  const { reasoning, text } = reply.turn;
  return reasoning === '' ? text : `<think>\n${reasoning}\n</think>\n\n${text}`;
}

function receivedReasoning(body: JsonObject, message: JsonObject): string | undefined {
  if (splits(body)) {
    return 'reasoning_details' in message
      ? objectsOf(message['reasoning_details'])
          .map((each) => stringOf(each['text']))
          .join('')
      : undefined;
  }
  return /^<think>\n([\s\S]*)\n<\/think>/.exec(contentText(message['content']))?.[1];
}

function refuse(what: string): Refusal {
  return new Refusal(`invalid params, ${what}`);
}

function check(body: JsonObject, sent: readonly SentTurn[]): void {
  checkChat(body, {
    fields: { known: fields, refuse: (field) => refuse(`unknown field ${field}`) },
    roles: {
      known: ['system', 'user', 'assistant', 'tool'],
      refuse: (role) => refuse(`chat content has invalid message role: ${role}`),
    },
    messageFields: { known: messageFields, refuse: (field) => refuse(`unknown field ${field} in messages`) },
    // M1 and M2 accept text only.
    images: !/m[12]/i.test(String(body['model'])),
    refusePart: (type) => refuse(`content type ${type} is not supported`),
    refuseTool: refuse,
    toolOrder: {
      unanswered: (ids) => refuse(`tool call's result(${ids.join(', ')}) not found`),
      orphan: (id) => refuse(`tool result's tool id(${id}) not found`),
    },
  });
  if ('tool_choice' in body && body['tool_choice'] !== 'auto' && body['tool_choice'] !== 'none')
    throw refuse('invalid chat setting');
  const temperature = body['temperature'];
  if (typeof temperature === 'number' && (temperature <= 0 || temperature > 1)) throw refuse('invalid temperature');
  const messages = messagesOf(body);
  const begun = messages.findIndex((message) => message['role'] !== 'system');
  if (messages.slice(begun).some((message) => message['role'] === 'system'))
    throw refuse('chat content has invalid message role: system');
  for (const tool of objectsOf(body['tools']))
    if (!('parameters' in functionOf(tool))) throw refuse('function parameters is empty');
  checkReasoning(body, messages, sent);
}

// Stricter than the real API: no 400 for this is known, but the docs require it and quality drops without it.
function checkReasoning(body: JsonObject, messages: JsonObject[], sent: readonly SentTurn[]): void {
  for (const message of messages) {
    if (toolCallsOf(message).length === 0) continue;
    const origin = findSent(message, sent);
    if (origin === undefined || origin.turn.reasoning === '') continue;
    const kept = splits(body)
      ? isDeepStrictEqual(message['reasoning_details'], origin.proof)
      : contentText(message['content']).includes(origin.turn.reasoning);
    if (!kept) throw refuse('the reasoning of a tool turn must be passed back unchanged');
  }
}

function replyMessage(reply: Reply, style: MinimaxStyle): JsonObject {
  const { reasoning, text } = reply.turn;
  if (splits(reply.body))
    return { content: text, reasoning_content: reasoning, reasoning_details: detailsOf(reasoning) };
  return { content: tagged(reply), ...(style.mirrored === true ? { reasoning_content: reasoning } : {}) };
}

function splitFrames(reply: Reply, style: MinimaxStyle): Frame[] {
  const [whole] = detailsOf(reply.turn.reasoning);
  let before = '';
  const details = reply.pieces(reply.turn.reasoning).map((piece) => {
    before += piece;
    return deltaFrame(reply, {
      role: 'assistant',
      content: '',
      reasoning_details: [{ ...whole, text: style.details === 'cumulative' ? before : piece }],
    });
  });
  return [
    ...details,
    ...reply.pieces(reply.turn.text).map((piece) => deltaFrame(reply, { role: 'assistant', content: piece })),
    ...ending(reply),
  ];
}

function tagFrames(reply: Reply, style: MinimaxStyle): Frame[] {
  const [open, shut] = reply.turn.reasoning === '' ? ['', ''] : ['<think>\n', '\n</think>\n\n'];
  const mirror = (piece: string): JsonObject => (style.mirrored === true ? { reasoning_content: piece } : {});
  return [
    ...reply.pieces(open).map((content) => deltaFrame(reply, { role: 'assistant', content })),
    ...reply
      .pieces(reply.turn.reasoning)
      .map((content) => deltaFrame(reply, { role: 'assistant', content, ...mirror(content) })),
    ...reply.pieces(shut).map((content) => deltaFrame(reply, { role: 'assistant', content })),
    ...reply.pieces(reply.turn.text).map((content) => deltaFrame(reply, { role: 'assistant', content })),
    ...ending(reply),
  ];
}

function ending(reply: Reply): Frame[] {
  return [
    ...toolDeltas(reply).map((call) => deltaFrame(reply, { role: 'assistant', content: '', tool_calls: [call] })),
    finishFrame(reply, { role: 'assistant', content: '' }),
    usageFrame(reply, openAiUsage(reply)),
    doneFrame,
  ];
}
