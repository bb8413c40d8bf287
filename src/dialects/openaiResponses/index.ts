import type { Dialect } from '../dialect.ts';
import { renameModel } from '../renameModel.ts';
import { resolveReferences } from './itemReferences.ts';
import { readReply, writeReply } from './reply.ts';
import { canRelay, patchSource, readRequest, writeRequest } from './request.ts';
import { streamReader } from './streamReader.ts';
import { streamWriter } from './streamWriter.ts';
import { writeError } from './writeError.ts';

/** OpenAI's Responses API, which Codex and some providers use. */
export const openaiResponses: Dialect = {
  id: 'openai-responses',
  path: '/responses',
  resolveReferences,
  readRequest,
  writeRequest,
  patchSource,
  canRelay,
  relayFrame: renameModel,
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};
