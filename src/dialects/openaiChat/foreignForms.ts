import { fieldsWhere, isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { editObjects, expandObjects, moveField, readDeclaration } from '../foreignTools.ts';
import { nestFormat } from './tools.ts';

/**
 * The body with what clients write in the form of another dialect in the form of this one. Cursor's agents send the body of the
 * Responses API here, and flat tools beside nested ones (litellm#34029, Helicone#5629). Returns the same body if there is nothing.
 */
export function withChatForms(given: JsonObject): JsonObject {
  const body = 'messages' in given || !('input' in given) ? given : fromResponses(given);
  const tools = editObjects(body['tools'], fitTool);
  const choice = fitChoice(body['tool_choice']);
  const messages = editObjects(expandObjects(body['messages'], splitMessage), fitMessage);
  const same = tools === body['tools'] && choice === body['tool_choice'] && messages === body['messages'];
  if (same) return body;
  return {
    ...body,
    messages,
    ...(tools !== body['tools'] && { tools }),
    ...(choice !== body['tool_choice'] && { tool_choice: choice }),
  };
}

function fitTool(tool: JsonObject): JsonObject {
  const { type } = tool;
  if (typeof type === 'string' && isObject(tool[type])) return tool;
  const declared = readDeclaration(tool);
  if (!declared || declared.fields['name'] === undefined) return tool;
  const { kind, fields } = declared;
  const { format, ...others } = fields;
  return { type: kind, [kind]: isObject(format) ? { ...others, format: nestFormat(format) } : others };
}

function fitChoice(choice: unknown): unknown {
  if (!isObject(choice)) return choice;
  const { type, name } = choice;
  if (type === 'auto' || type === 'none' || type === 'required') return type;
  if (type === 'any') return 'required';
  if (type === 'tool') return { type: 'function', function: { name } };
  const isFlat = (type === 'function' || type === 'custom') && typeof name === 'string' && !isObject(choice[type]);
  return isFlat ? { type, [type]: { name } } : choice;
}

/** Calls and results of the Messages API, which are messages of their own here. Undefined if there are none. */
function splitMessage(message: JsonObject): JsonObject[] | undefined {
  const { role, content } = message;
  const blocks: unknown[] = Array.isArray(content) ? content : [];
  const ofType = (type: string): JsonObject[] => blocks.filter(isObject).filter((block) => block['type'] === type);
  const calls = role === 'assistant' ? ofType('tool_use') : [];
  const results = role === 'user' ? ofType('tool_result') : [];
  if (calls.length === 0 && results.length === 0) return undefined;
  const rest = blocks.filter((block) => !calls.includes(block as JsonObject) && !results.includes(block as JsonObject));
  if (calls.length > 0)
    return [{ ...message, content: rest.length > 0 ? rest : null, tool_calls: calls.map(readToolUse) }];
  return [...results.map(readToolResult), ...(rest.length > 0 ? [{ ...message, content: rest }] : [])];
}

function readToolUse({ id, name, input }: JsonObject): JsonObject {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}

function readToolResult({ tool_use_id: id, content }: JsonObject): JsonObject {
  return { role: 'tool', tool_call_id: id, content: content ?? '' };
}

/** Images of the Messages API. */
function fitMessage(message: JsonObject): JsonObject {
  const content = editObjects(message['content'], fitPart);
  return content === message['content'] ? message : { ...message, content };
}

function fitPart(part: JsonObject): JsonObject {
  const { type, source, text, image_url: image, detail } = part;
  if (type === 'input_text' || type === 'output_text') return { type: 'text', text };
  if (type === 'input_image' && typeof image === 'string')
    return { type: 'image_url', image_url: { url: image, ...(detail !== undefined && { detail }) } };
  if (type === 'input_file') {
    const { file_data: data, file_url: url, file_id: id, filename } = part;
    return { type: 'file', file: withoutNulls({ filename, file_data: data ?? url, file_id: id }) };
  }
  if (type !== 'image' || !isObject(source)) return part;
  const { url, media_type: mediaType, data } = source;
  const address = typeof url === 'string' ? url : `data:${String(mediaType)};base64,${String(data)}`;
  return { type: 'image_url', image_url: { url: address } };
}

function withoutNulls(fields: JsonObject): JsonObject {
  return fieldsWhere(fields, (_, value) => value !== undefined && value !== null);
}

/** What means nothing on this wire, or has been read. */
const ownOfResponses = ['input', 'instructions', 'text', 'reasoning', 'include', 'truncation', 'previous_response_id', 'max_output_tokens']; // prettier-ignore

function fromResponses(body: JsonObject): JsonObject {
  const { input, instructions, text, reasoning } = moveField(body, ['max_tokens'], 'max_completion_tokens');
  const rest = fieldsWhere(body, (name) => !ownOfResponses.includes(name));
  const format = isObject(text) ? text['format'] : undefined;
  const system =
    typeof instructions === 'string' && instructions !== '' ? [{ role: 'system', content: instructions }] : [];
  return {
    ...withoutNulls({
      max_completion_tokens: body['max_output_tokens'],
      response_format: isObject(format) ? fitFormat(format) : undefined,
      verbosity: isObject(text) ? text['verbosity'] : undefined,
      reasoning_effort: isObject(reasoning) ? reasoning['effort'] : undefined,
    }),
    ...rest,
    messages: [...system, ...messagesOf(input)],
  };
}

function fitFormat(format: JsonObject): JsonObject | undefined {
  const { type, ...schema } = format;
  if (type === 'text') return undefined;
  return type === 'json_schema' ? { type, json_schema: schema } : { type };
}

function messagesOf(input: unknown): JsonObject[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  const messages: JsonObject[] = [];
  for (const item of Array.isArray(input) ? input.filter(isObject) : []) {
    const call = callOf(item);
    const last = messages.at(-1);
    if (call && last?.['role'] === 'assistant')
      messages[messages.length - 1] = { ...last, tool_calls: [...callsOf(last), call] };
    else if (call) messages.push({ role: 'assistant', content: null, tool_calls: [call] });
    else messages.push(...messageOf(item));
  }
  return messages;
}

function callsOf({ tool_calls: calls }: JsonObject): unknown[] {
  return Array.isArray(calls) ? (calls as unknown[]) : [];
}

function callOf({ type, call_id: id, name, arguments: input, input: text }: JsonObject): JsonObject | undefined {
  if (type === 'function_call') return { id, type: 'function', function: { name, arguments: input } };
  return type === 'custom_tool_call' ? { id, type: 'custom', custom: { name, input: text } } : undefined;
}

/** Items that only the Responses API has are left out. */
function messageOf(item: JsonObject): JsonObject[] {
  const { type = 'message', role, content, call_id: id, output } = item;
  if (type === 'message') return typeof role === 'string' ? [{ role, content }] : [];
  const isResult = type === 'function_call_output' || type === 'custom_tool_call_output';
  return isResult
    ? [{ role: 'tool', tool_call_id: id, content: isObject(output) ? JSON.stringify(output) : output }]
    : [];
}
