import { blocksOf } from '../../canonical/contentBlocks.ts';
import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { looseIndex, looseInput, looseList, looseNumber, looseObject, looseText, looseWords } from '../loose.ts';
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
    index: looseIndex(json['index']),
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

/** Reads a whole reply, which has a list of blocks, or what stands for one. Undefined for anything else. */
export function readWireReply(json: unknown): WireReply | undefined {
  const given = isObject(json) ? replyBlocks(json) : undefined;
  if (!isObject(json) || !given) return undefined;
  const { content, ...start } = readMessageStart({ ...json, content: given });
  // A list with anything else in it is another API's.
  if (content?.length !== given.length) return undefined;
  return { ...start, content, ...readEndingFields(json) };
}

/** Some servers write one text or one block in place of the list, or no list at all in a message that says nothing. */
function replyBlocks(json: JsonObject): unknown[] | undefined {
  const { type, content } = json;
  if (Array.isArray(content))
    return content.map((block: unknown) => (typeof block === 'string' ? { type: 'text', text: block } : block));
  // Other APIs have a field of that name.
  if (type !== 'message' && json['stop_reason'] === undefined) return undefined;
  if (typeof content === 'string' || isObject(content)) return blocksOf(content);
  return type === 'message' ? [] : undefined;
}

const blockTexts = ['id', 'name', 'text', 'thinking', 'signature', 'data'] as const;

function readAnswerBlock(json: JsonObject): AnswerBlock | undefined {
  const { citations } = json;
  const type = typeOf(json);
  if (type === undefined) return undefined;
  const block: JsonObject = { ...json, type, ...(type === 'tool_use' && calledBy(json)) };
  for (const field of blockTexts) {
    if (field in block && block[field] !== null) block[field] = looseText(block[field]);
  }
  if (citations !== undefined) block['citations'] = looseList(citations, (citation) => citation);
  return block as AnswerBlock;
}

/** A block that names no type is told by its fields. */
function typeOf({ type, text, thinking, name, input }: JsonObject): string | undefined {
  if (typeof type === 'string') return type;
  if (typeof text === 'string') return 'text';
  if (typeof thinking === 'string') return 'thinking';
  return typeof name === 'string' && input !== undefined ? 'tool_use' : undefined;
}

/** The name and the input of a call that has those of Chat Completions. */
function calledBy(json: JsonObject): JsonObject {
  const called = looseObject(json['function']) ?? json;
  const { name, input } = json;
  const given = input ?? called['arguments'];
  return { ...(name === undefined && { name: called['name'] }), ...(given !== undefined && { input: given }) };
}

function readDelta(json: unknown): BlockDelta | undefined {
  if (!isObject(json)) return undefined;
  return {
    type: looseText(json['type']),
    text: looseWords(json['text']),
    thinking: looseWords(json['thinking']),
    signature: looseText(json['signature']),
    partial_json: looseInput(json['partial_json'] ?? (json['type'] === 'input_delta' ? json['input'] : undefined)),
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
