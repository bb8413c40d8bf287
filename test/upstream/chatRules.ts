// What every Chat Completions provider refuses. Each provider passes its own error texts, and adds what only it refuses.

import { isObject, objectsOf, parseObject, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';
import { commonFault, type FindFault } from './schemaRules.ts';

/** Top-level fields that all of them accept. Fields of the Responses API are in no list, so they are always refused. */
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

/** What a provider accepts, and its errors for the rest. */
export type ChatRules = {
  /** Absent: unknown fields are ignored. */
  fields?: { known: readonly string[]; refuse: (field: string) => Refusal };
  roles: { known: readonly string[]; refuse: (role: string, index: number) => Refusal };
  /** Absent: unknown fields of messages are ignored. */
  messageFields?: { known: readonly string[]; refuse: (field: string, index: number, message: JsonObject) => Refusal };
  /** Whether user messages may have image_url parts. */
  images: boolean;
  /** Whether they may have file parts. */
  files?: boolean;
  refusePart: (type: string) => Refusal;
  /** For tools and tool calls. Absent: a 400 with the text. */
  refuseTool?: (what: string) => Refusal;
  /** Absent: the names and schemas that all accept. */
  tools?: ToolRules;
  toolOrder: ToolOrderErrors;
};

type ToolOrderErrors = { unanswered: (ids: string[]) => Refusal; orphan: (id: string) => Refusal };

/** The checks that are common to all Chat Completions providers. @throws Refusal */
export function checkChat(body: JsonObject, rules: ChatRules): void {
  const { fields, roles, messageFields, refuseTool = (what) => new Refusal(what) } = rules;
  checkBasics(body);
  if (fields) refuseUnknownFields(body, fields.known, fields.refuse);
  const messages = messagesOf(body);
  for (const [index, message] of messages.entries()) {
    const role = stringOf(message['role']);
    if (!roles.known.includes(role)) throw roles.refuse(role, index);
    if (messageFields)
      refuseUnknownFields(message, messageFields.known, (field) => messageFields.refuse(field, index, message));
  }
  checkContents(messages, rules);
  checkTools(body, refuseTool, rules.tools);
  checkToolCalls(messages, refuseTool, rules.tools?.names);
  checkToolOrder(messages, rules.toolOrder);
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

/** Content is text or text parts, and images where `images` says so; an assistant with tool calls may have none. */
function checkContents(messages: JsonObject[], { images, files = false, refusePart: sayPart }: ChatRules): void {
  for (const [index, message] of messages.entries()) {
    const content = message['content'];
    const silentAssistant = message['role'] === 'assistant' && toolCallsOf(message).length > 0;
    if ((content === null || content === undefined) && silentAssistant) continue;
    if (typeof content === 'string') continue;
    if (!Array.isArray(content)) throw new Refusal(`messages[${index}]: missing field \`content\``);
    for (const part of objectsOf(content)) {
      const type = stringOf(part['type']);
      const isTaken = (images && type === 'image_url') || (files && type === 'file');
      if (type !== 'text' && !(isTaken && message['role'] === 'user')) throw sayPart(type);
    }
  }
}

/** Which names and schemas of tools a provider takes. */
export type ToolRules = { names?: RegExp; fault?: FindFault };

/** Function tools only, with a name and a schema that all providers take, or those that `rules` state. */
export function checkTools(
  body: JsonObject,
  say: (what: string) => Refusal,
  { names: pattern = /^[a-zA-Z0-9_-]{1,64}$/, fault = commonFault }: ToolRules = {},
): void {
  if (!('tools' in body)) return;
  const tools = objectsOf(body['tools']);
  if (tools.length === 0) throw say('tools must be a non-empty array');
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    if (tool['type'] !== 'function')
      throw say(`tools[${index}].type: unknown variant \`${stringOf(tool['type'])}\`, expected \`function\``);
    const declared = functionOf(tool);
    const name = stringOf(declared['name']);
    if (!pattern.test(name))
      throw say(`Invalid 'tools[${index}].function.name': string does not match pattern '${pattern.source}'`);
    if (names.has(name)) throw say(`Tool names must be unique: ${name}`);
    names.add(name);
    const what = 'parameters' in declared ? fault(declared['parameters']) : undefined;
    if (what !== undefined) throw say(`Invalid schema for function '${name}': ${what}`);
  }
}

/** Each tool call has one result, directly after its assistant message, and each result a call. */
export function checkToolOrder(messages: JsonObject[], say: ToolOrderErrors): void {
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
export function checkToolCalls(
  messages: JsonObject[],
  say: (what: string) => Refusal,
  names = /^[a-zA-Z0-9_-]{1,64}$/,
): void {
  for (const message of messages) {
    const calls = toolCallsOf(message);
    if ('tool_calls' in message && calls.length === 0) throw say('tool_calls must be a non-empty array');
    if (new Set(calls.map((call) => call['id'])).size !== calls.length) throw say('tool call ids must be unique');
    for (const call of calls) {
      const called = functionOf(call);
      if (call['type'] !== 'function' || stringOf(call['id']) === '' || stringOf(called['name']) === '') {
        throw say('a tool call needs type, id and function.name');
      }
      if (!names.test(stringOf(called['name'])))
        throw say(`Invalid 'tool_calls[0].function.name': string does not match pattern '${names.source}'`);
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
