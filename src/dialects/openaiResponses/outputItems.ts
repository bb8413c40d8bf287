import type { Block, Citations } from '../../canonical/events.ts';
import type { JsonObject, ToolKind } from '../../canonical/request.ts';
import type { ClientKind, ReplyContext } from '../dialect.ts';
import { writeAnnotations } from './annotations.ts';
import { referableId } from './itemReferences.ts';
import { writeImageItem } from './media.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** The current state of one item of a response's `output`. */
export type ItemState = {
  block: Block;
  id: string;
  /** Empty if the item is not a call. */
  callId: string;
  text: string;
  /** What goes into events for the text of an item that has ended: several have it. */
  written?: unknown;
  /** Reasoning only, once it has ended. */
  encryptedContent: string | null;
  /** Text only, once it has ended. */
  citations?: Citations | undefined;
  logprobs?: JsonObject[] | undefined;
};

type ItemIdSource = Pick<ReplyContext, 'newId' | 'replyId'>;

/**
 * Assigns ids to items, with OpenAI's prefixes: Codex drops other ids when it echoes an item. Call ids are made unique, since
 * Codex would run two calls with the same `call_id` and echo both under that id. Items of a reply that clients may refer to
 * have the reply's id in their own (see itemReferences.ts).
 */
export function createItemIds({ newId, replyId }: ItemIdSource): (block: Block) => ItemState {
  const callIds = new Set<string>();
  let count = 0;
  const itemIdOf = (prefix: string): string =>
    replyId === undefined ? newId(prefix) : referableId(prefix, replyId, count++);
  return (block) => {
    const state: ItemState = { block, id: itemId(block, itemIdOf), callId: '', text: '', encryptedContent: null };
    if (block.type === 'tool-call') {
      state.callId = block.id && !callIds.has(block.id) ? block.id : newId('call');
      callIds.add(state.callId);
    }
    return state;
  };
}

function itemId(block: Block, newId: (prefix: string) => string): string {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return newId('msg');
    case 'reasoning':
      return newId('rs');
    case 'tool-call':
      return newId(block.kind === 'custom' ? 'ctc' : 'fc');
    case 'media':
      return newId('ig');
    case 'native':
      return typeof block.json['id'] === 'string' ? block.json['id'] : newId('item');
    default:
      return block satisfies never;
  }
}

/** Writes an item. With `in_progress` it is the empty item that precedes its deltas. */
export function writeItem(state: ItemState, status: ItemStatus): JsonObject {
  const { block, id, callId, text, written = text } = state;
  const begun = status !== 'in_progress';
  switch (block.type) {
    case 'text':
    case 'refusal':
      return {
        type: 'message',
        id,
        status,
        role: 'assistant',
        content: begun ? [messagePart(block.type, state)] : [],
        ...(block.type === 'text' && block.phase !== undefined && { phase: block.phase }),
      };
    case 'reasoning':
      return {
        type: 'reasoning',
        id,
        summary: text ? [summaryPart(state)] : [],
        content: text ? [contentPart('reasoning', state)] : [],
        encrypted_content: state.encryptedContent,
        status,
      };
    case 'tool-call':
      return {
        type: callType[block.kind],
        id,
        call_id: callId,
        name: block.name,
        ...(block.namespace !== undefined && { namespace: block.namespace }),
        [callText[block.kind]]: written,
        status,
      };
    case 'media':
      return writeImageItem(block.media, id, status);
    case 'native':
      return { ...block.json, id };
    default:
      return block satisfies never;
  }
}

const callType: Record<ToolKind, string> = { function: 'function_call', custom: 'custom_tool_call' };

/** The field that holds a call's input. */
export const callText: Record<ToolKind, string> = { function: 'arguments', custom: 'input' };

type TextState = Pick<ItemState, 'text' | 'written' | 'citations'>;

export function contentPart(type: 'text' | 'refusal' | 'reasoning', state: TextState): JsonObject {
  const { text, written = text, citations } = state;
  switch (type) {
    case 'text':
      return { type: 'output_text', text: written, annotations: writeAnnotations(citations, text.length) };
    case 'refusal':
      return { type: 'refusal', refusal: written };
    case 'reasoning':
      return { type: 'reasoning_text', text: written };
    default:
      return type satisfies never;
  }
}

function messagePart(type: 'text' | 'refusal', state: ItemState): JsonObject {
  const part = contentPart(type, state);
  return type === 'text' ? { ...part, logprobs: state.logprobs ?? [] } : part;
}

export function summaryPart({ text, written = text }: TextState): JsonObject {
  return { type: 'summary_text', text: written };
}

/** Whether this dialect can write the block: another dialect's native block can't be written. */
export function isWritable(block: Block): boolean {
  return block.type !== 'native' || block.dialect === 'openai-responses';
}

/** A block as this client can read it: Codex drops a message that has a refusal, and would show nothing. */
export function readableBlock<T extends Block>(block: T, client: ClientKind): T | { type: 'text' } {
  return client === 'codex' && block.type === 'refusal' ? { ...block, type: 'text' } : block;
}
