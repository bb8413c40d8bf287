import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { dataFrame } from './profile.ts';
import type { Frame, Reply } from './profile.ts';

// Fixed, so that golden outputs stay the same.
export const createdAt = 1_700_000_000;

export function chunk(
  reply: Reply,
  delta: JsonObject,
  finishReason: string | null = null,
  extra: JsonObject = {},
): JsonObject {
  return {
    id: reply.id,
    object: 'chat.completion.chunk',
    created: createdAt,
    model: reply.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...extra,
  };
}

export function deltaFrame(reply: Reply, delta: JsonObject, extra: JsonObject = {}): Frame {
  return dataFrame(chunk(reply, delta, null, extra), true);
}

/** The last chunk that has a choice, with the finish reason. */
export function finishFrame(reply: Reply, delta: JsonObject, extra: JsonObject = {}): Frame {
  return dataFrame(chunk(reply, delta, finishReasonOf(reply), extra));
}

/** The usage in a chunk of its own, without choices. */
export function usageFrame(reply: Reply, usage: JsonObject, extra: JsonObject = {}): Frame {
  return dataFrame({ ...chunk(reply, {}, null, extra), choices: [], usage });
}

/** `usageFrame`, if the request asks for the usage. */
export function askedUsageFrame(reply: Reply, usage: JsonObject, extra: JsonObject = {}): Frame[] {
  return wantsUsage(reply.body) ? [usageFrame(reply, usage, extra)] : [];
}

export function wantsUsage({ stream_options: options }: JsonObject): boolean {
  return isObject(options) && options['include_usage'] === true;
}

export const doneFrame: Frame = { text: 'data: [DONE]\n\n', content: false };

export function finishReasonOf(reply: Reply): string {
  return reply.turn.calls.length > 0 ? 'tool_calls' : 'stop';
}

/** Head with id and name, then the arguments in pieces, as OpenAI and DeepSeek do. */
export function toolDeltas(reply: Reply, order: 'one-by-one' | 'interleaved' = 'one-by-one'): JsonObject[] {
  const perCall = reply.turn.calls.map((call, index) => [
    { index, id: reply.callIds[index], type: 'function', function: { name: call.tool.name, arguments: '' } },
    ...reply.pieces(call.input).map((piece) => ({ index, function: { arguments: piece } })),
  ]);
  if (order === 'one-by-one') return perCall.flat();
  const longest = Math.max(0, ...perCall.map((deltas) => deltas.length));
  return Array.from({ length: longest }, (_, round) => perCall.flatMap((deltas) => deltas[round] ?? [])).flat();
}

/** The whole call in one delta, as GLM does without tool_stream. */
export function wholeToolDeltas(reply: Reply): JsonObject[] {
  return reply.turn.calls.map((call, index) => ({ index, ...wholeCall(reply, call.tool.name, call.input, index) }));
}

export function wholeToolCalls(reply: Reply): JsonObject[] {
  return reply.turn.calls.map((call, index) => wholeCall(reply, call.tool.name, call.input, index));
}

function wholeCall(reply: Reply, name: string, input: string, index: number): JsonObject {
  return { id: reply.callIds[index], type: 'function', function: { name, arguments: input } };
}

export function chatReply(reply: Reply, message: JsonObject, usage: JsonObject): JsonObject {
  const calls = wholeToolCalls(reply);
  const choice = {
    index: 0,
    message: { role: 'assistant', ...message, ...(calls.length > 0 ? { tool_calls: calls } : {}) },
    logprobs: null,
    finish_reason: finishReasonOf(reply),
  };
  return { id: reply.id, object: 'chat.completion', created: createdAt, model: reply.model, choices: [choice], usage };
}

export function openAiUsage(reply: Reply): JsonObject {
  const { prompt, cached, completion, reasoning } = reply.usage;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
