import { toolsAreInOrder } from '../../canonical/repairTools.ts';
import type { Dialect } from '../dialect.ts';
import { readReply, writeError, writeReply } from './reply.ts';
import { patchSource, readRequest, writeRequest } from './request.ts';
import { relayFrame } from './relayFrame.ts';
import { streamReader } from './streamReader.ts';
import { streamWriter } from './streamWriter.ts';

/** OpenAI's Chat Completions, as OpenAI's clients and every compatible provider speak it. */
export const openaiChat: Dialect = {
  id: 'openai-chat',
  path: '/chat/completions',
  readRequest,
  writeRequest,
  patchSource,
  canRelay: ({ messages }) => toolsAreInOrder(messages),
  relayFrame,
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};
