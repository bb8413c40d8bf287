import type { JsonObject } from '../../canonical/request.ts';
import { knownJson, type WrittenText } from '../../canonical/writtenText.ts';
import { writeAnnotations } from './annotations.ts';
import { callText, contentPart, summaryPart, writeItem, type ItemState } from './outputItems.ts';

/** Sends an event of the given type with these fields, which may also be JSON without the braces, in pieces. */
export type Send = (type: string, fields: JsonObject | readonly string[]) => void;

export function isPieces(fields: Parameters<Send>[1]): fields is readonly string[] {
  return Array.isArray(fields);
}

export type OpenItem = ItemState & {
  outputIndex: number;
  /** The text so far, piece by piece, in JSON without quotes. */
  pieces: string[];
  /** Probabilities that were in no delta yet. */
  unsent?: JsonObject[] | undefined;
};

/**
 * Writes the events of one output item. Reasoning is streamed twice: as a summary, which clients display, and as content, which
 * they send back verbatim in the next request.
 */
export function openItem(send: Send, item: OpenItem): void {
  send('response.output_item.added', { output_index: item.outputIndex, item: writeItem(item, 'in_progress') });
  const { type } = item.block;
  if (type === 'text' || type === 'refusal') {
    send('response.content_part.added', { ...contentPlace(item), part: contentPart(type, empty) });
  }
}

/** The text of a part that begins. */
const empty = { text: '' };

export function extendItem(send: Send, item: OpenItem, delta: string, written?: WrittenText): void {
  if (!delta) return;
  const { block } = item;
  const first = item.text === '';
  item.text += delta;
  const piece = knownJson(delta, written) ?? JSON.stringify(delta).slice(1, -1);
  item.pieces.push(piece);
  const sendDelta = (type: string, at: JsonObject): void => send(type, [`${fieldsOf(at)},"delta":"`, piece, '"']);
  switch (block.type) {
    case 'text': {
      const logprobs = JSON.stringify(takeLogprobs(item));
      const after = `","logprobs":${logprobs}`;
      return send('response.output_text.delta', [`${fieldsOf(contentPlace(item))},"delta":"`, piece, after]);
    }
    case 'refusal':
      return sendDelta('response.refusal.delta', contentPlace(item));
    case 'reasoning':
      if (first) {
        send('response.reasoning_summary_part.added', { ...summaryPlace(item), part: summaryPart(empty) });
        send('response.content_part.added', { ...contentPlace(item), part: contentPart('reasoning', empty) });
      }
      sendDelta('response.reasoning_summary_text.delta', summaryPlace(item));
      return sendDelta('response.reasoning_text.delta', contentPlace(item));
    case 'tool-call':
      return sendDelta(`${callEvent[block.kind]}.delta`, place(item));
    case 'native':
    case 'media':
      return;
    default:
      block satisfies never;
  }
}

/** Keeps the probabilities for the text that follows them, and for the end of the item. */
export function addLogprobs(item: OpenItem, tokens: JsonObject[]): void {
  item.logprobs = [...(item.logprobs ?? []), ...tokens];
  item.unsent = [...(item.unsent ?? []), ...tokens];
}

function takeLogprobs(item: OpenItem): JsonObject[] {
  const { unsent } = item;
  if (!unsent) return [];
  item.unsent = undefined;
  return unsent;
}

export function closeItem(send: Send, item: OpenItem): void {
  const { block, text, written } = item;
  switch (block.type) {
    case 'text':
      closeText(send, item);
      break;
    case 'refusal':
      send('response.refusal.done', { ...contentPlace(item), refusal: written });
      send('response.content_part.done', { ...contentPlace(item), part: contentPart('refusal', item) });
      break;
    case 'reasoning':
      if (text) closeReasoning(send, item);
      break;
    case 'tool-call':
      send(`${callEvent[block.kind]}.done`, {
        ...place(item),
        ...(block.kind === 'function' && { name: block.name }),
        [callText[block.kind]]: written,
      });
      break;
    case 'native':
    case 'media':
      break;
    default:
      block satisfies never;
  }
  send('response.output_item.done', { output_index: item.outputIndex, item: writeItem(item, 'completed') });
}

function closeText(send: Send, item: OpenItem): void {
  const { text, written, citations, logprobs = [] } = item;
  for (const [index, annotation] of writeAnnotations(citations, text.length).entries()) {
    send('response.output_text.annotation.added', { ...contentPlace(item), annotation_index: index, annotation });
  }
  send('response.output_text.done', { ...contentPlace(item), text: written, logprobs });
  send('response.content_part.done', { ...contentPlace(item), part: contentPart('text', item) });
}

function closeReasoning(send: Send, item: OpenItem): void {
  const { written: text } = item;
  send('response.reasoning_summary_text.done', { ...summaryPlace(item), text });
  send('response.reasoning_summary_part.done', { ...summaryPlace(item), part: summaryPart(item) });
  send('response.reasoning_text.done', { ...contentPlace(item), text });
  send('response.content_part.done', { ...contentPlace(item), part: contentPart('reasoning', item) });
}

const callEvent = { function: 'response.function_call_arguments', custom: 'response.custom_tool_call_input' } as const;

/** The item of an event. The official SDK refuses events whose `item_id` is not that of the item at `output_index`. */
function place({ id, outputIndex }: OpenItem): JsonObject {
  return { item_id: id, output_index: outputIndex };
}

function contentPlace(item: OpenItem): JsonObject {
  return { ...place(item), content_index: 0 };
}

/** As JSON without the braces, for a delta, whose text is JSON already. */
function fieldsOf(place: JsonObject): string {
  return JSON.stringify(place).slice(1, -1);
}

function summaryPlace(item: OpenItem): JsonObject {
  return { ...place(item), summary_index: 0 };
}
