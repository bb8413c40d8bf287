import type {
  Message,
  Part,
  Proof,
  ReasoningPart,
  ToolCallPart,
  ToolKind,
  ToolResultPart,
} from '../../canonical/request.ts';
import { readSignature, signedThought } from './extraContent.ts';
import { detailsText } from './reasoningDetails.ts';
import * as wire from './wire.ts';

/** The calls of earlier messages, for the results in later ones. */
type Calls = {
  kinds: Map<string, ToolKind>;
  /** Generated ids of legacy `function_call`s, which have none: the latest id per function name. */
  legacyIds: Map<string, string>;
};

/** Reads each message into exactly one canonical message, so that indexes match. */
export function readMessages(values: unknown[]): Message[] {
  const calls: Calls = { kinds: new Map(), legacyIds: new Map() };
  return values.map((value, index) => {
    const path = `messages[${index}]`;
    return readMessage(wire.readWire(wire.message, value, path), path, calls);
  });
}

function readMessage(message: wire.Message, path: string, calls: Calls): Message {
  const { role } = message;
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role, parts: readContent(message.content, path) };
    case 'assistant':
      return { role, parts: readAssistant(message, path, calls) };
    case 'tool': {
      if (!message.tool_call_id)
        throw wire.invalid(`${path}.tool_call_id`, 'expected the id of the tool call that this message answers');
      return toolMessage(message, message.tool_call_id, path, calls);
    }
    case 'function': {
      const id = message.name ? calls.legacyIds.get(message.name) : undefined;
      if (id === undefined)
        throw wire.invalid(`${path}.name`, 'expected the name of a function that was called earlier');
      return toolMessage(message, id, path, calls);
    }
    default:
      return role satisfies never;
  }
}

function toolMessage(message: wire.Message, callId: string, path: string, calls: Calls): Message {
  const result: ToolResultPart = {
    type: 'tool-result',
    callId,
    kind: calls.kinds.get(callId) ?? 'function',
    isError: false,
    parts: readContent(message.content, path),
  };
  return { role: 'tool', parts: [result] };
}

/** Puts reasoning first, as it was generated and as other dialects order it. */
function readAssistant(message: wire.Message, path: string, calls: Calls): Part[] {
  const content = readContent(message.content, path);
  const reasoning = readReasoning(message);
  return [
    // Mistral's thinking parts are used only if no plain field has the reasoning.
    ...(reasoning ? [reasoning] : content.filter((part) => part.type === 'reasoning')),
    ...readSignatures(message),
    ...content.filter((part) => part.type !== 'reasoning'),
    ...(message.refusal ? [{ type: 'refusal', text: message.refusal } as const] : []),
    ...(message.tool_calls ?? []).map((call, index) => readCall(call, `${path}.tool_calls[${index}]`, calls)),
    ...readLegacyCall(message, path, calls),
  ];
}

function readReasoning(message: wire.Message): ReasoningPart | undefined {
  const details = message.reasoning_details ?? [];
  const text = message.reasoning_content || message.reasoning || detailsText(details);
  if (text === '' && details.length === 0) return undefined;
  const proof: Proof | undefined = details.length > 0 ? { type: 'details', details } : undefined;
  return proof ? { type: 'reasoning', text, proof } : { type: 'reasoning', text };
}

function readSignatures({ extra_content: own, tool_calls: calls }: wire.Message): ReasoningPart[] {
  const ofCalls = (calls ?? []).map((call) => wire.signed.safeParse(call).data?.extra_content);
  return [own, ...ofCalls].flatMap((extra, index) => {
    const signature = readSignature(extra);
    return signature === undefined ? [] : [signedThought(signature, index === 0 ? undefined : index - 1)];
  });
}

function readCall(value: unknown, path: string, calls: Calls): ToolCallPart {
  const call = wire.readWire(wire.toolCall, value, path);
  if (call.custom) {
    calls.kinds.set(call.id, 'custom');
    return { type: 'tool-call', id: call.id, kind: 'custom', name: call.custom.name, input: call.custom.input };
  }
  if (!call.function) throw wire.invalid(`${path}.function`, 'expected the name and arguments of the call');
  const { name, arguments: input } = call.function;
  calls.kinds.set(call.id, 'function');
  return {
    type: 'tool-call',
    id: call.id,
    kind: 'function',
    name,
    input: typeof input === 'object' && input ? JSON.stringify(input) : (input ?? ''),
  };
}

function readLegacyCall({ function_call: call }: wire.Message, path: string, calls: Calls): ToolCallPart[] {
  if (!call) return [];
  const id = `call_${path.replaceAll(/\W+/g, '')}`;
  calls.legacyIds.set(call.name, id);
  return [{ type: 'tool-call', id, kind: 'function', name: call.name, input: call.arguments }];
}

function readContent(content: wire.Message['content'], path: string): Part[] {
  if (content === null || content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((value, index) => readPart(value, `${path}.content[${index}]`));
}

function readPart(value: unknown, path: string): Part {
  const json = wire.readWire(wire.part, value, path);
  const part = readPartOfType(json, path);
  const { cache_control: cacheControl } = json;
  return cacheControl && part.type !== 'refusal' && part.type !== 'reasoning' ? { ...part, cacheControl } : part;
}

function readPartOfType(json: { type: string; [key: string]: unknown }, path: string): Part {
  switch (json.type) {
    case 'text':
      return { type: 'text', text: wire.readWire(wire.textPart, json, path).text };
    case 'image_url': {
      const { image_url: image } = wire.readWire(wire.imagePart, json, path);
      if (typeof image === 'string') return { type: 'image', url: image };
      return image.detail ? { type: 'image', url: image.url, detail: image.detail } : { type: 'image', url: image.url };
    }
    case 'input_audio': {
      const { data, format } = wire.readWire(wire.audioPart, json, path).input_audio;
      return { type: 'audio', data, format };
    }
    case 'file': {
      const { filename, file_data: data, file_id: fileId } = wire.readWire(wire.filePart, json, path).file;
      return { type: 'file', ...(filename && { filename }), ...(data && { data }), ...(fileId && { fileId }) };
    }
    case 'refusal':
      return { type: 'refusal', text: wire.readWire(wire.refusalPart, json, path).refusal };
    case 'thinking': {
      const { thinking } = wire.readWire(wire.thinkingPart, json, path);
      return {
        type: 'reasoning',
        text: typeof thinking === 'string' ? thinking : thinking.map((each) => each.text ?? '').join(''),
      };
    }
    default:
      return {
        type: 'native',
        dialect: 'openai-chat',
        json,
        textForOtherDialects: `[${json.type} omitted: this API does not support it]`,
      };
  }
}
