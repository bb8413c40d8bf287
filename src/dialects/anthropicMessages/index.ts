import { toolsAreInOrder } from '../../canonical/repairTools.ts';
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
  canRelay: ({ messages }) => toolsAreInOrder(messages) && callIdsAreValid(messages),
  relayFrame,
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};
