import { toolsAreInOrder } from '../../canonical/repairTools.ts';
import { inputsFit } from '../callInputs.ts';
import { isObject } from '../../canonical/json.ts';
import type { SseFrame } from '../../sse/frame.ts';
import type { Dialect, ReplyContext } from '../dialect.ts';
import { withKnownReason, type ReasonField } from '../knownReason.ts';
import { renameModel } from '../renameModel.ts';
import { callIdsAreValid } from './callIds.ts';
import { writeError } from './errorReply.ts';
import { readReply, writeReply } from './reply.ts';
import { patchSource, readRequest, writeRequest } from './request.ts';
import { streamReader } from './streamReader.ts';
import { streamWriter } from './streamWriter.ts';

/** The Anthropic Messages API, spoken by Claude Code and served by Anthropic and others. */
export const anthropicMessages: Dialect = {
  id: 'anthropic-messages',
  path: '/v1/messages',
  readRequest,
  writeRequest,
  patchSource,
  canRelay: (request) =>
    toolsAreInOrder(request.messages) &&
    callIdsAreValid(request.messages) &&
    inputsFit(request, 'messages', callInputs, isObject),
  canRelayReply,
  relayFrame,
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};

/** The content must be a list of blocks, whose calls have an object as input. */
function canRelayReply(body: unknown): boolean {
  const content = isObject(body) ? body['content'] : undefined;
  return Array.isArray(content) && content.every((block: unknown) => isObject(block) && isWellFormed(block));
}

function isWellFormed({ type, name, input }: Record<string, unknown>): boolean {
  return typeof type === 'string' && (type !== 'tool_use' || (typeof name === 'string' && isObject(input)));
}

function callInputs({ content }: Record<string, unknown>): unknown[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((block: unknown) => (isObject(block) && block['type'] === 'tool_use' ? [block['input']] : []));
}

/** The only event with the model's name. Others may contain tool results, in which "model" can mean anything. */
const namesModel = /^\s*\{\s*"type"\s*:\s*"message_start"/;

const stopField: ReasonField = {
  pattern: /("stop_reason"\s*:\s*)"((?:[^"\\]|\\.)*)"/,
  refusal: 'refusal',
  length: 'max_tokens',
  others: ['model_context_window_exceeded'],
};

function relayFrame(frame: SseFrame, context: ReplyContext): SseFrame {
  if ('comment' in frame) return frame;
  const known = withKnownReason(frame, stopField);
  return frame.event === 'message_start' || namesModel.test(frame.data) ? renameModel(known, context) : known;
}
