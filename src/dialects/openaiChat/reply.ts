import { GatewayError } from '../../canonical/errors.ts';
import type { Delta, Reply, ReplyBlock } from '../../canonical/events.ts';
import { isObject, withoutUndefined } from '../../canonical/json.ts';
import { readErrorInside } from '../../canonical/providerError.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ReadOptions, ReplyContext } from '../dialect.ts';
import { createAnswerReader } from './answerReader.ts';
import { citationFields, writeAnnotations } from './annotations.ts';
import { signaturesIn, signatureFields } from './extraContent.ts';
import { reasonOf, refusalIn, writeFinish } from './finishReason.ts';
import { writeLogprobs } from './logprobs.ts';
import { wordsFor, writeMedia } from './media.ts';
import { readAnswer, readChunk } from './readChunk.ts';
import { firstChoice } from './streamReader.ts';
import { readUsage, writeUsage } from './usage.ts';
import { joinTexts } from './writeMessages.ts';

/** Reads a chat.completion into the deltas of a stream, treating its message as one large delta. */
export function readReply(raw: unknown, { editJson, errors }: ReadOptions = {}): Delta[] {
  const body = editJson && isObject(raw) ? editJson(raw) : raw;
  const error = readErrorInside(body, undefined, errors);
  if (error) return [{ type: 'error', error }];
  const reply = isObject(body) ? readChunk(body) : undefined;
  const choice = reply && firstChoice(reply);
  const refusal = reply && refusalIn(reply, false);
  const message = choice?.message ?? choice?.delta ?? (refusal ? readAnswer({}) : undefined);
  if (!reply || !message) {
    return [
      {
        type: 'error',
        error: new GatewayError('protocol', 'The provider answered with JSON that is not a chat completion.'),
      },
    ];
  }
  const deltas: Delta[] = [
    { type: 'start', ...(reply.id && { id: reply.id }), ...(reply.model && { model: reply.model }) },
  ];
  const answer = createAnswerReader((delta) => deltas.push(delta));
  answer.pushBeside(reply, choice?.logprobs);
  answer.push(message);
  const usage = readUsage(reply, choice);
  if (usage) deltas.push({ type: 'usage', usage });
  // A whole message has ended even if it gives no finish reason.
  const finish = refusalIn(reply, answer.any()) ?? (choice && reasonOf(choice)) ?? '';
  if (!answer.finish(finish)) return deltas;
  answer.close();
  deltas.push({ type: 'done' });
  return deltas;
}

export function writeReply(reply: Reply, context: ReplyContext): JsonObject {
  return withoutUndefined({
    id: context.newId('chatcmpl'),
    object: 'chat.completion',
    created: context.createdAt,
    model: context.model,
    choices: [
      {
        index: 0,
        message: writeMessage(reply.blocks),
        logprobs: writeLogprobs(reply.blocks),
        finish_reason: writeFinish(reply.finish),
      },
    ],
    usage: reply.usage && writeUsage(reply.usage),
    ...citationFields(reply.blocks.findLast(({ citations }) => citations?.fields)?.citations),
  });
}

function writeMessage(blocks: ReplyBlock[]): JsonObject {
  const texts = (type: ReplyBlock['type']): string[] =>
    blocks.filter((block) => block.type === type).map((block) => block.text);
  const { text, annotations } = writeText(blocks);
  const media = writeMedia(blocks.flatMap((block) => (block.type === 'media' ? [block.media] : [])));
  const refusal = texts('refusal').join('');
  const signatures = signaturesIn(blocks);
  const calls = blocks
    .filter((block) => block.type === 'tool-call')
    .map((call, place) => ({ ...writeCall(call), ...signatureFields(signatures.ofCall(place)) }));
  return withoutUndefined({
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '' || 'audio' in media) ? null : text,
    refusal: refusal === '' ? null : refusal,
    reasoning_content: texts('reasoning').join('') || undefined,
    annotations: annotations.length > 0 ? annotations : undefined,
    ...media,
    ...signatureFields(signatures.own),
    tool_calls: calls.length > 0 ? calls : undefined,
  });
}

/** The message's content, and what it refers to. */
function writeText(blocks: ReplyBlock[]): { text: string; annotations: JsonObject[] } {
  const annotations: JsonObject[] = [];
  let text = '';
  for (const block of blocks) {
    const piece = block.type === 'text' ? block.text : block.type === 'media' ? wordsFor(block.media) : '';
    if (piece !== '') text = joinTexts([text, piece]);
    const { length } = piece;
    if (block.citations)
      annotations.push(...writeAnnotations(block.citations, { offset: text.length - length, length }));
  }
  return { text, annotations };
}

function writeCall({ id, name, kind, text }: Extract<ReplyBlock, { type: 'tool-call' }>): JsonObject {
  if (kind === 'custom') return { id, type: 'custom', custom: { name, input: text } };
  // Clients parse the arguments as JSON, so a call without any has `{}`.
  return { id, type: 'function', function: { name, arguments: text.trim() === '' ? '{}' : text } };
}
