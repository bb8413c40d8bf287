import { toolsAreInOrder } from '../../canonical/repairTools.ts';
import { inputsFit } from '../callInputs.ts';
import { isObject } from '../../canonical/json.ts';
import type { Dialect } from '../dialect.ts';
import { callIdsAreValid } from './callIds.ts';
import { writeError } from './errorReply.ts';
import { relayFrame } from './relayFrame.ts';
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
  relayFrame,
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};

function callInputs({ content }: Record<string, unknown>): unknown[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((block: unknown) => (isObject(block) && block['type'] === 'tool_use' ? [block['input']] : []));
}
