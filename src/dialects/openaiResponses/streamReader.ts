import { refuseEvent } from '../eventJson.ts';
import { createFrameReader, unfinished } from '../readFrame.ts';
import type { GatewayError } from '../../canonical/errors.ts';
import type { Delta } from '../../canonical/events.ts';
import type { Sink } from '../../canonical/stage.ts';
import type { ReadFrame } from '../../sse/frame.ts';
import type { ReadOptions } from '../dialect.ts';
import { createItemReader, isCall, type ItemReader } from './itemReader.ts';
import { readEnd } from './replyEnd.ts';
import { readEvent, readResponse, type OutputItem, type ResponseObject, type ResponsesEvent } from './readEvent.ts';

/** `told`: its text was stated whole, though the item was not. */
type Slot = { reader: ItemReader; ended: boolean; told: boolean };

const problem = 'The provider sent an event that is not part of the Responses API';

/** Reads a provider's Responses stream, whether it has the full event sequence or only whole items and `response.completed`. */
export function streamReader(emit: (delta: Delta) => void, options: ReadOptions = {}): Sink<ReadFrame> {
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
    for (const delta of readEnd(response, items.sawCall(), options.errors)) emit(delta);
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
      case 'response':
        return end({
          ...noResponse,
          ...event.response,
          status: event.response?.status ?? (event.type.slice('response.'.length) || 'completed'),
        });
      default:
        items.read(event);
    }
  }

  const push = createFrameReader(options, {
    event(json, name) {
      const event = readEvent(json, name);
      if (!event) return refuseEvent({ json, problem, started, warn: options.warn, fail });
      read(event);
      if (!event.delta || !textEvents.has(event.type)) return undefined;
      return {
        text: event.delta,
        joins: !inputEvents.has(event.type),
        again: (delta) => items.read({ ...event, delta }),
      };
    },
    done: () => (items.isOpen() ? fail(unfinished()) : emit({ type: 'done' })),
    fail,
    isOver: () => over,
  });
  return { push, end: items.settle };
}

const noResponse = readResponse({});

/** The events that say a piece of the input of a call and nothing else. */
const inputEvents: ReadonlySet<string> = new Set([
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
]);

/** The events that say a piece of text and nothing else. */
const textEvents: ReadonlySet<string> = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  ...inputEvents,
]);

/** Passes each event to the reader of its item. */
function trackItems(emit: (delta: Delta) => void) {
  const slots = createSlots(emit);
  let calls = false;

  function begin(event: ResponsesEvent, item: OutputItem): void {
    calls ||= isCall(item.type);
    if (item.id && slots.withId(item.id)) return;
    slots.select(slots.open(event, item.id)).begin(item);
  }

  function finish(event: ResponsesEvent, item: OutputItem): void {
    calls ||= isCall(item.type);
    let slot = slots.find(event, item.id);
    if (slot?.ended) {
      if (slots.withId(item.id) === slot) return;
      slot = undefined;
    }
    slot ??= slots.open(event, item.id);
    slots.select(slot).finish(item);
    slot.ended = true;
  }

  /** The reader for a delta. A delta whose item was never announced starts an item. */
  function reader(event: ResponsesEvent): ItemReader {
    const found = slots.find(event, event.item_id);
    return slots.select(found && !found.ended ? found : slots.open(event, event.item_id));
  }

  return {
    settle: slots.settle,
    sawCall: () => calls,
    isOpen: slots.isOpen,
    /**
     * Reads the `output` of the last event. It usually repeats the items, is often empty, and at some providers has other ids.
     * Only items that did not end are read from it, or all of them if nothing was streamed.
     */
    complete(output: OutputItem[]): void {
      const nothingStreamed = slots.isEmpty();
      for (const [index, item] of output.entries()) {
        const begun = slots.withId(item.id) ?? slots.atIndex(index);
        if (nothingStreamed || (begun && !begun.ended)) finish({ type: '', output_index: index }, item);
      }
      slots.endAll();
      slots.settle();
    },
    read(event: ResponsesEvent): void {
      if (event.type === 'response.output_item.added' && event.item) return begin(event, event.item);
      if (event.type === 'response.output_item.done' && event.item) return finish(event, event.item);
      if (event.type === 'response.content_part.added' && event.part?.type === 'reasoning_text')
        return reader(event).expectContent();
      if (event.delta) readDelta(event, event.delta, reader);
      else if (event.type.endsWith('.done') && readWhole(event, reader)) slots.tell();
    },
  };
}

function readDelta(event: ResponsesEvent, delta: string, reader: (event: ResponsesEvent) => ItemReader): void {
  switch (event.type) {
    case 'response.output_text.delta':
    case 'response.text.delta':
      return reader(event).text(event.content_index ?? 0, delta);
    case 'response.refusal.delta':
      return reader(event).refusal(event.content_index ?? 0, delta);
    case 'response.reasoning_text.delta':
    case 'response.reasoning.delta':
      return reader(event).content(delta);
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_summary.delta':
      return reader(event).summary(event.summary_index ?? 0, delta);
    case 'response.function_call_arguments.delta':
      return reader(event).call(delta, 'function');
    case 'response.custom_tool_call_input.delta':
      return reader(event).call(delta, 'custom');
    default:
  }
}

/**
 * The whole text of a part or a call, of which the deltas may have been a part, or absent (pipecat#5309, kimi-code#1455).
 * @returns whether the event states one
 */
function readWhole(event: ResponsesEvent, reader: (event: ResponsesEvent) => ItemReader): boolean {
  switch (event.type) {
    case 'response.output_text.done':
      reader(event).wholeText('text-delta', event.content_index ?? 0, event.text ?? '');
      return true;
    case 'response.refusal.done':
      reader(event).wholeText('refusal-delta', event.content_index ?? 0, event.refusal ?? '');
      return true;
    case 'response.content_part.done':
      return readPart(event, reader);
    case 'response.function_call_arguments.done':
      if (event.name) reader(event).begin({ type: 'function_call', name: event.name, call_id: event.call_id });
      reader(event).wholeCall(event.arguments ?? '', 'function');
      return true;
    case 'response.custom_tool_call_input.done':
      reader(event).wholeCall(event.input ?? '', 'custom');
      return true;
    default:
      return false;
  }
}

function readPart(event: ResponsesEvent, reader: (event: ResponsesEvent) => ItemReader): boolean {
  const { part, content_index: index = 0 } = event;
  if (part?.type === 'output_text') reader(event).wholeText('text-delta', index, part.text ?? '');
  else if (part?.type === 'refusal') reader(event).wholeText('refusal-delta', index, part.refusal ?? '');
  else return false;
  return true;
}

/** The items of a stream, found by id or by index. */
function createSlots(emit: (delta: Delta) => void) {
  const byIndex = new Map<number, Slot>();
  const byId = new Map<string, Slot>();
  let selected: Slot | undefined;
  const all: Slot[] = [];

  const withId = (id: string | null | undefined): Slot | undefined => (id ? byId.get(id) : undefined);

  /** Emits what the selected item holds back until the next event. */
  function settle(): void {
    selected?.reader.elsewhere();
  }

  return {
    withId,
    settle,
    atIndex: (index: number) => byIndex.get(index),
    isEmpty: () => all.length === 0,
    /** Whether an item has begun that has not ended. */
    isOpen: () => all.some(({ ended, told }) => !ended && !told),
    tell(): void {
      if (selected) selected.told = true;
    },
    /** Ends what the provider has not ended. */
    endAll(): void {
      for (const slot of all) if (!slot.ended) slot.reader.end();
    },
    /** An announced id is reliable. Otherwise: some proxies send a new id in every event, some servers number every item 0. */
    find(event: ResponsesEvent, id: string | null | undefined): Slot | undefined {
      const known = withId(id);
      if (known) return known;
      if (typeof event.output_index === 'number') return byIndex.get(event.output_index);
      return id ? undefined : selected;
    },
    open(event: ResponsesEvent, id: string | null | undefined): Slot {
      const slot = { reader: createItemReader(String(all.length), emit), ended: false, told: false };
      all.push(slot);
      if (id) byId.set(id, slot);
      if (typeof event.output_index === 'number') byIndex.set(event.output_index, slot);
      return slot;
    },
    /** Makes `slot` the current item. The previous one emits what it held back. */
    select(slot: Slot): ItemReader {
      if (selected !== slot) settle();
      selected = slot;
      return slot.reader;
    },
  };
}
