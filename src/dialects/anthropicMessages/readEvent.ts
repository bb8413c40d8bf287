import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { looseList, looseNumber, looseObject, looseText } from '../loose.ts';
import { readCost } from '../reportedCost.ts';

/** Replies of providers. A field of an unexpected type counts as absent. */

export type WireUsage =
  | {
      input_tokens: number | undefined;
      output_tokens: number | undefined;
      cache_read_input_tokens: number | undefined;
      cache_creation_input_tokens: number | undefined;
      cache_creation: { ephemeral_1h_input_tokens: number | undefined } | undefined;
      costUsd: number | undefined;
      output_tokens_details: { thinking_tokens: number | undefined } | undefined;
    }
  | undefined;

/** A block has all its fields, since one that only this dialect knows is passed on unchanged. */
export type AnswerBlock = JsonObject & {
  type: string;
  id?: string | null;
  name?: string | null;
  text?: string | null;
  thinking?: string | null;
  signature?: string | null;
  data?: string | null;
  citations?: JsonObject[];
};

/** Fields of a whole reply, or of the `delta` of a `message_delta`. */
export type Ending = {
  stop_reason?: string | undefined;
  stop_sequence?: string | undefined;
  stop_details?: { explanation: string | undefined } | undefined;
};

export type BlockDelta = Ending & {
  type?: string | undefined;
  text?: string | undefined;
  thinking?: string | undefined;
  signature?: string | undefined;
  partial_json?: string | undefined;
  citation?: JsonObject | undefined;
};

type MessageStart = {
  id: string | undefined;
  model: string | undefined;
  content: AnswerBlock[] | undefined;
  usage: WireUsage;
};

export type MessagesEvent = {
  type: string;
  index: number | undefined;
  message: MessageStart | undefined;
  content_block: AnswerBlock | undefined;
  delta: BlockDelta | undefined;
  usage: WireUsage;
};

/** Reads an event of a stream. `name` is its type if it names none. Undefined if it has no type. */
export function readEvent(json: JsonObject, name: string | undefined): MessagesEvent | undefined {
  const type = json['type'] === undefined ? name : json['type'];
  if (typeof type !== 'string') return undefined;
  const message = looseObject(json['message']);
  return {
    type,
    index: looseNumber(json['index']),
    message: message && readMessageStart(message),
    content_block: isObject(json['content_block']) ? readAnswerBlock(json['content_block']) : undefined,
    delta: readDelta(json['delta']),
    usage: readWireUsage(json['usage']),
  };
}

function readMessageStart(json: JsonObject): MessageStart {
  return {
    id: looseText(json['id']),
    model: looseText(json['model']),
    content: looseList(json['content'], readAnswerBlock),
    usage: readWireUsage(json['usage']),
  };
}

export type WireReply = Ending & Omit<MessageStart, 'content'> & { content: AnswerBlock[] };

/** Reads a whole reply, which has a list of blocks. Undefined for anything else. */
export function readWireReply(json: unknown): WireReply | undefined {
  if (!isObject(json) || !Array.isArray(json['content'])) return undefined;
  const { content, ...start } = readMessageStart(json);
  // A list with anything else in it is another API's.
  if (content?.length !== json['content'].length) return undefined;
  return { ...start, content, ...readEndingFields(json) };
}

const blockTexts = ['id', 'name', 'text', 'thinking', 'signature', 'data'] as const;

function readAnswerBlock(json: JsonObject): AnswerBlock | undefined {
  const { type, citations } = json;
  if (typeof type !== 'string') return undefined;
  const block: JsonObject = { ...json };
  for (const field of blockTexts) {
    if (field in block && block[field] !== null) block[field] = looseText(block[field]);
  }
  if (citations !== undefined) block['citations'] = looseList(citations, (citation) => citation);
  return block as AnswerBlock;
}

function readDelta(json: unknown): BlockDelta | undefined {
  if (!isObject(json)) return undefined;
  return {
    type: looseText(json['type']),
    text: looseText(json['text']),
    thinking: looseText(json['thinking']),
    signature: looseText(json['signature']),
    partial_json: looseText(json['partial_json']),
    citation: looseObject(json['citation']),
    ...readEndingFields(json),
  };
}

function readEndingFields(json: JsonObject): Ending {
  const details = looseObject(json['stop_details']);
  return {
    stop_reason: looseText(json['stop_reason']),
    stop_sequence: looseText(json['stop_sequence']),
    stop_details: details && { explanation: looseText(details['explanation']) },
  };
}

function readWireUsage(json: unknown): WireUsage {
  if (!isObject(json)) return undefined;
  const details = looseObject(json['output_tokens_details']);
  const written = looseObject(json['cache_creation']);
  return {
    input_tokens: looseNumber(json['input_tokens']),
    output_tokens: looseNumber(json['output_tokens']),
    cache_read_input_tokens: looseNumber(json['cache_read_input_tokens']),
    cache_creation_input_tokens: looseNumber(json['cache_creation_input_tokens']),
    cache_creation: written && { ephemeral_1h_input_tokens: looseNumber(written['ephemeral_1h_input_tokens']) },
    costUsd: readCost(json),
    output_tokens_details: details && { thinking_tokens: looseNumber(details['thinking_tokens']) },
  };
}
