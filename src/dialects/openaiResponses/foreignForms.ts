import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { editObjects, expandObjects, moveField, readDeclaration } from '../foreignTools.ts';

/**
 * The body with what clients write in the form of another dialect in the form of this one: nested tools and formats,
 * `max_tokens`, `messages`, messages of tools, results that are not text. Returns the same body if there is nothing.
 */
export function withResponsesForms(given: JsonObject): JsonObject {
  const body = withOwnNames(given);
  const tools = editObjects(body['tools'], fitTool);
  const choice = fitChoice(body['tool_choice']);
  const input = expandObjects(body['input'], fitItem);
  const text = fitText(body['text']);
  const same =
    tools === body['tools'] && choice === body['tool_choice'] && input === body['input'] && text === body['text'];
  if (same) return body;
  return {
    ...body,
    ...(tools !== body['tools'] && { tools }),
    ...(choice !== body['tool_choice'] && { tool_choice: choice }),
    ...(input !== body['input'] && { input }),
    ...(text !== body['text'] && { text }),
  };
}

/** OpenAI: "Unsupported parameter: 'reasoning_effort'. In the Responses API, this parameter has moved to 'reasoning.effort'." */
function withOwnNames(given: JsonObject): JsonObject {
  let body = moveField(given, ['max_tokens', 'max_completion_tokens'], 'max_output_tokens');
  if (body['input'] === undefined && Array.isArray(body['messages'])) body = moveField(body, ['messages'], 'input');
  body = moveInto(body, 'reasoning_effort', 'reasoning', 'effort');
  return moveInto(body, 'response_format', 'text', 'format');
}

function moveInto(body: JsonObject, from: string, to: string, field: string): JsonObject {
  if (!(from in body)) return body;
  const { [from]: value, [to]: holder, ...rest } = body;
  const held = isObject(holder) ? holder : {};
  if (value === null || value === undefined) return to in body ? { ...rest, [to]: holder } : rest;
  return { ...rest, [to]: { ...held, [field]: held[field] ?? value } };
}

function fitTool(tool: JsonObject): JsonObject {
  const isNative = typeof tool['type'] === 'string' && !isObject(tool[tool['type']]) && !('input_schema' in tool);
  if (isNative) return tool;
  const declared = readDeclaration(tool);
  return declared ? { type: declared.kind, ...declared.fields } : tool;
}

function fitChoice(choice: unknown): unknown {
  if (choice === 'any') return 'required';
  if (!isObject(choice)) return choice;
  const { type } = choice;
  if (type === 'auto' || type === 'none' || type === 'required') return type;
  if (type === 'any') return 'required';
  if (type === 'tool') return { type: 'function', name: choice['name'] };
  const nested = typeof type === 'string' ? choice[type] : undefined;
  return isObject(nested) && !('name' in choice) ? { type, ...nested } : choice;
}

/** A schema for the answer needs a name. */
const unnamed = 'answer';

function fitText(text: unknown): unknown {
  const format = isObject(text) ? text['format'] : undefined;
  if (!isObject(text) || !isObject(format) || format['type'] !== 'json_schema') return text;
  const { json_schema: nested, ...own } = format;
  const isFit = nested === undefined && typeof own['name'] === 'string';
  return isFit ? text : { ...text, format: { name: unnamed, ...own, ...(isObject(nested) && nested) } };
}

/** Undefined if it is as it should be. */
function fitItem(item: JsonObject): readonly JsonObject[] | undefined {
  const { type = 'message', role } = item;
  if (type === 'message') return role === 'tool' ? [resultOf(item)] : fitMessage(item);
  if (type === 'function_call' || type === 'custom_tool_call') return hasCallId(item) ? undefined : [withCallId(item)];
  if (type !== 'function_call_output' && type !== 'custom_tool_call_output') return undefined;
  const { output } = item;
  const isFit = hasCallId(item) && (typeof output === 'string' || Array.isArray(output));
  return isFit ? undefined : [{ ...withCallId(item), output: textOf(output) }];
}

function hasCallId({ call_id: id }: JsonObject): boolean {
  return typeof id === 'string' && id !== '';
}

function withCallId(item: JsonObject): JsonObject {
  if (hasCallId(item)) return item;
  const { call_id: given, tool_call_id: other, id, ...rest } = item;
  const named = [given, other, id].find(
    (each) => (typeof each === 'string' && each !== '') || typeof each === 'number',
  );
  return named === undefined ? item : { ...rest, call_id: String(named as string | number) };
}

function textOf(output: unknown): string | unknown[] {
  if (typeof output === 'string' || Array.isArray(output)) return output;
  return output === undefined || output === null ? '' : JSON.stringify(output);
}

function resultOf({ tool_call_id: id, call_id: own, content }: JsonObject): JsonObject {
  return { type: 'function_call_output', call_id: id ?? own, output: textOf(content) };
}

/** A message of Chat Completions with calls is several items. */
function fitMessage(item: JsonObject): readonly JsonObject[] | undefined {
  const { tool_calls: calls, content } = item;
  const called = Array.isArray(calls) ? calls.filter(isObject) : [];
  if (called.length === 0) return content === null || content === undefined ? [{ ...item, content: '' }] : undefined;
  const { tool_calls: _, ...message } = item;
  const says = Array.isArray(content) ? content.length > 0 : Boolean(content);
  return [...(says ? [message] : []), ...called.map(callOf)];
}

function callOf({ id, function: called, custom }: JsonObject): JsonObject {
  if (isObject(custom)) return { type: 'custom_tool_call', call_id: id, name: custom['name'], input: custom['input'] };
  const { name, arguments: input } = isObject(called) ? called : { name: undefined, arguments: undefined };
  return { type: 'function_call', call_id: id, name, arguments: input };
}
