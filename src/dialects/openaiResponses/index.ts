import type { Dialect } from '../dialect.ts';
import { withKnownReason, type ReasonField } from '../knownReason.ts';
import { renameModel } from '../renameModel.ts';
import { resolveReferences } from './itemReferences.ts';
import { canRelayReply, readReply, writeReply } from './reply.ts';
import { canRelay, patchSource, readRequest, writeRequest } from './request.ts';
import { streamReader } from './streamReader.ts';
import { streamWriter } from './streamWriter.ts';
import { writeError } from './writeError.ts';

const incompleteField: ReasonField = {
  pattern: /("incomplete_details"\s*:\s*\{\s*"reason"\s*:\s*)"((?:[^"\\]|\\.)*)"/,
  refusal: 'content_filter',
  length: 'max_output_tokens',
};

/** OpenAI's Responses API, which Codex and some providers use. */
export const openaiResponses: Dialect = {
  id: 'openai-responses',
  path: '/responses',
  resolveReferences,
  readRequest,
  writeRequest,
  patchSource,
  canRelay,
  canRelayReply,
  relayFrame: (frame, context) => renameModel(withKnownReason(frame, incompleteField), context),
  streamReader,
  streamWriter,
  readReply,
  writeReply,
  writeError,
};
