import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { looseIndex, looseInput, looseList, looseNumber, looseObject, looseText, looseWords } from '../loose.ts';
import { readCost } from '../reportedCost.ts';

/** A provider's answer. A field of the wrong type counts as absent. */

/** Has all its fields, since items of unknown types are passed on unchanged. */
export type OutputItem = JsonObject & { type: string; id?: string | null };

type TextPart = {
  type: string | undefined;
  text: string | undefined;
  refusal: string | undefined;
  annotations: unknown;
  logprobs: unknown;
};

/** The fields that are read from messages, reasoning and calls. Some providers send a call's arguments as an object. */
export type ItemFields = {
  call_id: string | undefined;
  name: string | undefined;
  namespace: string | undefined;
  arguments: string | undefined;
  input: string | undefined;
  phase: string | undefined;
  summary: TextPart[] | undefined;
  content: TextPart[] | undefined;
  encrypted_content: string | undefined;
};

export type WireUsage = {
  input_tokens: number;
  output_tokens: number;
  input_tokens_details: { cached_tokens: number | undefined; cache_write_tokens: number | undefined } | undefined;
  output_tokens_details: { reasoning_tokens: number | undefined } | undefined;
  costUsd: number | undefined;
};

/** `error` may have any shape: the provider error classifier reads it. */
export type ResponseObject = {
  id: string | undefined;
  model: string | undefined;
  status: string | undefined;
  output: OutputItem[] | undefined;
  usage: WireUsage | undefined;
  error: unknown;
  incomplete_details: { reason: string | undefined } | undefined;
};

export type ResponsesEvent = {
  type: string;
  item_id?: string | undefined;
  output_index?: number | undefined;
  content_index?: number | undefined;
  summary_index?: number | undefined;
  delta?: string | undefined;
  /** What the deltas before it add up to. */
  text?: string | undefined;
  refusal?: string | undefined;
  arguments?: string | undefined;
  input?: string | undefined;
  item?: OutputItem | undefined;
  /** Of a call, at its end. */
  name?: string | undefined;
  call_id?: string | undefined;
  part?: TextPart | undefined;
  response?: ResponseObject | undefined;
};

/** Reads an event of a stream. `name` is its type if it names none. Undefined if it has no type. */
export function readEvent(json: JsonObject, name: string | undefined): ResponsesEvent | undefined {
  const type = json['type'] ?? name ?? (json['object'] === 'response' ? 'response' : undefined);
  if (typeof type !== 'string') return undefined;
  const part = looseObject(json['part']);
  return {
    type,
    item_id: looseText(json['item_id']),
    output_index: looseIndex(json['output_index']),
    content_index: looseIndex(json['content_index']),
    summary_index: looseIndex(json['summary_index']),
    delta: looseWords(json['delta']),
    text: looseText(json['text']),
    refusal: looseText(json['refusal']),
    arguments: looseInput(json['arguments']),
    input: looseInput(json['input']),
    name: looseText(json['name']),
    call_id: looseText(json['call_id']),
    item: isObject(json['item']) ? readItem(json['item']) : undefined,
    part: part && readTextPart(part),
    response: readResponseOf(json, type),
  };
}

/** Some gateways write the response's fields into the event itself (cursor2api#114), or the response without an event. */
function readResponseOf(json: JsonObject, type: string): ResponseObject | undefined {
  if (isObject(json['response'])) return readResponse(json['response']);
  return type === 'response' || 'status' in json || 'output' in json || 'error' in json
    ? readResponse(json)
    : undefined;
}

export function readResponse(json: JsonObject): ResponseObject {
  const incomplete = looseObject(json['incomplete_details']);
  return {
    id: looseText(json['id']),
    model: looseText(json['model']),
    status: looseText(json['status']),
    output: readOutput(json),
    usage: readWireUsage(json['usage']),
    error: json['error'] ?? json['last_error'] ?? looseObject(json['status_details'])?.['error'],
    incomplete_details: incomplete && { reason: looseText(incomplete['reason']) },
  };
}

/** Where there are no items, `output_text`, which is OpenAI's SDK's, may have their text. */
function readOutput(json: JsonObject): OutputItem[] | undefined {
  const items = looseList(json['output'], readItem);
  const text = items?.length ? undefined : looseText(json['output_text']);
  return text ? [{ type: 'message', content: [{ type: 'output_text', text }] }] : items;
}

function readItem(json: JsonObject): OutputItem | undefined {
  const { type, id } = json;
  if (typeof type !== 'string') return undefined;
  return (id === undefined || id === null || typeof id === 'string' ? json : { ...json, id: undefined }) as OutputItem;
}

export function readItemFields(item: OutputItem): ItemFields {
  return {
    call_id: looseText(item['call_id']),
    name: looseText(item['name']),
    namespace: looseText(item['namespace']),
    arguments: looseInput(item['arguments']),
    input: looseInput(item['input']),
    phase: looseText(item['phase']),
    summary: looseList(item['summary'], readTextPart),
    content: looseList(
      typeof item['content'] === 'string' ? [{ text: item['content'] }] : item['content'],
      readTextPart,
    ),
    encrypted_content: looseText(item['encrypted_content']),
  };
}

function readTextPart(json: JsonObject): TextPart {
  return {
    type: looseText(json['type']),
    text: looseText(json['text']),
    refusal: looseText(json['refusal']),
    annotations: json['annotations'],
    logprobs: json['logprobs'],
  };
}

function readWireUsage(json: unknown): WireUsage | undefined {
  if (!isObject(json)) return undefined;
  const { input_tokens: input, output_tokens: output } = json;
  if (typeof input !== 'number' || typeof output !== 'number') return undefined;
  const given = looseObject(json['input_tokens_details']);
  const written = looseObject(json['output_tokens_details']);
  return {
    input_tokens: input,
    output_tokens: output,
    input_tokens_details: given && {
      cached_tokens: looseNumber(given['cached_tokens']),
      cache_write_tokens: looseNumber(given['cache_write_tokens']),
    },
    output_tokens_details: written && { reasoning_tokens: looseNumber(written['reasoning_tokens']) },
    costUsd: readCost(json),
  };
}
