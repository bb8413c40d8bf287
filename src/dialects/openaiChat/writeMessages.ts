import { withoutUndefined } from '../../canonical/json.ts';
import { describeNatives } from '../../canonical/describeNatives.ts';
import { mergeAssistants, repairTools } from '../../canonical/repairTools.ts';
import type { JsonObject, Message, Part, ToolCallPart, ToolResultPart } from '../../canonical/request.ts';
import { signaturesIn, signatureFields } from './extraContent.ts';
import { wireName } from './tools.ts';

/** Content of a tool message whose whole result has to go into a user message. */
const attachedNote = '(The result follows in the next user message.)';

/**
 * Writes the conversation in a form that even the strictest providers accept: one assistant message per turn, followed by the
 * results of all its calls as plain text, followed by a user message with any attachments of those results.
 */
export function writeMessages(messages: readonly Message[]): JsonObject[] {
  const written: JsonObject[] = [];
  let attachments: JsonObject[] = [];

  function flush(): void {
    if (attachments.length > 0) written.push({ role: 'user', content: attachments });
    attachments = [];
  }

  for (const message of repairTools(mergeAssistants(describeNatives(messages, 'openai-chat')))) {
    if (message.role !== 'tool') flush();
    for (const result of message.parts) {
      if (result.type !== 'tool-result') continue;
      written.push(writeResult(result));
      attachments.push(...writeAttachments(result));
    }
    if (message.role !== 'tool') written.push(...writeMessage(message));
  }
  flush();
  return written;
}

function writeMessage(message: Message): JsonObject[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      // Most providers refuse the role `developer`.
      return writeProse('system', message.parts);
    case 'user':
      return writeProse('user', message.parts);
    case 'assistant':
      return writeAssistant(message.parts);
    case 'tool':
      return [];
    default:
      return message.role satisfies never;
  }
}

/** Writes nothing for a message none of whose parts exist in this dialect, or a system message without words. */
function writeProse(role: 'system' | 'user', parts: Part[]): JsonObject[] {
  // Some providers refuse an empty text among other parts.
  const content = parts.filter((part) => part.type !== 'text' || part.text !== '').flatMap(writePart);
  const texts = parts.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []));
  if (content.length === 0) return role === 'user' && parts.every((part) => part.type === 'text') ? [{ role, content: '' }] : []; // prettier-ignore
  if (texts.length < content.length) return [{ role, content }];
  // Sections of a system prompt are joined, since not every provider accepts a list there.
  if (role === 'system' || texts.length === 1) return [{ role, content: texts.join('\n\n') }];
  return [{ role, content }];
}

function writeAssistant(parts: Part[]): JsonObject[] {
  const text = joinTexts(parts.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : [])));
  // Reasoning is a single string here, even if text came in between.
  const reasoning = parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('');
  const details = parts.flatMap((part) =>
    part.type === 'reasoning' && part.proof?.type === 'details' ? part.proof.details : [],
  );
  const signatures = signaturesIn(parts);
  const calls = parts
    .filter((part) => part.type === 'tool-call')
    .map((call, place) => ({ ...writeCall(call), ...signatureFields(signatures.ofCall(place)) }));
  if (text === '' && reasoning === '' && details.length === 0 && calls.length === 0) return [];
  return [
    withoutUndefined({
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      reasoning_content: reasoning || undefined,
      // Writes both forms; the provider's quirk keeps the one that it accepts.
      reasoning_details: details.length > 0 ? details : undefined,
      ...signatureFields(signatures.own),
      tool_calls: calls.length > 0 ? calls : undefined,
    }),
  ];
}

function writeCall(call: ToolCallPart): JsonObject {
  if (call.kind === 'custom') {
    return { id: call.id, type: 'custom', custom: { name: wireName(call), input: call.input } };
  }
  // Empty arguments become `{}`. Anything else is sent as the model wrote it, even if it is not valid JSON.
  const input = call.input.trim() === '' ? '{}' : call.input;
  return { id: call.id, type: 'function', function: { name: wireName(call), arguments: input } };
}

/** Writes the content as a string, since few providers accept a list here. */
function writeResult(result: ToolResultPart): JsonObject {
  const text = result.parts
    .flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : []))
    .join('\n');
  const content = text === '' && writeAttachments(result).length > 0 ? attachedNote : text;
  return { role: 'tool', tool_call_id: result.callId, content: result.isError ? markError(content) : content };
}

/** Chat Completions has no field for a failed call, so the text has to say so. */
function markError(text: string): string {
  return /^\W*error/i.test(text) ? text : `Error: ${text}`;
}

function writeAttachments({ callId, parts }: ToolResultPart): JsonObject[] {
  const attached = parts.filter((part) => part.type !== 'text' && part.type !== 'refusal').flatMap(writePart);
  return attached.length === 0 ? [] : [{ type: 'text', text: `From the result of tool call ${callId}:` }, ...attached];
}

function writePart(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', text: part.text }];
    case 'image':
      return [{ type: 'image_url', image_url: withoutUndefined({ url: part.url, detail: part.detail }) }];
    case 'audio':
      return [{ type: 'input_audio', input_audio: { data: part.data, format: part.format } }];
    case 'file': {
      const { filename, data, url, fileId } = part;
      return [{ type: 'file', file: withoutUndefined({ filename, file_data: data ?? url, file_id: fileId }) }];
    }
    case 'native':
      return part.dialect === 'openai-chat' ? [part.json] : [];
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      return [];
    default:
      return part satisfies never;
  }
}

/** Joins the texts of several messages or blocks with a blank line, unless there is white space between them already. */
export function joinTexts(texts: string[]): string {
  return texts
    .filter((text) => text !== '')
    .reduce(
      (before, text) => before + (before === '' || /\s$/.test(before) || /^\s/.test(text) ? '' : '\n\n') + text,
      '',
    );
}
