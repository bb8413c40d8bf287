// Limits of models and servers that several stand-ins share, with the texts of the real ones.

import { isObject, objectsOf, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';

/** claude-code#44230: strict JSON readers refuse half of a surrogate pair, wherever it is. */
export function checkWellFormed(body: JsonObject): void {
  if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(body)))
    throw new Refusal('The request body is not valid JSON: no low surrogate in string: line 1 column 92 (char 91)');
}

/** OpenHands#8685, AstrBot#7200: a message of the assistant's that says nothing. */
export function checkAssistants(messages: readonly JsonObject[], say: (index: number) => Refusal): void {
  for (const [index, message] of messages.entries()) {
    const { role, content, tool_calls: calls, reasoning_content: reasoning } = message;
    const empty = typeof content === 'string' ? content === '' : objectsOf(content).every(isBlank);
    if (role === 'assistant' && empty && objectsOf(calls).length === 0 && !reasoning) throw say(index);
  }
}

function isBlank({ type, text }: JsonObject): boolean {
  return type === 'text' && stringOf(text).trim() === '';
}

/** The prompt is estimated: a token of four characters. */
export function checkWindow(body: JsonObject, window: number): void {
  const most = Number(body['max_completion_tokens'] ?? body['max_tokens'] ?? 0);
  const prompt = Math.ceil(JSON.stringify([body['messages'], body['tools']]).length / 4);
  if (prompt + most <= window) return;
  throw new Refusal(
    `'max_tokens' or 'max_completion_tokens' is too large: ${most}. This model's maximum context length is ${window} tokens and your request has ${prompt} input tokens (${most} > ${window} - ${prompt}). (parameter=max_tokens, value=${most})`,
  );
}

/** cc-switch#7287, new-api#2866. */
export function checkLeastOutput(body: JsonObject): void {
  const most = body['max_output_tokens'];
  if (typeof most === 'number' && most < 16)
    throw new Refusal(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${most} instead.`,
      400,
      'integer_below_min_value',
    );
}

/** opencode#25725: Claude from 4.6 on; `version` is 4.6 for claude-opus-4-6. */
export function checkClaude(body: JsonObject, version: number): void {
  const last = objectsOf(body['messages']).findLast(({ role }) => role !== 'system');
  if (version >= 4.6 && version < 9 && last?.['role'] === 'assistant')
    throw new Refusal(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  const { temperature, top_p: topP } = body;
  if (version >= 4 && temperature !== undefined && topP !== undefined)
    throw new Refusal('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1))
    throw new Refusal('temperature: range: 0..1');
}

/** Anthropic's own fields within tools and marks, at a copy of its API (9router#1468, litellm#26240). */
export function checkPlainMessages(body: JsonObject): void {
  const known = ['model', 'messages', 'system', 'max_tokens', 'metadata', 'stop_sequences', 'stream', 'temperature', 'top_k', 'top_p', 'thinking', 'tools', 'tool_choice']; // prettier-ignore
  for (const name of Object.keys(body)) if (!known.includes(name)) throw unknownField(name);
  for (const [index, tool] of objectsOf(body['tools']).entries())
    for (const name of Object.keys(tool))
      if (!['type', 'name', 'description', 'input_schema', 'cache_control'].includes(name))
        throw unknownField(`tools.${index}.custom.${name}`);
  for (const [index, block] of objectsOf(body['system']).entries()) {
    const mark = block['cache_control'];
    if (isObject(mark) && 'scope' in mark) throw unknownField(`system.${index}.cache_control.ephemeral.scope`);
  }
}

function unknownField(name: string): Refusal {
  return new Refusal(`${name}: Extra inputs are not permitted`);
}
