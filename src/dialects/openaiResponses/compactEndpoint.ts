import { isUsersOwn } from '../../canonical/compaction.ts';
import { editRequest } from '../../canonical/editRequest.ts';
import type { Reply } from '../../canonical/events.ts';
import type { ChatRequest, JsonObject } from '../../canonical/request.ts';
import type { Opener } from '../../reasoning/sealer.ts';
import type { Dialect, ReplyContext } from '../dialect.ts';
import { condenseReply } from './compaction.ts';
import { openaiResponses } from './index.ts';
import { createItemIds, writeItem } from './outputItems.ts';
import { readRequest } from './request.ts';
import { writeUsage } from './responseObject.ts';
import { writeInput } from './writeInput.ts';

/**
 * `POST /v1/responses/compact`, as in OpenAI's API reference ("Compact a response") and its SDK's types. The request is that of
 * a response and never streamed. `output` holds all user messages and one compaction item: the `input` of the next request.
 */
export const responsesCompact: Dialect = { ...openaiResponses, readRequest: readCompact, writeReply: writeCompacted };

/** Drops the source, since providers compact through /responses, and stores no reply, since no request continues from one. */
function readCompact(body: unknown, opener: Opener): ChatRequest {
  const request = readRequest(body, opener);
  const { continuation } = request;
  return editRequest(request, {
    compaction: true,
    stream: false,
    continuation: continuation?.previousId ? { ...continuation, keep: false } : undefined,
  });
}

function writeCompacted(reply: Reply, context: ReplyContext): JsonObject {
  const { request, createdAt, newId } = context;
  const newItem = createItemIds({ newId });
  const items = condenseReply(reply, context).blocks.map((block) => writeItem(newItem(block), 'completed'));
  return {
    id: newId('resp'),
    object: 'response.compaction',
    created_at: createdAt,
    output: [...writeInput(request.messages.filter(isUsersOwn)).map((item) => keptMessage(item, newId)), ...items],
    usage: writeUsage(reply.usage ?? { inputTokens: 0, outputTokens: 0 }),
  };
}

function keptMessage(item: JsonObject, newId: ReplyContext['newId']): JsonObject {
  return { id: newId('msg'), ...item, status: 'completed' };
}
