import { GatewayError } from '../../canonical/errors.ts';
import type { Delta, Reply } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import { readErrorInside } from '../../canonical/providerError.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ReadOptions, ReplyContext } from '../dialect.ts';
import { createCallIds, writeReplyBlock } from './replyBlocks.ts';
import { createBlockReader } from './blockReader.ts';
import { readEnding, writeReason } from './stopReason.ts';
import { withoutTrailingProof } from './trailingProof.ts';
import { createUsageReader, writeUsage } from './usage.ts';
import { readWireReply } from './readEvent.ts';

/** Reads a provider's whole message as stream deltas. */
export function readReply(raw: unknown, { editJson, errors }: ReadOptions = {}): Delta[] {
  const body = editJson && isObject(raw) ? editJson(raw) : raw;
  const error = readErrorInside(body, undefined, errors);
  if (error) return [{ type: 'error', error }];
  const reply = readWireReply(body);
  if (!reply) {
    const message = 'The provider replied with JSON that is not a Messages reply.';
    return [{ type: 'error', error: new GatewayError('protocol', message) }];
  }
  const deltas: Delta[] = [{ type: 'start', id: reply.id ?? undefined, model: reply.model ?? undefined }];
  const blocks = createBlockReader((delta) => deltas.push(delta));
  for (const [index, block] of reply.content.entries()) {
    blocks.start(index, block);
    blocks.stop(index);
  }
  const counts = createUsageReader();
  counts.push(reply.usage);
  const usage = counts.usage();
  if (usage) deltas.push({ type: 'usage', usage });
  // A whole message is complete even without a stop reason.
  const ending = readEnding({ ...reply, stop_reason: reply.stop_reason || 'end_turn' }, blocks.answered());
  return ending.some(({ type }) => type === 'error')
    ? [...deltas, ...ending]
    : [...deltas, ...ending, { type: 'done' }];
}

export function writeReply(reply: Reply, context: ReplyContext): JsonObject {
  const newCallId = createCallIds(context.request.messages, context.newId);
  return {
    id: context.newId('msg'),
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: withoutTrailingProof(reply.blocks)
      .map((block) => writeReplyBlock(block, newCallId(block), context.sealer))
      .filter((block) => block !== undefined),
    stop_reason: writeReason(reply.finish, reply.stopSequence === undefined ? '' : 'stop_sequence'),
    stop_sequence: reply.stopSequence ?? null,
    usage: writeUsage(reply.usage),
  };
}
