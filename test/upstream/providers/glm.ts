import { readChat, replaysIn } from '../chatRead.ts';
import { checkChat, commonFields, functionOf } from '../chatRules.ts';
import {
  chatReply,
  deltaFrame,
  doneFrame,
  finishFrame,
  openAiUsage,
  toolDeltas,
  wholeToolDeltas,
} from '../chatWrite.ts';
import { objectsOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

// Fields as in agentscope's GLM page: max_tokens only; tool_choice auto only; no stream_options, penalties, name, strict.
const fields = [...commonFields, 'thinking', 'tool_stream', 'do_sample', 'user_id', 'request_id', 'reasoning_effort'];
const messageFields = ['role', 'content', 'tool_calls', 'tool_call_id', 'reasoning_content'];

/** How reasoning is sent: `tags` in the content, `stray` without the opening tag (DashScope, LM Studio), or `native`. */
export type GlmStyle = 'tags' | 'stray' | 'native';

export function glm(style: GlmStyle = 'tags'): Profile {
  return {
    path: '/chat/completions',
    check,
    read: readChat,
    replays: replaysIn('reasoning_content'),
    callId: ({ serial }) => `call_-${String(serial).padStart(19, '0')}`,
    proof: () => undefined,
    errorBody: (refusal) => ({ error: { code: refusal.code ?? '1214', message: refusal.message } }),
    frames: (reply) => frames(reply, style),
    errorFrame: (refusal) => dataFrame({ error: { code: refusal.code ?? '1234', message: refusal.message } }),
    replyBody: (reply) =>
      chatReply(
        reply,
        style === 'native'
          ? { content: reply.turn.text, reasoning_content: reply.turn.reasoning }
          : { content: taggedText(reply, style) },
        openAiUsage(reply),
      ),
  };
}

function check(body: JsonObject): void {
  const illegal = (what: string): Refusal => new Refusal(`messages parameter is illegal: ${what}`);
  checkChat(body, {
    fields: {
      known: fields,
      refuse: (field) =>
        new Refusal(`Invalid API parameter, please check the documentation. Unknown parameter: ${field}`, 400, '1210'),
    },
    roles: {
      known: ['system', 'user', 'assistant', 'tool'],
      refuse: () => new Refusal('Incorrect role information'),
    },
    messageFields: { known: messageFields, refuse: illegal },
    images: false,
    refusePart: (type) => new Refusal(`messages.content.type parameter is illegal: ${type}`),
    toolOrder: {
      unanswered: () => illegal('a tool call has no result'),
      orphan: (id) => illegal(`no tool call has the id ${id}`),
    },
  });
  if ('tool_choice' in body && body['tool_choice'] !== 'auto') throw new Refusal('tool_choice only supports auto');
  if (typeof body['max_tokens'] === 'number' && body['max_tokens'] > 131_072)
    throw new Refusal('max_tokens must be at most 131072', 400, '1210');
  for (const tool of objectsOf(body['tools'])) {
    if ('strict' in functionOf(tool) || 'strict' in tool) throw new Refusal('tools parameter is illegal: strict');
  }
}

function taggedText(reply: Reply, style: GlmStyle): string {
  const { reasoning, text } = reply.turn;
  if (reasoning === '') return text;
  return `${style === 'stray' ? '' : '<think>'}${reasoning}</think>${text}`;
}

function frames(reply: Reply, style: GlmStyle): Frame[] {
  const { turn, pieces } = reply;
  const native = style === 'native';
  const calls = reply.body['tool_stream'] === true ? toolDeltas(reply) : wholeToolDeltas(reply);
  return [
    ...pieces(native ? turn.reasoning : '').map((piece) =>
      deltaFrame(reply, { role: 'assistant', reasoning_content: piece }),
    ),
    ...pieces(native ? turn.text : taggedText(reply, style)).map((piece) =>
      deltaFrame(reply, { role: 'assistant', content: piece }),
    ),
    ...calls.map((call) => deltaFrame(reply, { role: 'assistant', tool_calls: [call] })),
    finishFrame(reply, { role: 'assistant', content: '' }, { usage: openAiUsage(reply) }),
    doneFrame,
  ];
}
