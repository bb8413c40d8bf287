import * as z from 'zod';
import { parseJson } from '../../canonical/json.ts';

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

const callSchema = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
const partSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.looseObject({ url: z.string() }).optional(),
});
const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(partSchema)]).nullish(),
  tool_calls: z.array(callSchema).nullish(),
  tool_call_id: z.string().optional(),
});
const bodySchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(messageSchema),
  tools: z
    .array(
      z.looseObject({
        function: z.looseObject({
          name: z.string(),
          description: z.string().nullish(),
          parameters: z.looseObject({}).nullish(),
        }),
      }),
    )
    .nullish(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean().nullish(),
});
type WireMessage = z.output<typeof messageSchema>;

/** What VS Code passes on to the model's own extension, which may ignore it. */
const passedOptions = ['temperature', 'top_p', 'max_tokens', 'stop', 'seed'];

/**
 * Reads a request of Chat Completions as the gateway writes it for this provider.
 * @throws ZodError for another body
 */
export function readModelRequest(json: unknown): ModelRequest {
  const body = bodySchema.parse(json);
  const offersTools = body.tool_choice !== 'none';
  return {
    model: body.model,
    messages: joined(body.messages.map(readMessage)),
    tools: (offersTools ? (body.tools ?? []) : []).map(({ function: { name, description, parameters } }) => ({
      name,
      description: description ?? '',
      inputSchema: parameters ?? { type: 'object', properties: {} },
    })),
    mustCallTool: offersTools && body.tool_choice !== undefined && body.tool_choice !== 'auto',
    options: Object.fromEntries(passedOptions.flatMap((name) => (name in body ? [[name, body[name]]] : []))),
    stream: body.stream ?? false,
  };
}

function readMessage({ role, content, tool_calls: calls, tool_call_id: callId }: WireMessage): ModelMessage {
  const parts = typeof content === 'string' ? readText(content) : (content ?? []).flatMap(readPart);
  if (role === 'tool') {
    const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return { role: 'user', parts: [{ type: 'result', id: callId ?? '', text }] };
  }
  if (role !== 'assistant') return { role: 'user', parts };
  return { role, parts: [...parts, ...(calls ?? []).map(readCall)] };
}

function readText(text: string): ModelPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function readPart({ text, image_url: image }: z.output<typeof partSchema>): ModelPart[] {
  if (text !== undefined) return readText(text);
  const [, mimeType = '', base64 = ''] = /^data:([^;,]+);base64,(.*)$/s.exec(image?.url ?? '') ?? [];
  if (base64 !== '') return [{ type: 'image', data: Buffer.from(base64, 'base64'), mimeType }];
  return image ? [{ type: 'text', text: `(an image at ${image.url})` }] : [];
}

/** The API takes objects alone, and a model of another provider may have written something else. */
function readCall({ id, function: { name, arguments: text } }: z.output<typeof callSchema>): ModelPart {
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

function isOfResults(parts: readonly ModelPart[]): boolean {
  return parts.every(({ type }) => type === 'result');
}
