import type {
  JsonObject,
  Message,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/request.ts';
import { describeNatives } from '../../canonical/describeNatives.ts';
import { callsAreAnswered, repairTools } from '../../canonical/repairTools.ts';
import { wireCallId } from './callIds.ts';

/**
 * Writes messages as input items, without the optional ids: providers refuse the id of an item that they did not store
 * ("Item with id 'rs_…' not found", bifrost#5410).
 */
export function writeInput(messages: readonly Message[]): JsonObject[] {
  return describeNatives(messages, 'openai-responses').flatMap(writeMessage);
}

/** Writes a whole conversation, repairing unanswered calls, which OpenAI refuses ("No tool output found for function call call_…"). */
export function writeConversation(messages: readonly Message[]): JsonObject[] {
  return writeInput(callsAreAnswered(messages, 'later') ? messages : repairTools(messages));
}

function writeMessage({ role, parts }: Message): JsonObject[] {
  const items: JsonObject[] = [];
  let open: { phase: string | undefined; content: JsonObject[] } | undefined;

  function addContent(content: JsonObject | undefined, phase?: string): void {
    if (!content) return;
    if (!open || open.phase !== phase) {
      open = { phase, content: [] };
      const wireRole = role === 'system' ? 'developer' : role;
      items.push({ type: 'message', role: wireRole, content: open.content, ...(phase !== undefined && { phase }) });
    }
    open.content.push(content);
  }

  function addItem(item: JsonObject | undefined): void {
    if (!item) return;
    open = undefined;
    items.push(item);
  }

  for (const part of parts) {
    switch (part.type) {
      case 'text':
        addContent(role === 'assistant' ? outputText(part) : inputContent(part), part.phase);
        break;
      case 'refusal':
        addContent(role === 'assistant' ? { type: 'refusal', refusal: part.text } : inputText(part.text));
        break;
      case 'image':
      case 'file':
      case 'audio':
        // Assistant messages can hold only text and refusals.
        if (role !== 'assistant') addContent(inputContent(part));
        break;
      case 'reasoning':
        addItem(writeReasoning(part));
        break;
      case 'tool-call':
        addItem(writeCall(part));
        break;
      case 'tool-result':
        addItem(writeOutput(part));
        break;
      case 'native':
        if (part.dialect === 'openai-responses') addItem(part.json);
        break;
      default:
        part satisfies never;
    }
  }
  return items;
}

function outputText({ text }: TextPart): JsonObject {
  return { type: 'output_text', text };
}

function inputText(text: string): JsonObject {
  return { type: 'input_text', text };
}

/** Undefined if the part cannot be content of a message or of a tool's output. */
function inputContent(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return inputText(part.text);
    case 'image':
      return { type: 'input_image', image_url: part.url, ...(part.detail !== undefined && { detail: part.detail }) };
    case 'file':
      return {
        type: 'input_file',
        ...(part.filename !== undefined && { filename: part.filename }),
        ...(part.data !== undefined && { file_data: part.data }),
        ...(part.fileId !== undefined && { file_id: part.fileId }),
        ...(part.url !== undefined && { file_url: part.url }),
      };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'native':
      return part.dialect === 'openai-responses' ? part.json : undefined;
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      return undefined;
    default:
      return part satisfies never;
  }
}

/**
 * Writes reasoning with either its encrypted content or its text. Providers that encrypt refuse content as well ("array too
 * long. Expected an array with maximum length 0", claude-code-router#1783); others (DeepSeek) want the text back as content.
 * Reasoning that consists of another dialect's proof only is dropped.
 */
function writeReasoning({ text, proof }: ReasoningPart): JsonObject | undefined {
  if (proof?.type === 'encrypted') {
    const summary = text ? [{ type: 'summary_text', text }] : [];
    return { type: 'reasoning', summary, encrypted_content: proof.data };
  }
  if (!text && proof) return undefined;
  return { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text }] };
}

function writeCall({ id, name, namespace, kind, input }: ToolCallPart): JsonObject {
  const head = { call_id: wireCallId(id), name, ...(namespace !== undefined && { namespace }) };
  return kind === 'custom'
    ? { type: 'custom_tool_call', ...head, input }
    : { type: 'function_call', ...head, arguments: input };
}

function writeOutput({ callId, kind, parts }: ToolResultPart): JsonObject {
  const type = kind === 'custom' ? 'custom_tool_call_output' : 'function_call_output';
  const [first] = parts;
  const head = { type, call_id: wireCallId(callId) };
  if (!first) return { ...head, output: '' };
  const output =
    parts.length === 1 && first.type === 'text'
      ? first.text
      : parts.map(inputContent).filter((part) => part !== undefined);
  return { ...head, output };
}
