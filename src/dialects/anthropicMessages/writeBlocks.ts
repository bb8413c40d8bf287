import { parseJson, withoutUndefined } from '../../canonical/json.ts';
import type {
  FilePart,
  ImagePart,
  JsonObject,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/request.ts';
import { decodeBase64, readDataUrl } from './dataUrl.ts';
import { wireName } from './tools.ts';
import * as wire from './wire.ts';

/** A text block, or none for a blank text, which the API refuses ("text content blocks must be non-empty"). */
export function textBlocks(text: string, cacheControl?: JsonObject): JsonObject[] {
  if (text.trim() === '') return [];
  return [withoutUndefined({ type: 'text', text, cache_control: cacheControl })];
}

/** The blocks for a part of a user message or a tool result. Parts not allowed there are left out. */
export function userBlocks(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text, part.cacheControl);
    case 'refusal':
      return textBlocks(part.text);
    case 'image':
      return [withoutUndefined({ type: 'image', source: imageSource(part), cache_control: part.cacheControl })];
    case 'file':
      return fileBlocks(part);
    case 'audio':
      return textBlocks('[audio omitted: this API does not accept audio]');
    case 'native':
      return part.dialect === 'anthropic-messages' ? [part.json] : [];
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      return [];
    default:
      return part satisfies never;
  }
}

export function assistantBlocks(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text, part.cacheControl);
    case 'refusal':
      return textBlocks(part.text);
    case 'reasoning':
      return thinkingBlocks(part);
    case 'tool-call':
      return [writeCall(part)];
    case 'native':
      return part.dialect === 'anthropic-messages' ? [part.json] : [];
    case 'image':
    case 'file':
    case 'audio':
    case 'tool-result':
      return [];
    default:
      return part satisfies never;
  }
}

/** Thinking without a signature is kept, as some providers need it back. Anthropic's API refuses it, so its quirk removes it. */
function thinkingBlocks({ text, proof }: ReasoningPart): JsonObject[] {
  if (proof?.type === 'redacted') return [{ type: 'redacted_thinking', data: proof.data }];
  const signature = proof?.type === 'signature' ? proof.signature : '';
  return text === '' && signature === '' ? [] : [{ type: 'thinking', thinking: text, signature }];
}

function writeCall(call: ToolCallPart): JsonObject {
  return withoutUndefined({
    type: 'tool_use',
    id: call.id,
    name: wireName(call),
    input: parseInput(call.input) ?? { input: call.input },
    cache_control: call.cacheControl,
  });
}

/** Parses a call's input. No input is an empty object. Undefined if it is not a JSON object. */
export function parseInput(input: string): JsonObject | undefined {
  if (input.trim() === '') return {};
  return wire.jsonObject.safeParse(parseJson(input)).data;
}

/** A result block, and attachments of the result that must come after all results of the turn. */
export type WrittenResult = { block: JsonObject; attachments: JsonObject[] };

/** The result of a failed call may only contain text, so its other parts become attachments. */
export function writeResult({ callId, isError, parts, cacheControl }: ToolResultPart): WrittenResult {
  const blocks = parts.flatMap(userBlocks);
  const isText = (block: JsonObject): boolean => block['type'] === 'text';
  const inside = isError ? blocks.filter(isText) : blocks;
  return {
    block: withoutUndefined({
      type: 'tool_result',
      tool_use_id: callId,
      content: resultContent(inside),
      is_error: isError ? true : undefined,
      cache_control: cacheControl,
    }),
    attachments: isError ? blocks.filter((block) => !isText(block)) : [],
  };
}

function resultContent(blocks: JsonObject[]): string | JsonObject[] {
  const [first] = blocks;
  if (!first) return '';
  const plain = blocks.length === 1 && first['type'] === 'text' && !('cache_control' in first);
  return plain ? String(first['text']) : blocks;
}

function imageSource({ url }: ImagePart): JsonObject {
  const data = readDataUrl(url);
  return data ? { type: 'base64', media_type: data.mediaType, data: data.base64 } : { type: 'url', url };
}

/** The API accepts PDF and plain text. Other files are replaced by a note that tells the model what is missing. */
function fileBlocks({ filename, data, url, cacheControl }: FilePart): JsonObject[] {
  const title = filename ? { title: filename } : {};
  const document = (source: JsonObject): JsonObject[] => [
    withoutUndefined({ type: 'document', source, ...title, cache_control: cacheControl }),
  ];
  if (url !== undefined) return document({ type: 'url', url });
  const read = data === undefined ? undefined : readDataUrl(data);
  if (read?.mediaType === 'application/pdf')
    return document({ type: 'base64', media_type: 'application/pdf', data: read.base64 });
  if (read && (read.mediaType.startsWith('text/') || read.mediaType === 'application/json'))
    return document({ type: 'text', media_type: 'text/plain', data: decodeBase64(read.base64) });
  const name = filename ?? read?.mediaType ?? 'a file that another provider stores';
  return textBlocks(`[file omitted: ${name}; this API accepts PDF and plain text]`, cacheControl);
}
