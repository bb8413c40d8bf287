import { isReason, refuseEvent } from '../eventJson.ts';
import type { SaidText } from '../frameShape.ts';
import { createFrameReader, unfinished } from '../readFrame.ts';
import type { GatewayError } from '../../canonical/errors.ts';
import type { Delta } from '../../canonical/events.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Sink } from '../../canonical/stage.ts';
import type { ReadFrame } from '../../sse/frame.ts';
import type { ReadOptions } from '../dialect.ts';
import { createBlockReader, type BlockReader } from './blockReader.ts';
import { readReply } from './reply.ts';
import { readEnding } from './stopReason.ts';
import { createUsageReader } from './usage.ts';
import { readEvent, type AnswerBlock, type BlockDelta, type MessagesEvent } from './readEvent.ts';

const problem = 'The provider sent something that is not a Messages event';

/**
 * Reads a provider's Messages stream. Frames after `message_stop` or an error are ignored. A stream that ends without either
 * emits neither finish nor done.
 */
export function streamReader(emit: (delta: Delta) => void, options: ReadOptions = {}): Sink<ReadFrame> {
  const blocks = createBlockReader(emit);
  const usage = createUsageReader();
  let [started, isEnding, over] = [false, false, false];

  function fail(error: GatewayError): void {
    over = true;
    emit({ type: 'error', error });
  }

  function done(): void {
    over = true;
    blocks.finish();
    emit({ type: 'done' });
  }

  function start(message: MessagesEvent['message']): void {
    if (started) return;
    started = true;
    emit({ type: 'start', id: message?.id ?? undefined, model: message?.model ?? undefined });
    for (const block of message?.content ?? []) readBlock(blocks, block);
  }

  function readUsage(event: MessagesEvent): void {
    const counts = event.usage ?? event.message?.usage;
    if (!counts) return;
    usage.push(counts);
    const total = usage.usage();
    if (total) emit({ type: 'usage', usage: total });
  }

  function read(event: MessagesEvent): void {
    start(event.message);
    readUsage(event);
    const index = event.index ?? 0;
    switch (event.type) {
      case 'content_block_start':
        if (event.content_block) blocks.start(index, event.content_block);
        return;
      case 'content_block_delta':
        if (event.delta) blocks.extend(index, event.delta);
        return;
      case 'content_block_stop':
        return blocks.stop(index);
      case 'message_delta':
        return end(event);
      case 'message_stop':
        return done();
      default:
    }
  }

  function end({ delta }: MessagesEvent): void {
    if (!delta || !isReason(delta.stop_reason)) return;
    // A block that has not ended may continue: then the reason does not count.
    isEnding = true;
    for (const each of readEnding(delta, blocks.answered())) {
      if (each.type === 'error') fail(each.error);
      else emit(each);
    }
  }

  const push = createFrameReader(options, {
    event(json, name) {
      over = !started && readWhole(json, options, emit);
      if (over) return undefined;
      const event = readEvent(json, name);
      if (!event) return refuseEvent({ json, problem, started, warn: options.warn, fail });
      read(event);
      return event.type === 'content_block_delta' && started && !event.usage
        ? saidText(event, blocks.extend)
        : undefined;
    },
    done: () => (blocks.isOpen() && !isEnding ? fail(unfinished()) : done()),
    fail,
    isOver: () => over,
  });
  return { push, end: () => (isEnding && !over ? blocks.finish() : undefined) };
}

/** Reads a message that is one event. @returns whether it is one */
function readWhole(json: JsonObject, { errors }: ReadOptions, emit: (delta: Delta) => void): boolean {
  if (json['type'] !== 'message' || json['content'] === undefined) return false;
  for (const delta of readReply(json, { errors })) emit(delta);
  return true;
}

function readBlock(blocks: BlockReader, block: AnswerBlock): void {
  blocks.start(0, block);
  blocks.stop(0);
}

/** What a delta said, if that is text in one field alone. */
function saidText(
  { index = 0, delta }: MessagesEvent,
  extend: (index: number, delta: BlockDelta) => void,
): SaidText | undefined {
  if (!delta || delta.signature || delta.citation) return undefined;
  const said = textFields.filter((field) => delta[field]);
  const [field] = said;
  if (field === undefined || said.length > 1) return undefined;
  return {
    text: delta[field] ?? '',
    joins: field !== 'partial_json',
    again: (text) => extend(index, { [field]: text }),
  };
}

const textFields = ['text', 'thinking', 'partial_json'] as const;
