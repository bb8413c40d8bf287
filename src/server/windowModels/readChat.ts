import { parseJson, withoutUndefined } from '../../canonical/json.ts';
import { readBase64Url } from '../../canonical/media.ts';
import type { ChatRequest, Message, Part, Tool, ToolCallPart } from '../../canonical/request.ts';
import { readRequest } from '../../dialects/openaiChat/request.ts';
import { invalid } from '../../dialects/openaiChat/wire.ts';

/** A part of a message as VS Code's API has it, before its classes, which exist in a host only. */
export type ModelPart =
  | { type: 'text'; text: string }
  | { type: 'image'; data: Uint8Array; mimeType: string }
  | { type: 'call'; id: string; name: string; input: object }
  | { type: 'result'; id: string; text: string };

export type ModelMessage = { role: 'user' | 'assistant'; parts: ModelPart[] };

export type ModelRequest = {
  /** `vendor/id`. */
  model: string;
  messages: ModelMessage[];
  tools: { name: string; description: string; inputSchema: object }[];
  mustCallTool: boolean;
  options: Record<string, unknown>;
  stream: boolean;
};

/**
 * Reads a request of Chat Completions as the gateway writes it for this provider.
 * @throws GatewayError `invalid-request`, naming the field
 */
export function readModelRequest(json: unknown): ModelRequest {
  const { model, messages, tools, toolChoice, sampling, stream } = readRequest(json);
  if (!model) throw invalid('model', 'expected a name');
  return {
    model,
    messages: joined(messages.map(readMessage)),
    tools: toolChoice.type === 'none' ? [] : tools.flatMap(readTool),
    mustCallTool: toolChoice.type === 'required' || toolChoice.type === 'tool',
    options: readOptions(sampling),
    stream,
  };
}

/** What VS Code passes on to the model's own extension, which may ignore it. */
function readOptions({ maxTokens, topP, temperature, stop, seed }: ChatRequest['sampling']): Record<string, unknown> {
  return withoutUndefined({ temperature, top_p: topP, max_tokens: maxTokens, stop, seed });
}

function readTool(tool: Tool): ModelRequest['tools'] {
  if (tool.kind === 'hosted') return [];
  const inputSchema =
    tool.kind === 'function' ? tool.parameters : { type: 'object', properties: { input: { type: 'string' } } };
  return [{ name: tool.name, description: tool.description ?? '', inputSchema }];
}

function readMessage({ role, parts }: Message): ModelMessage {
  return { role: role === 'assistant' ? role : 'user', parts: parts.flatMap(readPart) };
}

/** The API has no place for reasoning. What it can't hold otherwise is named in its place. */
function readPart(part: Part): ModelPart[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return readText(part.text);
    case 'image':
      return [readImage(part.url)];
    case 'tool-call':
      return [readCall(part)];
    case 'tool-result': {
      const inside = part.parts.flatMap(readPart);
      const text = inside.map((each) => (each.type === 'text' ? each.text : '')).join('');
      return [{ type: 'result', id: part.callId, text }, ...inside.filter(({ type }) => type === 'image')];
    }
    case 'file':
      return readText(`(the file ${part.filename ?? part.url ?? part.fileId ?? 'without a name'})`);
    case 'audio':
      return readText('(a recording)');
    case 'native':
      return readText(part.textForOtherDialects ?? '');
    case 'reasoning':
      return [];
    default:
      return part satisfies never;
  }
}

function readText(text: string): ModelPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function readImage(url: string): ModelPart {
  const data = readBase64Url(url);
  if (data) return { type: 'image', data: Buffer.from(data.base64, 'base64'), mimeType: data.mediaType };
  return { type: 'text', text: `(an image at ${url})` };
}

/** The API takes objects alone, and a model of another provider may have written something else. */
function readCall({ id, name, input: text }: ToolCallPart): ModelPart {
  const input = parseJson(text);
  const isRecord = typeof input === 'object' && input !== null && !Array.isArray(input);
  return { type: 'call', id, name, input: isRecord ? input : { input: text } };
}

/** The results of parallel calls belong into one message, which follows that with the calls. */
function joined(messages: readonly ModelMessage[]): ModelMessage[] {
  const all: ModelMessage[] = [];
  for (const { role, parts } of messages) {
    const last = all.at(-1);
    if (parts.length === 0) continue;
    if (last?.role === role && isOfResults(last.parts) && isOfResults(parts)) last.parts.push(...parts);
    else all.push({ role, parts: [...parts] });
  }
  return all;
}

/** With the images that results had. */
function isOfResults(parts: readonly ModelPart[]): boolean {
  return parts[0]?.type === 'result';
}
