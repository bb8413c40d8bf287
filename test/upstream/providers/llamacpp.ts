import { compareReplays, readChat } from '../chatRead.ts';
import { checkBasics, checkToolCalls, checkTools, messagesOf } from '../chatRules.ts';
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
import { isObject, stringOf } from '../json.ts';
import { checkTemplate, imageUrls, thinkingIsEnabled } from '../localRules.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

/** Whether it was started with `--mmproj`. */
export type LlamacppStyle = { images?: boolean };

/** llama-server. Ignores unknown fields, and silently ignores a named tool choice, since its value is not a string. */
export function llamacpp({ images = true }: LlamacppStyle = {}): Profile {
  return {
    path: '/chat/completions',
    check: (body) => check(body, images),
    read: readChat,
    replays: (body, sent) =>
      compareReplays(body, sent, (message) =>
        typeof message['reasoning_content'] === 'string' ? message['reasoning_content'] : undefined,
      ),
    callId: ({ serial }) => String(serial).padStart(32, 'a'),
    proof: () => undefined,
    errorBody,
    frames,
    errorFrame: (refusal) => dataFrame(errorBody(refusal)),
    replyBody: (reply) => ({
      ...chatReply(
        reply,
        { content: reply.turn.text, ...(reasoningOf(reply) === '' ? {} : { reasoning_content: reasoningOf(reply) }) },
        openAiUsage(reply),
      ),
      timings: timings(reply),
    }),
  };
}

function errorBody({ status, message }: Refusal): JsonObject {
  return { error: { code: status, message, type: status === 400 ? 'invalid_request_error' : 'server_error' } };
}

function check(body: JsonObject, images: boolean): void {
  checkBasics(body);
  const messages = messagesOf(body);
  const choice = body['tool_choice'];
  if (typeof choice === 'string' && !['auto', 'none', 'required'].includes(choice))
    throw new Refusal(`Invalid tool_choice: ${choice}`);
  const format = body['response_format'];
  if (isObject(format) && !['text', 'json_object', 'json_schema'].includes(stringOf(format['type'])))
    throw new Refusal(
      `response_format type must be one of "text" or "json_object", but got: ${stringOf(format['type'])}`,
    );
  if (!images && imageUrls(body).length > 0)
    throw new Refusal(
      'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
      500,
    );
  checkTools(body, (what) => new Refusal(what));
  checkToolCalls(messages, (what) => new Refusal(what));
  checkPrefill(body, messages);
  checkTemplate(body, 500);
}

/** A final assistant message is a prefill of the answer (llama.cpp#20861). */
function checkPrefill(body: JsonObject, messages: JsonObject[]): void {
  if (messages.at(-1)?.['role'] !== 'assistant') return;
  if (messages.at(-2)?.['role'] === 'assistant')
    throw new Refusal('Cannot have 2 or more assistant messages at the end of the list.');
  if (thinkingIsEnabled(body)) throw new Refusal('Assistant response prefill is incompatible with enable_thinking.');
}

function reasoningOf({ body, turn }: Reply): string {
  return thinkingIsEnabled(body) ? turn.reasoning : '';
}

function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  const withUsage = wantsUsage(reply.body);
  return [
    dataFrame(chunk(reply, { role: 'assistant', content: null })),
    ...pieces(reasoningOf(reply)).map((piece) => deltaFrame(reply, { reasoning_content: piece })),
    ...pieces(turn.text).map((piece) => deltaFrame(reply, { content: piece })),
    ...toolDeltas(reply).map((call) => deltaFrame(reply, { tool_calls: [call] })),
    finishFrame(reply, {}, withUsage ? {} : { timings: timings(reply) }),
    ...askedUsageFrame(reply, openAiUsage(reply), { timings: timings(reply) }),
    doneFrame,
  ];
}

function timings({ usage: { prompt, cached, completion } }: Reply): JsonObject {
  return { cache_n: cached, prompt_n: prompt - cached, prompt_ms: 1, predicted_n: completion, predicted_ms: 1 };
}
