import { compareReplays, readChat } from '../chatRead.ts';
import { checkBasics, checkToolCalls, contentText, messagesOf } from '../chatRules.ts';
import { askedUsageFrame, chatReply, deltaFrame, doneFrame, finishFrame, wholeToolCalls } from '../chatWrite.ts';
import { isObject, objectsOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dataFrame } from '../profile.ts';
import type { Frame, Profile, Reply } from '../profile.ts';
import { Refusal } from '../refusal.ts';

/** Ollama's `/v1`. Ignores unknown fields and `tool_choice`; checks the others as openai/openai.go does. */
export const ollama: Profile = {
  path: '/chat/completions',
  check,
  read: (body) => readChat({ ...body, tool_choice: 'auto' }),
  replays: (body, sent) =>
    compareReplays(body, sent, ({ reasoning }) => (typeof reasoning === 'string' ? reasoning : undefined)),
  callId: ({ serial }) => `call_${String(serial).padStart(8, '0')}`,
  proof: () => undefined,
  errorBody,
  frames,
  errorFrame: (refusal) => dataFrame(errorBody(refusal)),
  replyBody: (reply) => ({
    ...chatReply(reply, { content: reply.turn.text, ...reasoningOf(reply) }, usage(reply)),
    system_fingerprint: 'fp_ollama',
  }),
};

function errorBody({ status, message, code }: Refusal): JsonObject {
  const type = status === 404 ? 'not_found_error' : status === 400 ? 'invalid_request_error' : 'api_error';
  return { error: { message, type, param: null, code: code ?? null } };
}

function check(body: JsonObject): void {
  checkBasics(body);
  const model = stringOf(body['model']);
  checkEffort(body, model);
  if (objectsOf(body['tools']).length > 0 && /gemma[23]\b|llama2/.test(model))
    throw new Refusal(`registry.ollama.ai/library/${model} does not support tools`);
  const messages = messagesOf(body);
  for (const { content } of messages) checkImages(content);
  checkToolCalls(messages, () => new Refusal('invalid tool call arguments'));
}

/** The levels of older versions, which newer ones accept too. Only for a model that can think (#12561). */
function checkEffort(body: JsonObject, model: string): void {
  const effort = effortOf(body);
  if (effort === '') return;
  if (!['high', 'medium', 'low', 'max', 'none'].includes(effort))
    throw new Refusal(`invalid reasoning value: '${effort}' (must be "high", "medium", "low", "max", or "none")`);
  if (effort !== 'none' && !canThink(model)) throw new Refusal(`"${model}" does not support thinking`);
}

function effortOf({ reasoning, reasoning_effort: effort }: JsonObject): string {
  return isObject(reasoning) ? stringOf(reasoning['effort']) : stringOf(effort);
}

function canThink(model: string): boolean {
  return !/llama|coder|qwen2|gemma[23]\b/.test(model);
}

function checkImages(content: unknown): void {
  for (const part of objectsOf(content)) {
    if (part['type'] === 'text') continue;
    if (part['type'] !== 'image_url') throw new Refusal('invalid message format');
    const image = part['image_url'];
    const url = isObject(image) ? stringOf(image['url']) : stringOf(image);
    if (!/^data:(image\/(jpeg|jpg|png|webp))?;base64,/.test(url)) throw new Refusal('invalid image input');
  }
}

/** A model that can think does so by default. */
function thinks({ body }: Reply): boolean {
  return effortOf(body) !== 'none' && canThink(stringOf(body['model']));
}

function reasoningOf(reply: Reply): JsonObject {
  return thinks(reply) && reply.turn.reasoning !== '' ? { reasoning: reply.turn.reasoning } : {};
}

function frames(reply: Reply): Frame[] {
  const { turn, pieces } = reply;
  const head = { system_fingerprint: 'fp_ollama' };
  const delta = (fields: JsonObject): Frame => deltaFrame(reply, { role: 'assistant', content: '', ...fields }, head);
  return [
    ...pieces(thinks(reply) ? turn.reasoning : '').map((reasoning) => delta({ reasoning })),
    ...pieces(contentText(turn.text)).map((content) => delta({ content })),
    // Each chunk has a whole call (#13581), always at index 0 (#7881).
    ...wholeToolCalls(reply).map((call) => delta({ tool_calls: [{ index: 0, ...call }] })),
    finishFrame(reply, { role: 'assistant', content: '' }, head),
    ...askedUsageFrame(reply, usage(reply), head),
    doneFrame,
  ];
}

function usage({ usage: { prompt, completion } }: Reply): JsonObject {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
