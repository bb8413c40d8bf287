import { lostSummary } from '../../canonical/compaction.ts';
import type { JsonObject, Message, NativePart, Part, Proof, Role, Tool, ToolKind } from '../../canonical/request.ts';
import { isCompaction, triggerType } from './compaction.ts';
import { describeItem, describeOmittedPart } from './describeItem.ts';
import { readProof } from './proof.ts';
import { readTools } from './tools.ts';
import * as wire from './wire.ts';

type TypedJson = JsonObject & { type: string };

/** What an input item adds: a message, tools, or a request to compact the conversation. */
type Item = { role: Role; parts: Part[] } | { tools: Tool[] } | 'compaction-trigger';

export type Input = { messages: Message[]; tools: Tool[]; compaction: boolean };

/** Separates summary parts, which are paragraphs. */
export const summarySeparator = '\n\n';

/**
 * Reads the conversation of a Responses request. Adjacent items of one model turn (reasoning, message, calls) become one
 * assistant message with their parts in order. Items that only this dialect has become native parts. `proofs` are from CCR's
 * envelopes, by the index of their item.
 */
export function readInput(input: string | unknown[], proofs: ReadonlyMap<number, Proof> = new Map()): Input {
  if (typeof input === 'string')
    return { messages: [{ role: 'user', parts: [{ type: 'text', text: input }] }], tools: [], compaction: false };
  const messages: Message[] = [];
  const tools: Tool[] = [];
  let compaction = false;
  for (const [index, value] of input.entries()) {
    const item = readItem(value, `input[${index}]`, proofs.get(index));
    if (item === 'compaction-trigger') {
      compaction = true;
      continue;
    }
    if ('tools' in item) {
      tools.push(...item.tools);
      continue;
    }
    const last = messages.at(-1);
    if (item.role === 'assistant' && last?.role === 'assistant') last.parts.push(...item.parts);
    else messages.push(item);
  }
  return { messages, tools, compaction };
}

function readItem(value: unknown, path: string, proof: Proof | undefined): Item {
  const json = wire.readWire(wire.jsonObject, value, path);
  const type = json['type'] ?? (json['role'] === undefined ? undefined : 'message');
  if (typeof type !== 'string') throw wire.invalid(path, 'expected an item with a type, or a message with a role');
  switch (type) {
    case 'message':
      return readMessage(json, path);
    case 'reasoning':
      return { role: 'assistant', parts: [readReasoning(json, path, proof)] };
    case 'function_call': {
      const { call_id: id, name, namespace, arguments: input } = wire.readWire(wire.functionCallItem, json, path);
      return { role: 'assistant', parts: [toolCall('function', id, name, namespace, input ?? '')] };
    }
    case 'custom_tool_call': {
      const { call_id: id, name, namespace, input } = wire.readWire(wire.customCallItem, json, path);
      return { role: 'assistant', parts: [toolCall('custom', id, name, namespace, input)] };
    }
    case 'function_call_output':
      return readOutput('function', json, path);
    case 'custom_tool_call_output':
      return readOutput('custom', json, path);
    case 'additional_tools':
      return { tools: readTools(wire.readWire(wire.additionalToolsItem, json, path).tools, `${path}.tools`) };
    case triggerType:
      return 'compaction-trigger';
    default:
      if (isCompaction(type)) return { role: 'user', parts: [{ ...native(json), textIfUnreadable: lostSummary }] };
      if (namesReasoning(json)) return { role: 'assistant', parts: [{ ...native(json), isReasoning: true }] };
      return { role: madeByModel(type) ? 'assistant' : 'user', parts: [native(json, describeItem({ ...json, type }))] };
  }
}

function namesReasoning({ type, id }: JsonObject): boolean {
  return type === 'item_reference' && String(id).startsWith('rs_');
}

/** Whether an item belongs to the model's turn, which a hosted tool's call among its other items must not split. */
function madeByModel(type: string): boolean {
  return type.endsWith('_call') || type === 'mcp_list_tools' || type === 'mcp_approval_request' || type === 'program';
}

function native(json: JsonObject, textForOtherDialects?: string): NativePart {
  return {
    type: 'native',
    dialect: 'openai-responses',
    json,
    ...(textForOtherDialects !== undefined && { textForOtherDialects }),
  };
}

function toolCall(kind: ToolKind, id: string, name: string, namespace: string | null | undefined, input: string): Part {
  return { type: 'tool-call', id, name, ...(namespace && { namespace }), kind, input };
}

/** Prefers the content, which is the model's own reasoning, over its summary. */
function readReasoning(json: JsonObject, path: string, sealed: Proof | undefined): Part {
  const item = wire.readWire(wire.reasoningItem, json, path);
  const content = (item.content ?? []).map((part) => part.text ?? '').join('');
  const text = content || (item.summary ?? []).map((part) => part.text).join(summarySeparator);
  const proof = sealed ?? readProof(item.encrypted_content);
  return { type: 'reasoning', text, ...(proof && { proof }) };
}

function readOutput(kind: ToolKind, json: JsonObject, path: string): Item {
  const { call_id: callId, output } = wire.readWire(wire.callOutputItem, json, path);
  const parts: Part[] =
    typeof output === 'string'
      ? [{ type: 'text', text: output }]
      : output.map((part, index) => readPart(part, `${path}.output[${index}]`));
  return { role: 'tool', parts: [{ type: 'tool-result', callId, kind, isError: false, parts }] };
}

function readMessage(json: JsonObject, path: string): Item {
  const { role, content, phase } = wire.readWire(wire.messageItem, json, path);
  const parts: Part[] =
    typeof content === 'string'
      ? [{ type: 'text', text: content }]
      : content.map((part, index) =>
          readPart(part, `${path}.content[${index}]`, (unknown) => ({ ...json, content: [unknown] })),
        );
  if (!phase) return { role, parts };
  return { role, parts: parts.map((part) => (part.type === 'text' ? { ...part, phase } : part)) };
}

/** Reads a part. One that no other dialect can express becomes native, wrapped by `enclose` into an item if need be. */
function readPart(value: unknown, path: string, enclose: (part: JsonObject) => JsonObject = (part) => part): Part {
  const json = wire.readWire(wire.typed, value, path);
  return readKnownPart(json, path) ?? native(enclose(json), describeOmittedPart(json.type));
}

function readKnownPart(json: TypedJson, path: string): Part | undefined {
  switch (json.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: wire.readWire(wire.textPart, json, path).text };
    case 'refusal':
      return { type: 'refusal', text: wire.readWire(wire.refusalPart, json, path).refusal };
    case 'input_image': {
      const { image_url: url, detail } = wire.readWire(wire.imagePart, json, path);
      // A file id without a URL refers to one provider's storage.
      return url ? { type: 'image', url, ...(detail && { detail }) } : undefined;
    }
    case 'image_url': {
      const url = wire.readWire(wire.chatImagePart, json, path).image_url;
      return { type: 'image', url: typeof url === 'string' ? url : url.url };
    }
    case 'input_file': {
      const { filename, file_data: data, file_id: fileId, file_url: url } = wire.readWire(wire.filePart, json, path);
      return {
        type: 'file',
        ...(filename && { filename }),
        ...(data && { data }),
        ...(fileId && { fileId }),
        ...(url && { url }),
      };
    }
    case 'input_audio':
      return { type: 'audio', ...wire.readWire(wire.audioPart, json, path).input_audio };
    default:
      return undefined;
  }
}
