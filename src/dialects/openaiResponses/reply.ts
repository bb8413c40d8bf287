import { GatewayError } from '../../canonical/errors.ts';
import type { Delta, Reply } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import { readErrorInside } from '../../canonical/providerError.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ReadOptions, ReplyContext } from '../dialect.ts';
import { condenseReply } from './compaction.ts';
import { createItemReader, isCall } from './itemReader.ts';
import { mediaToText } from './media.ts';
import { createItemIds, isWritable, readableBlock, writeItem } from './outputItems.ts';
import { writeProof } from './proof.ts';
import { readEnd, saysSomething } from './replyEnd.ts';
import { createResponseObject, finalState } from './responseObject.ts';
import { readResponse } from './readEvent.ts';

/** Reads a provider's whole response into the deltas of a stream. */
export function readReply(raw: unknown, { editJson, errors }: ReadOptions = {}): Delta[] {
  const body = editJson && isObject(raw) ? editJson(raw) : raw;
  const error = readErrorInside(body, undefined, errors);
  if (error) return [{ type: 'error', error }];
  const response = isObject(body) ? readResponse(body) : undefined;
  if (!response || !(response.output || saysSomething(response.error) || response.status === 'failed')) {
    const message = 'The provider answered with JSON that is not a response.';
    return [{ type: 'error', error: new GatewayError('protocol', message) }];
  }
  const output = response.output ?? [];
  const deltas: Delta[] = [{ type: 'start', id: response.id ?? undefined, model: response.model ?? undefined }];
  for (const [index, item] of output.entries()) {
    createItemReader(String(index), (delta) => deltas.push(delta)).finish(item);
  }
  const calls = output.some((item) => isCall(item.type));
  return [...deltas, ...readEnd(response, calls, errors)];
}

/** The arguments of a call must be text, and the text of a message in a list of parts. */
export function canRelayReply(body: unknown): boolean {
  if (!isObject(body) || !Array.isArray(body['output'])) return false;
  const items = body['output'].filter(isObject);
  if (items.length === 0 && body['output_text']) return false;
  return items.every(({ type, arguments: input, content }) =>
    type === 'message' ? Array.isArray(content) : type !== 'function_call' || typeof input === 'string',
  );
}

/** Writes the response object for a client that does not stream. */
export function writeReply(reply: Reply, context: ReplyContext): JsonObject {
  const write = createResponseObject(context, context.replyId ?? context.newId('resp'));
  const newItem = createItemIds(context);
  const shaped = context.request.compaction ? condenseReply(reply, context) : reply;
  const ending = finalState(shaped.finish, context);
  const blocks = shaped.blocks.filter(isWritable);
  const output = blocks.map((given, index) => {
    const described = mediaToText(given);
    const block = described?.block ?? given;
    const cut = ending.status === 'incomplete' && index === blocks.length - 1;
    const { proof, citations, logprobs } = given;
    const text = described?.text ?? given.text;
    const encryptedContent = block.type === 'reasoning' ? writeProof(text, proof, context) : null;
    const state = { ...newItem(readableBlock(block, context.client)), text, encryptedContent, citations, logprobs };
    return writeItem(state, cut ? 'incomplete' : 'completed');
  });
  return write({ ...ending, output, usage: reply.usage });
}
