import type { FilePart, JsonObject, Part, TextPart } from '../../canonical/request.ts';
import { makeDataUrl } from './dataUrl.ts';
import type { Opener } from '../../reasoning/sealer.ts';
import { readEchoedSignature } from './signature.ts';
import * as wire from './wire.ts';

type Block = { type: string; cache_control?: JsonObject | null | undefined; [key: string]: unknown };

/** State of reading one request. */
export type Reading = {
  opener: Opener;
  /** Names of tools that a tool search has loaded. Tools with `defer_loading` are visible to the model only then. */
  loadedTools: Set<string>;
};

/** Reads the content of a message, a tool result or a document. */
export function readContent(content: string | unknown[] | null | undefined, path: string, reading: Reading): Part[] {
  if (content === null || content === undefined || content === '') return [];
  if (typeof content === 'string') return [textPart(content)];
  return content.flatMap((value, index) => readBlock(value, `${path}[${index}]`, reading));
}

/** `cache_control` marks the end of a block, so it goes to the last of the block's parts. */
function readBlock(value: unknown, path: string, reading: Reading): Part[] {
  const json: Block = wire.readWire(wire.block, value, path);
  const parts = readBlockOfType(json, path, reading);
  const last = parts.at(-1);
  const { cache_control: cacheControl } = json;
  if (!cacheControl || !last || last.type === 'refusal' || last.type === 'reasoning') return parts;
  return [...parts.slice(0, -1), { ...last, cacheControl }];
}

/** Blocks that no other dialect can represent become native parts. */
function readBlockOfType(json: Block, path: string, reading: Reading): Part[] {
  switch (json.type) {
    case 'text':
      return [textPart(wire.readWire(wire.textBlock, json, path).text)];
    case 'image':
      return [readImage(json, path)];
    case 'document':
      return readDocument(json, path, reading);
    case 'search_result':
      return [readSearchResult(json, path)];
    case 'tool_reference': {
      const { tool_name: name } = wire.readWire(wire.toolReferenceBlock, json, path);
      reading.loadedTools.add(name);
      return [textPart(`The tool ${name} is loaded and can be called from now on.`)];
    }
    case 'thinking': {
      const { thinking: text, signature } = wire.readWire(wire.thinkingBlock, json, path);
      const proof = readEchoedSignature(signature, reading.opener);
      return [{ type: 'reasoning', text, ...(proof && { proof }) }];
    }
    case 'redacted_thinking': {
      const { data } = wire.readWire(wire.redactedThinkingBlock, json, path);
      return [{ type: 'reasoning', text: '', proof: { type: 'redacted', data } }];
    }
    case 'tool_use': {
      const { id, name, input } = wire.readWire(wire.toolUseBlock, json, path);
      return [{ type: 'tool-call', id, name, kind: 'function', input: inputText(input) }];
    }
    case 'tool_result': {
      const result = wire.readWire(wire.toolResultBlock, json, path);
      const parts = readContent(result.content, `${path}.content`, reading);
      const { tool_use_id: callId, is_error: isError } = result;
      return [{ type: 'tool-result', callId, kind: 'function', isError: isError ?? false, parts }];
    }
    case 'container_upload':
      return [native(json, storedElsewhere('file'))];
    default:
      return [native(json)];
  }
}

/** Other providers can't read a file stored at one provider. The text tells the model that something is missing. */
function storedElsewhere(what: string): string {
  return `[${what} omitted: another provider stores it]`;
}

function textPart(text: string): TextPart {
  return { type: 'text', text };
}

function native(json: JsonObject, textForOtherDialects?: string): Part {
  return {
    type: 'native',
    dialect: 'anthropic-messages',
    json,
    ...(textForOtherDialects !== undefined && { textForOtherDialects }),
  };
}

/** Invalid JSON input was sent to the client as text and comes back as text. */
function inputText(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? {});
}

/** An image given by file id is native, as the id is valid at one provider only. */
function readImage(json: Block, path: string): Part {
  const { source } = wire.readWire(wire.imageBlock, json, path);
  const url = sourceUrl(source, path);
  return url === undefined ? native(json, storedElsewhere('image')) : { type: 'image', url };
}

function readDocument(json: Block, path: string, reading: Reading): Part[] {
  const { source, title } = wire.readWire(wire.documentBlock, json, path);
  if (source.type === 'content') return readContent(source.content, `${path}.source.content`, reading);
  if (source.type === 'text') return [textPart(title ? `${title}\n\n${source.data ?? ''}` : (source.data ?? ''))];
  const url = sourceUrl(source, path);
  if (url === undefined) return [native(json, storedElsewhere(title || 'document'))];
  const file: FilePart = { type: 'file', ...(title && { filename: title }) };
  return [source.type === 'url' ? { ...file, url } : { ...file, data: url }];
}

function sourceUrl(source: wire.Source, path: string): string | undefined {
  switch (source.type) {
    case 'base64':
      if (!source.media_type || !source.data)
        throw wire.invalid(`${path}.source`, 'expected media_type and data of a base64 source');
      return makeDataUrl(source.media_type, source.data);
    case 'url':
      if (!source.url) throw wire.invalid(`${path}.source.url`, 'expected a URL');
      return source.url;
    default:
      return undefined;
  }
}

/** Search results become text for all providers. Only citations of their locations are specific to this dialect. */
function readSearchResult(json: Block, path: string): Part {
  const { title, source, content } = wire.readWire(wire.searchResultBlock, json, path);
  const head = [title, source].filter(Boolean).join('\n');
  const texts = (content ?? []).map(({ text }) => text ?? '').join('\n');
  return textPart(head ? `${head}\n\n${texts}` : texts);
}
