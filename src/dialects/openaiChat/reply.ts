import { GatewayError } from '../../canonical/errors.ts';
import type { Delta, Reply, ReplyBlock } from '../../canonical/events.ts';
import { isObject } from '../../canonical/json.ts';
import { readErrorInside } from '../../canonical/providerError.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { ReadOptions, ReplyContext } from '../dialect.ts';
import { createAnswerReader } from './answerReader.ts';
import { signaturesIn, signed } from './extraContent.ts';
import { writeFinish } from './finishReason.ts';
import { firstChoice } from './streamReader.ts';
import { readUsage, writeUsage } from './usage.ts';
import { defined } from './wire.ts';
import { joinTexts } from './writeMessages.ts';
import * as wire from './wire.ts';

/** Reads a chat.completion into the deltas of a stream, treating its message as one large delta. */
export function readReply(raw: unknown, { editJson, errors }: ReadOptions = {}): Delta[] {
  const body = editJson && isObject(raw) ? editJson(raw) : raw;
  const error = readErrorInside(body, undefined, errors);
  if (error) return [{ type: 'error', error }];
  const reply = wire.chunk.safeParse(body).data;
  const choice = reply && firstChoice(reply);
  const message = choice?.message ?? choice?.delta;
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
  answer.push(message);
  const usage = readUsage(reply, choice);
  if (usage) deltas.push({ type: 'usage', usage });
  // A whole message has ended even if it gives no finish reason.
  if (answer.finish(choice?.finish_reason ?? '')) deltas.push({ type: 'done' });
  return deltas;
}

export function writeReply(reply: Reply, context: ReplyContext): JsonObject {
  return defined({
    id: context.newId('chatcmpl'),
    object: 'chat.completion',
    created: context.createdAt,
    model: context.model,
    choices: [
      { index: 0, message: writeMessage(reply.blocks), logprobs: null, finish_reason: writeFinish(reply.finish) },
    ],
    usage: reply.usage && writeUsage(reply.usage),
  });
}

function writeMessage(blocks: ReplyBlock[]): JsonObject {
  const texts = (type: ReplyBlock['type']): string[] =>
    blocks.filter((block) => block.type === type).map((block) => block.text);
  const text = joinTexts(texts('text'));
  const refusal = texts('refusal').join('');
  const signatures = signaturesIn(blocks);
  const calls = blocks
    .filter((block) => block.type === 'tool-call')
    .map((call, place) => ({ ...writeCall(call), ...signed(signatures.ofCall(place)) }));
  return defined({
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    refusal: refusal === '' ? null : refusal,
    reasoning_content: texts('reasoning').join('') || undefined,
    ...signed(signatures.own),
    tool_calls: calls.length > 0 ? calls : undefined,
  });
}

function writeCall({ id, name, kind, text }: Extract<ReplyBlock, { type: 'tool-call' }>): JsonObject {
  if (kind === 'custom') return { id, type: 'custom', custom: { name, input: text } };
  // Clients parse the arguments as JSON, so a call without any has `{}`.
  return { id, type: 'function', function: { name, arguments: text.trim() === '' ? '{}' : text } };
}
