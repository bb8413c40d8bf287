// What every Chat Completions provider refuses. The texts differ, so each provider passes its own.

import { isObject, objectsOf, parseObject, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';

/** Top-level fields that all of them take. Fields of the Responses API are in no list, so they are always refused. */
export const commonFields = [
  'model',
  'messages',
  'stream',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'stop',
  'max_tokens',
  'response_format',
  'parallel_tool_calls',
  'user',
] as const;

export function messagesOf(body: JsonObject): JsonObject[] {
  return objectsOf(body['messages']);
}

export function toolCallsOf(message: JsonObject): JsonObject[] {
  return objectsOf(message['tool_calls']);
}

export function functionOf(holder: JsonObject): JsonObject {
  return isObject(holder['function']) ? holder['function'] : {};
}

export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => stringOf(part['text']))
    .join('');
}

export function refuseUnknownFields(
  holder: JsonObject,
  known: readonly string[],
  say: (field: string) => Refusal,
): void {
  for (const field of Object.keys(holder)) if (!known.includes(field)) throw say(field);
}

export function checkBasics(body: JsonObject): void {
  if (stringOf(body['model']) === '') throw new Refusal('model is required');
  if (!Array.isArray(body['messages']) || body['messages'].length === 0)
    throw new Refusal('messages must not be empty');
  if (messagesOf(body).length !== body['messages'].length) throw new Refusal('messages must be objects');
  if ('stream' in body && typeof body['stream'] !== 'boolean') throw new Refusal('stream must be a boolean');
}

export function checkRoles(messages: JsonObject[], roles: readonly string[], say: (role: string) => Refusal): void {
  for (const message of messages) {
    const role = stringOf(message['role']);
    if (!roles.includes(role)) throw say(role);
  }
}

/** Content is text or text parts; an assistant with tool calls may have none. `images`: image_url parts are fine too. */
export function checkContents(messages: JsonObject[], images: boolean, sayPart: (type: string) => Refusal): void {
  for (const [index, message] of messages.entries()) {
    const content = message['content'];
    const silentAssistant = message['role'] === 'assistant' && toolCallsOf(message).length > 0;
    if ((content === null || content === undefined) && silentAssistant) continue;
    if (typeof content === 'string') continue;
    if (!Array.isArray(content)) throw new Refusal(`messages[${index}]: missing field \`content\``);
    for (const part of objectsOf(content)) {
      const type = stringOf(part['type']);
      if (type !== 'text' && !(images && type === 'image_url' && message['role'] === 'user')) throw sayPart(type);
    }
  }
}

/** Function tools only, with a name that all providers take and an object schema. */
export function checkTools(body: JsonObject, say: (what: string) => Refusal): void {
  if (!('tools' in body)) return;
  const tools = objectsOf(body['tools']);
  if (tools.length === 0) throw say('tools must be a non-empty array');
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    if (tool['type'] !== 'function')
      throw say(`tools[${index}].type: unknown variant \`${stringOf(tool['type'])}\`, expected \`function\``);
    const declared = functionOf(tool);
    const name = stringOf(declared['name']);
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      throw say(`Invalid 'tools[${index}].function.name': string does not match pattern '^[a-zA-Z0-9_-]+$'`);
    if (names.has(name)) throw say(`Tool names must be unique: ${name}`);
    names.add(name);
    checkParameters(declared, name, say);
  }
}

function checkParameters(declared: JsonObject, name: string, say: (what: string) => Refusal): void {
  if (!('parameters' in declared)) return;
  const parameters = declared['parameters'];
  if (!isObject(parameters) || parameters['type'] !== 'object') {
    throw say(`Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"'`);
  }
}

/** Every tool call is answered, once, directly after its assistant message; no tool message comes from nowhere. */
export function checkToolOrder(
  messages: JsonObject[],
  say: { unanswered: (ids: string[]) => Refusal; orphan: (id: string) => Refusal },
): void {
  let open = new Set<string>();
  for (const message of messages) {
    if (message['role'] === 'tool') {
      const id = stringOf(message['tool_call_id']);
      if (!open.delete(id)) throw say.orphan(id);
      continue;
    }
    if (open.size > 0) throw say.unanswered([...open]);
    open = new Set(toolCallsOf(message).map((call) => stringOf(call['id'])));
  }
  if (open.size > 0) throw say.unanswered([...open]);
}

/** Replayed arguments are the text of a JSON object; calls are of type function and have an id and a name. */
export function checkToolCalls(messages: JsonObject[], say: (what: string) => Refusal): void {
  for (const message of messages) {
    const calls = toolCallsOf(message);
    if ('tool_calls' in message && calls.length === 0) throw say('tool_calls must be a non-empty array');
    if (new Set(calls.map((call) => call['id'])).size !== calls.length) throw say('tool call ids must be unique');
    for (const call of calls) {
      const called = functionOf(call);
      if (call['type'] !== 'function' || stringOf(call['id']) === '' || stringOf(called['name']) === '') {
        throw say('a tool call needs type, id and function.name');
      }
      if (typeof called['arguments'] !== 'string' || parseObject(called['arguments']) === undefined) {
        throw say('invalid function arguments json string');
      }
    }
  }
}

export function toolChoiceIsForced(body: JsonObject): boolean {
  const choice = body['tool_choice'];
  return choice === 'required' || isObject(choice);
}
