import { blocksOf } from '../../canonical/contentBlocks.ts';
import { isObject } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { editObjects, moveField, readDeclaration } from '../foreignTools.ts';
import { readDataUrl } from './dataUrl.ts';

/**
 * The body with what clients write in the form of Chat Completions in the form of this dialect: tools, choices, roles, images.
 * Returns the same body if there is nothing.
 */
export function withMessagesForms(given: JsonObject): JsonObject {
  const body = leadingSystem(
    moveField(moveField(given, ['max_completion_tokens'], 'max_tokens'), ['stop'], 'stop_sequences'),
  );
  const tools = editObjects(body['tools'], fitTool);
  const choice = fitChoice(body['tool_choice']);
  const messages = editObjects(body['messages'], fitMessage);
  const stops = typeof body['stop_sequences'] === 'string' ? [body['stop_sequences']] : body['stop_sequences'];
  const same = tools === body['tools'] && choice === body['tool_choice'] && messages === body['messages'];
  if (same && stops === body['stop_sequences']) return body;
  return {
    ...body,
    ...(tools !== body['tools'] && { tools }),
    ...(choice !== body['tool_choice'] && { tool_choice: choice }),
    ...(messages !== body['messages'] && { messages }),
    ...(stops !== body['stop_sequences'] && { stop_sequences: stops }),
  };
}

const systemRoles = new Set<unknown>(['system', 'developer']);

/** "Unexpected role "system". The Messages API accepts a top-level `system` parameter" (Anthropic). */
function leadingSystem(body: JsonObject): JsonObject {
  const { messages, system } = body;
  if (!Array.isArray(messages)) return body;
  const begun = messages.findIndex((message: unknown) => !isObject(message) || !systemRoles.has(message['role']));
  // What the reader refuses is left to it.
  if (begun <= 0) return body;
  const said = [system, ...messages.slice(0, begun).map((message: unknown) => (message as JsonObject)['content'])];
  return { ...body, system: said.flatMap(blocksOf), messages: messages.slice(begun) as unknown[] };
}

/** "tools.0.custom.input_schema: Field required". */
function fitTool(tool: JsonObject): JsonObject {
  const { type } = tool;
  const isOwn = type === undefined || type === 'custom';
  if (isOwn && isObject(tool['input_schema'])) return tool;
  if (!isOwn && type !== 'function') return tool;
  const declared = readDeclaration(isOwn ? { ...tool, type: undefined } : tool);
  if (!declared) return tool;
  const { name, description, parameters } = declared.fields;
  const mark = tool['cache_control'];
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: isObject(parameters) ? parameters : { type: 'object', properties: {} },
    ...(mark !== undefined && { cache_control: mark }),
  };
}

function fitChoice(choice: unknown): unknown {
  if (choice === 'required' || choice === 'any') return { type: 'any' };
  if (choice === 'auto' || choice === 'none') return { type: choice };
  if (!isObject(choice)) return choice;
  const { type, function: named, ...rest } = choice;
  if (type === 'required') return { ...rest, type: 'any' };
  if (type !== 'function') return choice;
  return { ...rest, type: 'tool', name: isObject(named) ? named['name'] : choice['name'] };
}

function fitMessage(message: JsonObject): JsonObject {
  const { role, content } = message;
  if (role === 'tool' && (message['tool_use_id'] ?? message['tool_call_id']))
    return { role: 'user', content: [resultOf(message)] };
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'].filter(isObject) : [];
  if (role === 'assistant' && calls.length > 0) return { role, content: [...blocksOf(content), ...calls.map(callOf)] };
  const list = content === null || content === undefined ? [] : isObject(content) ? [content] : content;
  const fitted = editObjects(list, fitBlock);
  const spelled = role === 'developer' ? 'system' : role;
  return fitted === content && spelled === role ? message : { ...message, role: spelled, content: fitted };
}

function resultOf({ tool_use_id: own, tool_call_id: id, content, is_error: failed }: JsonObject): JsonObject {
  const result = editObjects(content ?? '', fitBlock);
  return { type: 'tool_result', tool_use_id: own ?? id, content: result, ...(failed === true && { is_error: true }) };
}

function callOf({ id, function: called }: JsonObject): JsonObject {
  const { name, arguments: input } = isObject(called) ? called : { name: undefined, arguments: undefined };
  return { type: 'tool_use', id, name, input };
}

function fitBlock(block: JsonObject): JsonObject {
  const { type, image_url: image, text, cache_control: mark } = block;
  if (type === 'input_text' || type === 'output_text')
    return { type: 'text', text, ...(mark !== undefined && { cache_control: mark }) };
  if (type !== 'image_url') return block;
  const url = isObject(image) ? image['url'] : image;
  if (typeof url !== 'string') return block;
  const data = readDataUrl(url);
  const source = data ? { type: 'base64', media_type: data.mediaType, data: data.base64 } : { type: 'url', url };
  return { type: 'image', source, ...(mark !== undefined && { cache_control: mark }) };
}
