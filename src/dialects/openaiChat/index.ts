import { isObject } from '../../canonical/json.ts';
import { inputsFit, isText } from '../callInputs.ts';
import { toolsAreInOrder } from '../../canonical/repairTools.ts';
import type { SseFrame } from '../../sse/frame.ts';
import type { Dialect, ReplyContext } from '../dialect.ts';
import { withKnownReason, type ReasonField } from '../knownReason.ts';
import { renameModel } from '../renameModel.ts';
import { readReply, writeReply } from './reply.ts';
import { patchSource, readRequest, writeRequest } from './request.ts';
import { streamReader } from './streamReader.ts';
import { streamWriter } from './streamWriter.ts';
import { writeError } from './writeError.ts';

/** OpenAI's Chat Completions API, which most providers are compatible with. */
export const openaiChat: Dialect = {
  id: 'openai-chat',
  path: '/chat/completions',
  readRequest,
  writeRequest,
  patchSource,
  canRelay: (request) => toolsAreInOrder(request.messages) && inputsFit(request, 'messages', callInputs, isText),
  canRelayReply,
  relayFrame,
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};

/** Each message must have text or none, and calls in the form that clients know. */
function canRelayReply(body: unknown): boolean {
  const choices = isObject(body) && Array.isArray(body['choices']) ? (body['choices'] as unknown[]) : [];
  return (
    choices.length > 0 &&
    choices.every((choice) => isObject(choice) && isObject(choice['message']) && isWellFormed(choice['message']))
  );
}

function isWellFormed({ content = null, tool_calls: calls }: Record<string, unknown>): boolean {
  if (content !== null && typeof content !== 'string' && !Array.isArray(content)) return false;
  if (!Array.isArray(calls)) return calls === undefined || calls === null;
  return calls.every((call: unknown) => isObject(call) && (isObject(call['function']) || isObject(call['custom'])));
}

const usageOnly = /"choices"\s*:\s*\[\s*\]/;

/**
 * CCR always asks the provider for usage. A client that did not ask for it must not get the usage chunk: its empty `choices`
 * would break clients that expect at least one.
 */
function relayFrame(frame: SseFrame, context: ReplyContext): SseFrame | undefined {
  if (!context.request.includeUsage && 'data' in frame && usageOnly.test(frame.data)) return undefined;
  return renameModel(withKnownReason(frame, finishField), context);
}

const finishField: ReasonField = {
  pattern: /("finish_reason"\s*:\s*)"((?:[^"\\]|\\.)*)"/,
  refusal: 'content_filter',
  length: 'length',
};

function callInputs({ tool_calls: calls, function_call: legacy }: Record<string, unknown>): unknown[] {
  const called = Array.isArray(calls)
    ? calls.map((call: unknown) => (isObject(call) ? call['function'] : undefined))
    : [];
  return [...called, legacy].filter(isObject).map(({ arguments: input }) => input);
}
