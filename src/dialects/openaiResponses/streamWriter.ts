import type { GatewayError } from '../../canonical/errors.ts';
import type { Block, StreamEvent } from '../../canonical/events.ts';
import type { JsonObject, Proof } from '../../canonical/request.ts';
import type { SseFrame } from '../../sse.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { condense } from './compaction.ts';
import { describeFailure } from './failure.ts';
import { closeItem, extendItem, openItem, type OpenItem } from './itemEvents.ts';
import { createItemIds, isWritable, writeItem, type ItemStatus } from './outputItems.ts';
import { writeProof } from './proof.ts';
import { createResponseObject, finalState, type ResponseState } from './responseObject.ts';
import { createSequence } from './sequence.ts';
import { streamEvent } from './wire.ts';

/**
 * Writes the whole event sequence that Codex and the official SDK, which checks every index and id, both accept.
 * Several items may be open at a time, as this wire allows.
 */
export function streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter {
  return (emit) => {
    let responseObject = createResponseObject(context, context.replyId ?? context.newId('resp'));
    const newItem = createItemIds(context);
    const items: { item: OpenItem; status: ItemStatus }[] = [];
    const open = new Map<number, OpenItem>();
    const sequence = createSequence();
    let following = false;
    let started = false;
    let finished = false;

    function send(type: string, fields: JsonObject): void {
      emit({ event: type, data: JSON.stringify({ type, sequence_number: sequence.take(), ...fields }) });
    }

    function start(): void {
      if (started) return;
      started = true;
      send('response.created', { response: responseObject({ status: 'in_progress' }) });
      send('response.in_progress', { response: responseObject({ status: 'in_progress' }) });
    }

    function openBlock(index: number, block: Block): void {
      if (!isWritable(block)) return;
      const item = { ...newItem(block), outputIndex: items.length };
      items.push({ item, status: 'in_progress' });
      open.set(index, item);
      openItem(send, item);
    }

    function closeBlock(index: number, proof?: Proof): void {
      const item = open.get(index);
      if (!item) return;
      open.delete(index);
      if (item.block.type === 'reasoning') item.encryptedContent = writeProof(item.text, proof, context);
      items[item.outputIndex] = { item, status: 'completed' };
      closeItem(send, item);
    }

    /** `response.completed`, `.incomplete` or `.failed`. A client must not run an unfinished call, hence its status. */
    function finish(state: Omit<ResponseState, 'output'>): void {
      start();
      finished = true;
      const output = items.map(({ item, status }, index) => {
        const cut = state.status === 'incomplete' && index === items.length - 1;
        return writeItem(item, cut || status === 'in_progress' ? 'incomplete' : status);
      });
      send(`response.${state.status}`, { response: responseObject({ ...state, output }) });
    }

    function write(event: StreamEvent): void {
      switch (event.type) {
        case 'start':
          return start();
        case 'block-start':
          start();
          return openBlock(event.index, event.block);
        case 'block-delta': {
          const item = open.get(event.index);
          if (item) extendItem(send, item, event.text);
          return;
        }
        case 'block-end':
          return closeBlock(event.index, event.proof);
        case 'finish':
          return finish({ ...finalState(event.reason, context), usage: event.usage });
        default:
          event satisfies never;
      }
    }

    const shaped = context.request.compaction ? condense(context)(write) : { push: write };

    return {
      push(event) {
        if (!finished) shaped.push(event);
      },
      end() {},
      /** Open items get no `done`: to Codex that would mean a call to run, or a message to keep. */
      fail(error: GatewayError) {
        if (finished) return;
        sequence.resume();
        finish({ status: 'failed', error: describeFailure(error, context.client, items.length > 0) });
      },
      keepAlive() {
        if (finished) return;
        sequence.resume();
        if (started) send('response.in_progress', { response: responseObject({ status: 'in_progress' }) });
        else start();
      },
      adoptFrame(frame) {
        const followed = sequence.follow(frame);
        if (following) return followed;
        following = true;
        const id = relayedId(frame);
        if (id) responseObject = createResponseObject(context, id);
        return followed;
      },
    };
  };
}

/** The id under which a provider began its response: the whole stream keeps it. */
function relayedId(frame: SseFrame): string | null | undefined {
  if ('comment' in frame) return undefined;
  try {
    return streamEvent.safeParse(JSON.parse(frame.data)).data?.response?.id;
  } catch {
    return undefined;
  }
}
