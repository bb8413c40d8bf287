import type { GatewayError } from '../../canonical/errors.ts';
import type { Block, StreamEvent } from '../../canonical/events.ts';
import { isObject, parseJson } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { frameOf, type DataFrame, type SseFrame } from '../../sse/frame.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import { looseText } from '../loose.ts';
import { condense } from './compaction.ts';
import { describeFailure } from './responseFailure.ts';
import { addLogprobs, closeItem, extendItem, isPieces, openItem, type OpenItem, type Send } from './itemEvents.ts';
import { mediaToText } from './media.ts';
import { createItemIds, isWritable, readableBlock, writeItem, type ItemStatus } from './outputItems.ts';
import { writeProof } from './proof.ts';
import { createRepeatedTexts, type RepeatedTexts } from './repeatedTexts.ts';
import { createResponseObject, finalState, type ResponseState } from './responseObject.ts';
import { createSequenceNumbers } from './sequenceNumbers.ts';

/**
 * Writes the full event sequence, which both Codex and the official SDK (which checks every index and id) accept. Several items
 * may be open at a time, as the API allows.
 */
export function streamWriter(context: ReplyContext): (emit: (frame: SseFrame) => void) => StreamWriter {
  return (emit) => {
    let responseObject = createResponseObject(context, context.replyId ?? context.newId('resp'));
    const texts = createRepeatedTexts();
    const items = createItemWriter(context, send, texts);
    const sequence = createSequenceNumbers();
    let [relaying, started, finished] = [false, false, false];

    function send(type: string, fields: Fields): void {
      emit(frameFor(texts, type, sequence.take(), fields));
    }

    function start(): void {
      if (started) return;
      started = true;
      send('response.created', { response: responseObject({ status: 'in_progress' }) });
      send('response.in_progress', { response: responseObject({ status: 'in_progress' }) });
    }

    /** Sends the last event. Open items are marked incomplete, so that clients do not run an unfinished call. */
    function finish(state: Omit<ResponseState, 'output'>): void {
      start();
      finished = true;
      const output = items.writeOutput(state.status === 'incomplete');
      send(`response.${state.status}`, { response: responseObject({ ...state, output }) });
    }

    function write(event: StreamEvent): void {
      switch (event.type) {
        case 'start':
          return start();
        case 'block-start':
          start();
          return items.open(event.index, event.block);
        case 'block-delta':
          return items.extend(event);
        case 'logprobs':
          return items.addLogprobs(event.index, event.tokens);
        case 'block-end':
          return items.close(event);
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
      /** Does not end open items: Codex would run the call, or keep the message. */
      fail(error: GatewayError) {
        if (finished) return;
        sequence.resume();
        finish({ status: 'failed', error: describeFailure(error, context.client, !items.isEmpty()) });
      },
      keepAlive() {
        if (finished) return;
        sequence.resume();
        if (started) send('response.in_progress', { response: responseObject({ status: 'in_progress' }) });
        else start();
      },
      adoptRun: sequence.adoptRun,
      adoptFrame(frame) {
        const adopted = sequence.adopt(frame);
        if (relaying) return adopted;
        relaying = true;
        const id = relayedId(frame);
        if (id) responseObject = createResponseObject(context, id);
        return adopted;
      },
    };
  };
}

type Fields = Parameters<Send>[1];

function frameFor(texts: RepeatedTexts, type: string, number: number, fields: Fields): DataFrame {
  if (isPieces(fields)) return frameOf(type, [`{"type":"${type}","sequence_number":${number},`, ...fields, '}']);
  const { data, raw } = texts.write({ type, sequence_number: number, ...fields });
  return frameOf(type, data, raw);
}

/** Writes the events of the items, and keeps the items for the last event. */
function createItemWriter(context: ReplyContext, send: Send, texts: Pick<RepeatedTexts, 'add'>) {
  const newItem = createItemIds(context);
  const items: { item: OpenItem; status: ItemStatus }[] = [];
  const openItems = new Map<number, OpenItem>();

  return {
    isEmpty: () => items.length === 0,
    open(index: number, given: Block): void {
      if (!isWritable(given)) return;
      const described = mediaToText(given);
      const block = described?.block ?? given;
      const item: OpenItem = {
        ...newItem(readableBlock(block, context.client)),
        outputIndex: items.length,
        pieces: [],
      };
      items.push({ item, status: 'in_progress' });
      openItems.set(index, item);
      openItem(send, item);
      if (described) extendItem(send, item, described.text);
    },
    addLogprobs(index: number, tokens: JsonObject[]): void {
      const item = openItems.get(index);
      if (item) addLogprobs(item, tokens);
    },
    extend({ index, text, written }: Extract<StreamEvent, { type: 'block-delta' }>): void {
      const item = openItems.get(index);
      if (item) extendItem(send, item, text, written);
    },
    close({ index, proof, citations }: Extract<StreamEvent, { type: 'block-end' }>): void {
      const item = openItems.get(index);
      if (!item) return;
      openItems.delete(index);
      if (item.block.type === 'reasoning') item.encryptedContent = writeProof(item.text, proof, context);
      item.citations = citations;
      items[item.outputIndex] = { item, status: 'completed' };
      item.written = texts.add(item.text, item.pieces);
      closeItem(send, item);
    },
    /** The items of the response's `output`. `lastIsCut`: the last one was cut off, so it is incomplete even if it has ended. */
    writeOutput: (lastIsCut: boolean): JsonObject[] =>
      items.map(({ item, status }, index) => {
        const cut = lastIsCut && index === items.length - 1;
        return writeItem(item, cut || status === 'in_progress' ? 'incomplete' : status);
      }),
  };
}

/** The provider's response id, which CCR's own events of the same stream have to repeat. */
function relayedId(frame: SseFrame): string | undefined {
  if ('comment' in frame) return undefined;
  const json = parseJson(frame.data);
  return isObject(json) && isObject(json['response']) ? looseText(json['response']['id']) : undefined;
}
