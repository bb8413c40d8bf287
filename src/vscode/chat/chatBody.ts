import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** A message of VS Code's chat, as far as it is read here. Its parts are known by their fields: their classes exist in a host only. */
export type ChatMessage = { role: 'user' | 'assistant'; content: readonly unknown[] };

export type ChatQuestion = {
  model: string;
  messages: readonly ChatMessage[];
  tools: readonly { name: string; description: string; inputSchema?: object | undefined }[];
  mustCallTool: boolean;
  /** What the extension that asks wants set, such as `temperature`. */
  modelOptions: Readonly<Record<string, unknown>>;
};

/** Options that Chat Completions has under the same name. */
const knownOptions = ['temperature', 'top_p', 'max_tokens', 'stop', 'seed', 'reasoning_effort'];

/** The body of a streamed request of Chat Completions. */
export function chatBody({ model, messages, tools, mustCallTool, modelOptions }: ChatQuestion): JsonObject {
  const options = Object.entries(modelOptions).filter(([name]) => knownOptions.includes(name));
  return {
    ...Object.fromEntries(options),
    model,
    stream: true,
    messages: messages.flatMap(writeMessage),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, inputSchema }) => ({
        type: 'function',
        function: { name, description, parameters: inputSchema ?? { type: 'object', properties: {} } },
      })),
      tool_choice: mustCallTool ? 'required' : 'auto',
    }),
  };
}

/** What a message's tokens are counted from: all that the model reads as text, and how many images. */
export function measuredParts(content: readonly unknown[]): { texts: string[]; images: number } {
  const parts = content.flatMap((part) => readPart(part) ?? []);
  const inResults = parts.flatMap((part) => (part.kind === 'result' ? imagesIn(part) : []));
  return {
    texts: parts.flatMap(textsOf),
    images: parts.filter(({ kind }) => kind === 'image').length + inResults.length,
  };
}

function textsOf(part: ReadPart): string[] {
  switch (part.kind) {
    case 'text':
      return [part.text];
    case 'call':
      return [part.name, JSON.stringify(part.input)];
    case 'result':
      return [resultText(part.content)];
    case 'image':
      return [];
    default:
      return part satisfies never;
  }
}

type ResultPart = { kind: 'result'; id: string; content: readonly unknown[] };

type ReadPart =
  | { kind: 'text'; text: string }
  | { kind: 'image'; url: string }
  | { kind: 'call'; id: string; name: string; input: unknown }
  | ResultPart;

/** Undefined for parts that are no content for a model, such as marks of a cache. */
function readPart(part: unknown): ReadPart | undefined {
  if (!isObject(part)) return undefined;
  const { value, callId, name, input, content, data, mimeType } = part;
  if (typeof callId === 'string' && typeof name === 'string') return { kind: 'call', id: callId, name, input };
  if (typeof callId === 'string' && Array.isArray(content)) return { kind: 'result', id: callId, content };
  if (data instanceof Uint8Array && typeof mimeType === 'string') return readData(data, mimeType);
  return typeof value === 'string' ? { kind: 'text', text: value } : undefined;
}

function readData(data: Uint8Array, mimeType: string): ReadPart | undefined {
  if (mimeType.startsWith('image/'))
    return { kind: 'image', url: `data:${mimeType};base64,${Buffer.from(data).toString('base64')}` };
  const isText = mimeType.startsWith('text/') || mimeType === 'application/json';
  return isText ? { kind: 'text', text: Buffer.from(data).toString('utf8') } : undefined;
}

/** Results come first: the API wants them right after the calls. Their images follow, since a result is text there. */
function writeMessage({ role, content }: ChatMessage): JsonObject[] {
  const parts = content.flatMap((part) => readPart(part) ?? []);
  const texts = parts.flatMap((part) => (part.kind === 'text' ? part.text : []));
  if (role === 'assistant') {
    const calls = parts.flatMap((part) => (part.kind === 'call' ? writeCall(part) : []));
    if (texts.length === 0 && calls.length === 0) return [];
    return [{ role, content: texts.join('') || null, ...(calls.length > 0 && { tool_calls: calls }) }];
  }
  const results = parts.filter((part) => part.kind === 'result');
  const shown = [...results.flatMap(imagesIn), ...parts].flatMap(writeShown);
  return [...results.map(writeResult), ...(shown.length > 0 ? [{ role, content: shown }] : [])];
}

function writeCall({ id, name, input }: Extract<ReadPart, { kind: 'call' }>): JsonObject {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}

function writeResult({ id, content }: ResultPart): JsonObject {
  return { role: 'tool', tool_call_id: id, content: resultText(content) };
}

function imagesIn({ content }: ResultPart): ReadPart[] {
  return content.flatMap((part) => readPart(part) ?? []).filter(({ kind }) => kind === 'image');
}

function resultText(content: readonly unknown[]): string {
  return content
    .map((part) => {
      const read = readPart(part);
      if (read?.kind === 'text') return read.text;
      return read?.kind === 'image' ? '(an image, which follows)' : '';
    })
    .join('');
}

function writeShown(part: ReadPart): JsonObject[] {
  if (part.kind === 'text') return [{ type: 'text', text: part.text }];
  return part.kind === 'image' ? [{ type: 'image_url', image_url: { url: part.url } }] : [];
}
