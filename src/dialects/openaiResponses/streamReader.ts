import { parseJson } from '../../canonical/json.ts';
import { withType } from '../eventJson.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Delta } from '../../canonical/events.ts';
import { readErrorInside } from '../../canonical/providerError.ts';
import type { Stage } from '../../canonical/stage.ts';
import type { SseFrame } from '../../sse.ts';
import { createItemReader, isCall, type ItemReader } from './itemReader.ts';
import { readEnd } from './replyEnd.ts';
import { streamEvent, type OutputItem, type ResponseObject, type ResponsesEvent } from './wire.ts';

type Slot = { reader: ItemReader; ended: boolean };

/** Reads a provider's Responses stream, whether it has the full event sequence or only whole items and `response.completed`. */
export const streamReader: Stage<SseFrame, Delta> = (emit) => {
  const items = trackItems(emit);
  let started = false;
  let over = false;

  function start(response?: ResponseObject): void {
    if (started) return;
    started = true;
    emit({ type: 'start', id: response?.id ?? undefined, model: response?.model ?? undefined });
  }

  function end(response: ResponseObject): void {
    over = true;
    items.complete(response.output ?? []);
    for (const delta of readEnd(response, items.sawCall())) emit(delta);
  }

  function fail(error: GatewayError): void {
    over = true;
    emit({ type: 'error', error });
  }

  function read(event: ResponsesEvent): void {
    start(event.response ?? undefined);
    switch (event.type) {
      case 'response.completed':
      case 'response.done':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return end({ ...event.response, status: event.response?.status ?? event.type.slice('response.'.length) });
      default:
        items.read(event);
    }
  }

  return {
    push(frame) {
      if (over || 'comment' in frame || frame.data.trim() === '') return;
      if (frame.data.trim() === '[DONE]') return emit({ type: 'done' });
      const json = parseJson(frame.data);
      if (json === undefined) return fail(new GatewayError('protocol', 'The provider sent an event that is not JSON.'));
      const error = readErrorInside(json, frame.event);
      if (error) return fail(error);
      const event = streamEvent.safeParse(withType(json, frame.event));
      if (event.success) read(event.data);
      else
        fail(
          new GatewayError('protocol', 'The provider sent an event that is not part of the Responses API.', {
            cause: event.error,
          }),
        );
    },
    end() {
      items.settle();
    },
  };
};

/** Leads each event to the reader of its item. */
function trackItems(emit: (delta: Delta) => void) {
  const byIndex = new Map<number, Slot>();
  const byId = new Map<string, Slot>();
  let last: Slot | undefined;
  let count = 0;
  let calls = false;

  /** An id that was announced is exact; some proxies give a new one in every event, some servers number every item 0. */
  function find(event: ResponsesEvent, id: string | null | undefined): Slot | undefined {
    const known = id ? byId.get(id) : undefined;
    if (known) return known;
    if (typeof event.output_index === 'number') return byIndex.get(event.output_index);
    return id ? undefined : last;
  }

  function open(event: ResponsesEvent, id: string | null | undefined): Slot {
    const slot = { reader: createItemReader(String(count++), emit), ended: false };
    if (id) byId.set(id, slot);
    if (typeof event.output_index === 'number') byIndex.set(event.output_index, slot);
    return slot;
  }

  /** Makes `slot` the one that events are about; what another held back waiting for its next event is let go. */
  function turnTo(slot: Slot): ItemReader {
    if (last && last !== slot) last.reader.elsewhere();
    last = slot;
    return slot.reader;
  }

  function begin(event: ResponsesEvent, item: OutputItem): void {
    calls ||= isCall(item.type);
    if (item.id && byId.has(item.id)) return;
    turnTo(open(event, item.id)).begin(item);
  }

  function finish(event: ResponsesEvent, item: OutputItem): void {
    calls ||= isCall(item.type);
    let slot = find(event, item.id);
    if (slot?.ended) {
      if (item.id && byId.get(item.id) === slot) return;
      slot = undefined;
    }
    slot ??= open(event, item.id);
    turnTo(slot).finish(item);
    slot.ended = true;
  }

  /** A delta whose item was never announced belongs to an item all the same. */
  function reader(event: ResponsesEvent): ItemReader {
    const found = find(event, event.item_id);
    return turnTo(found && !found.ended ? found : open(event, event.item_id));
  }

  function readDelta(event: ResponsesEvent, delta: string): void {
    switch (event.type) {
      case 'response.output_text.delta':
        return reader(event).text(event.content_index ?? 0, delta);
      case 'response.refusal.delta':
        return reader(event).refusal(event.content_index ?? 0, delta);
      case 'response.reasoning_text.delta':
        return reader(event).content(delta);
      case 'response.reasoning_summary_text.delta':
        return reader(event).summary(event.summary_index ?? 0, delta);
      case 'response.function_call_arguments.delta':
        return reader(event).call(delta, 'function');
      case 'response.custom_tool_call_input.delta':
        return reader(event).call(delta, 'custom');
      default:
    }
  }

  function settle(): void {
    last?.reader.elsewhere();
  }

  return {
    settle,
    sawCall: () => calls,
    /**
     * With the output that the response ends with. It is mostly a repetition, often empty, and at some providers under
     * other ids; it counts for items that were begun and not ended, and for all of them if nothing came before.
     */
    complete(output: OutputItem[]): void {
      const silent = count === 0;
      for (const [index, item] of output.entries()) {
        const begun = (item.id ? byId.get(item.id) : undefined) ?? byIndex.get(index);
        if (silent || (begun && !begun.ended)) finish({ type: '', output_index: index }, item);
      }
      settle();
    },
    read(event: ResponsesEvent): void {
      if (event.type === 'response.output_item.added' && event.item) return begin(event, event.item);
      if (event.type === 'response.output_item.done' && event.item) return finish(event, event.item);
      if (event.type === 'response.content_part.added' && event.part?.type === 'reasoning_text')
        return reader(event).expectContent();
      if (event.delta) readDelta(event, event.delta);
    },
  };
}
