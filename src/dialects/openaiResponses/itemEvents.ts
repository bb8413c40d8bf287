import type { JsonObject } from '../../canonical/request.ts';
import { callText, contentPart, summaryPart, writeItem, type ItemState } from './outputItems.ts';

/** Sends an event of the given type with these fields. */
export type Send = (type: string, fields: JsonObject) => void;

export type OpenItem = ItemState & { outputIndex: number };

/**
 * Writes the events of one output item. Reasoning is streamed twice: as a summary, which clients display, and as content, which
 * they send back verbatim in the next request.
 */
export function openItem(send: Send, item: OpenItem): void {
  send('response.output_item.added', { output_index: item.outputIndex, item: writeItem(item, 'in_progress') });
  const { type } = item.block;
  if (type === 'text' || type === 'refusal') {
    send('response.content_part.added', { ...contentPlace(item), part: contentPart(type, '') });
  }
}

export function extendItem(send: Send, item: OpenItem, delta: string): void {
  if (!delta) return;
  const { block } = item;
  const first = item.text === '';
  item.text += delta;
  switch (block.type) {
    case 'text':
      return send('response.output_text.delta', { ...contentPlace(item), delta, logprobs: [] });
    case 'refusal':
      return send('response.refusal.delta', { ...contentPlace(item), delta });
    case 'reasoning':
      if (first) {
        send('response.reasoning_summary_part.added', { ...summaryPlace(item), part: summaryPart('') });
        send('response.content_part.added', { ...contentPlace(item), part: contentPart('reasoning', '') });
      }
      send('response.reasoning_summary_text.delta', { ...summaryPlace(item), delta });
      return send('response.reasoning_text.delta', { ...contentPlace(item), delta });
    case 'tool-call':
      return send(`${callEvent[block.kind]}.delta`, { ...place(item), delta });
    case 'native':
      return;
    default:
      block satisfies never;
  }
}

export function closeItem(send: Send, item: OpenItem): void {
  const { block, text } = item;
  switch (block.type) {
    case 'text':
      send('response.output_text.done', { ...contentPlace(item), text, logprobs: [] });
      send('response.content_part.done', { ...contentPlace(item), part: contentPart('text', text) });
      break;
    case 'refusal':
      send('response.refusal.done', { ...contentPlace(item), refusal: text });
      send('response.content_part.done', { ...contentPlace(item), part: contentPart('refusal', text) });
      break;
    case 'reasoning':
      if (text) closeReasoning(send, item);
      break;
    case 'tool-call':
      send(`${callEvent[block.kind]}.done`, {
        ...place(item),
        ...(block.kind === 'function' && { name: block.name }),
        [callText[block.kind]]: text,
      });
      break;
    case 'native':
      break;
    default:
      block satisfies never;
  }
  send('response.output_item.done', { output_index: item.outputIndex, item: writeItem(item, 'completed') });
}

function closeReasoning(send: Send, item: OpenItem): void {
  const { text } = item;
  send('response.reasoning_summary_text.done', { ...summaryPlace(item), text });
  send('response.reasoning_summary_part.done', { ...summaryPlace(item), part: summaryPart(text) });
  send('response.reasoning_text.done', { ...contentPlace(item), text });
  send('response.content_part.done', { ...contentPlace(item), part: contentPart('reasoning', text) });
}

const callEvent = { function: 'response.function_call_arguments', custom: 'response.custom_tool_call_input' } as const;

/** The item of an event. The official SDK refuses events whose `item_id` is not that of the item at `output_index`. */
function place({ id, outputIndex }: OpenItem): JsonObject {
  return { item_id: id, output_index: outputIndex };
}

function contentPlace(item: OpenItem): JsonObject {
  return { ...place(item), content_index: 0 };
}

function summaryPlace(item: OpenItem): JsonObject {
  return { ...place(item), summary_index: 0 };
}
