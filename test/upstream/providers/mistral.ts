import { compareReplays, readChat } from '../chatRead.ts';
import {
  checkBasics,
  checkToolCalls,
  checkToolOrder,
  checkTools,
  commonFields,
  contentText,
  messagesOf,
  refuseUnknownFields,
  toolCallsOf,
} from '../chatRules.ts';
import { chatReply, chunk, deltaFrame, doneFrame, finishFrame, wholeToolCalls } from '../chatWrite.ts';
import { objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { checkAssistants } from '../limits.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

const fields = [
  ...commonFields.filter((field) => field !== 'user'),
  'random_seed',
  'n',
  'frequency_penalty',
  'presence_penalty',
  'prediction',
  'safe_prompt',
  'prompt_mode',
  'reasoning_effort',
];
const messageFields: Record<string, readonly string[]> = {
  system: ['role', 'content'],
  user: ['role', 'content'],
  assistant: ['role', 'content', 'tool_calls', 'prefix'],
  tool: ['role', 'content', 'tool_call_id', 'name'],
};

const badOrder = '3230';
const badArgument = '3051';

/** api.mistral.ai. */
export const mistral: Profile = {
  path: '/chat/completions',
  check,
  read: readChat,
  replays: (body, sent) => compareReplays(body, sent, receivedThinking),
  callId: ({ serial }) => `mC${String(serial).padStart(7, '0')}`,
  proof: () => undefined,
  errorBody,
  frames,
  errorFrame: (refusal) => dataFrame(errorBody(refusal)),
  replyBody: (reply) => chatReply(reply, { content: contentOf(reply), prefix: false }, usage(reply)),
};

/** For an invalid body, `message` is FastAPI's validation report. */
function errorBody({ status, message, code }: Refusal): JsonObject {
  const extra = /^extra: (.+)$/.exec(message)?.[1];
  const said =
    extra === undefined
      ? message
      : {
          detail: [
            { type: 'extra_forbidden', loc: ['body', ...extra.split('.')], msg: 'Extra inputs are not permitted' },
          ],
        };
  return {
    object: 'error',
    message: said,
    type: code === badArgument ? 'invalid_request_invalid_args' : 'invalid_request_error',
    param: null,
    code: code ?? null,
    raw_status_code: status,
  };
}

function extra(...path: (string | number)[]): Refusal {
  return new Refusal(`extra: ${path.join('.')}`, 422);
}

function check(body: JsonObject): void {
  checkBasics(body);
  refuseUnknownFields(body, fields, (field) => extra(field));
  checkEffort(body);
  const messages = messagesOf(body);
  for (const [index, message] of messages.entries()) {
    const known = messageFields[stringOf(message['role'])];
    if (!known)
      throw new Refusal(
        `Input tag '${stringOf(message['role'])}' found using 'role' does not match any of the expected tags`,
        422,
      );
    refuseUnknownFields(message, known, (field) => extra('messages', index, stringOf(message['role']), field));
    checkContent(message);
  }
  checkAssistants(
    messages,
    () => new Refusal('Assistant message must have either content or tool_calls, but not none.', 400, '3240'),
  );
  checkOrder(messages);
  checkTools(body, (what) => new Refusal(what, 400, badArgument));
  checkIds(messages);
  checkToolCalls(messages, (what) => new Refusal(what));
  const unequal = (): Refusal => new Refusal('Not the same number of function calls and responses', 400, badOrder);
  checkToolOrder(messages, { unanswered: unequal, orphan: unequal });
}

/** Errors of models with and without reasoning, as reported in models.dev#1986, celeste-python#311 and SmartHopper#647. */
function checkEffort({ model, reasoning_effort: effort }: JsonObject): void {
  if (effort === undefined) return;
  const knows = /^(magistral-|mistral-(small|medium)(-latest|-26\d\d|-3([.-]5)?)?$)/.test(stringOf(model));
  if (!knows) throw new Refusal('reasoning_effort is not enabled for this model', 400, badArgument);
  if (effort !== 'none' && effort !== 'high')
    throw new Refusal(
      `reasoning_effort='${stringOf(effort)}' is not supported for this model. Must be one of (<ReasoningEffort.none: 'none'>, <ReasoningEffort.high: 'high'>)`,
      400,
      badArgument,
    );
}

function checkContent({ role, content, tool_calls: calls }: JsonObject): void {
  const silent = content === null || content === undefined || content === '';
  if (role === 'assistant' && silent && calls === undefined)
    throw new Refusal('Assistant message must have either content or tool_calls, but not none.', 400, '3240');
  for (const part of objectsOf(content)) {
    const type = stringOf(part['type']);
    const allowed = role === 'assistant' ? ['text', 'thinking'] : ['text', 'image_url'];
    if (!allowed.includes(type)) throw extra('content', type);
    if (type === 'thinking' && (!Array.isArray(part['thinking']) || part['closed'] !== true))
      throw extra('content', 'thinking');
  }
}

function checkOrder(messages: JsonObject[]): void {
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1]?.['role'];
    const role = stringOf(message['role']);
    if (before === 'tool' && role !== 'tool' && role !== 'assistant')
      throw new Refusal(`Unexpected role '${role}' after role 'tool'`, 400, badOrder);
  }
  const last = stringOf(messages.at(-1)?.['role']);
  if (last !== 'user' && last !== 'tool' && messages.at(-1)?.['prefix'] !== true)
    throw new Refusal(
      `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${last}`,
      400,
      badOrder,
    );
}

function checkIds(messages: JsonObject[]): void {
  const ids = messages.flatMap((message) => [
    ...toolCallsOf(message).map((call) => call['id']),
    ...(message['role'] === 'tool' ? [message['tool_call_id']] : []),
  ]);
  for (const id of ids)
    if (!/^[a-zA-Z0-9]{9}$/.test(stringOf(id)))
      throw new Refusal(`Tool call id was ${stringOf(id)} but must be a-z, A-Z, 0-9, with a length of 9.`, 400, '3280');
}

function receivedThinking(message: JsonObject): string | undefined {
  const thinking = objectsOf(message['content']).filter((part) => part['type'] === 'thinking');
  return thinking.length === 0 ? undefined : thinking.map((part) => contentText(part['thinking'])).join('');
}

function thinks({ body, turn }: Reply): boolean {
  return body['reasoning_effort'] === 'high' && turn.reasoning !== '';
}

function thinkingPart(text: string, closed?: boolean): JsonObject {
  return { type: 'thinking', thinking: [{ type: 'text', text }], ...(closed === undefined ? {} : { closed }) };
}

function contentOf(reply: Reply): unknown {
  const { reasoning, text } = reply.turn;
  return thinks(reply) ? [thinkingPart(reasoning, true), ...(text === '' ? [] : [{ type: 'text', text }])] : text;
}

/** As recorded in vercel/ai: thinking in lists, then text, then whole calls, with finish reason and usage in one chunk. */
function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  const calls = wholeToolCalls(reply).map(({ type: _, ...call }) => call);
  const last = { content: '', ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return [
    dataFrame(chunk(reply, { role: 'assistant', content: '' })),
    ...pieces(thinks(reply) ? turn.reasoning : '').map((piece) =>
      deltaFrame(reply, { content: [thinkingPart(piece)] }),
    ),
    ...(thinks(reply) ? [dataFrame(chunk(reply, { content: [thinkingPart('', true)] }))] : []),
    ...pieces(turn.text).map((piece) => deltaFrame(reply, { content: piece })),
    { ...finishFrame(reply, last, { usage: usage(reply) }), content: calls.length > 0 },
    doneFrame,
  ];
}

function usage(reply: Reply): JsonObject {
  const { prompt, completion, cached } = reply.usage;
  return {
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    completion_tokens: completion,
    num_cached_tokens: cached,
    prompt_token_details: { cached_tokens: cached },
  };
}
