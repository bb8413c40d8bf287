import { contentText, functionOf, messagesOf, toolCallsOf } from './chatRules.ts';
import { isObject, objectsOf, parseObject, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { isUsersOwn } from './ownWords.ts';
import type { Profile, Replay, SentTurn } from './profile.ts';
import type { Conversation } from './turn.ts';

export function readChat(body: JsonObject): Conversation {
  const messages = messagesOf(body);
  const lastUser = messages.findLastIndex(
    (message) => message['role'] === 'user' && isUsersOwn(contentText(message['content'])),
  );
  const schema = outputSchemaOf(body);
  return {
    model: stringOf(body['model']),
    tools: body['tool_choice'] === 'none' ? [] : objectsOf(body['tools']).map(readTool),
    lastUserText: contentText(messages[lastUser]?.['content']),
    toolResults: messages
      .slice(lastUser + 1)
      .filter((message) => message['role'] === 'tool')
      .map((message) => contentText(message['content'])),
    ...(schema === undefined ? {} : { outputSchema: schema }),
  };
}

function readTool(tool: JsonObject): Conversation['tools'][number] {
  const declared = functionOf(tool);
  const parameters = declared['parameters'];
  return { kind: 'function', name: stringOf(declared['name']), parameters: isObject(parameters) ? parameters : {} };
}

function outputSchemaOf(body: JsonObject): JsonObject | undefined {
  const format = body['response_format'];
  if (!isObject(format)) return undefined;
  if (format['type'] === 'json_object') return schemaInPrompt(body) ?? { type: 'object', properties: {} };
  const holder = format['json_schema'];
  return isObject(holder) && isObject(holder['schema']) ? holder['schema'] : undefined;
}

/** For providers without schemas: the schema is in the prompt, as a line of JSON after the text "JSON schema". */
function schemaInPrompt(body: JsonObject): JsonObject | undefined {
  const texts = messagesOf(body).map((message) => contentText(message['content']));
  const line = texts.map((text) => /JSON schema[^\n]*\n(\{.*\})/i.exec(text)?.[1]).find((found) => found !== undefined);
  return line === undefined ? undefined : parseObject(line);
}

/** Compares assistant messages with the turns that were sent, matched by tool-call ids, else by text. */
export function compareReplays(
  body: JsonObject,
  sent: readonly SentTurn[],
  receivedReasoning: (message: JsonObject) => string | undefined,
): Replay[] {
  const replays: Replay[] = [];
  for (const [index, message] of messagesOf(body).entries()) {
    if (message['role'] !== 'assistant') continue;
    const origin = findSent(message, sent);
    if (origin === undefined) continue;
    const received = receivedReasoning(message);
    replays.push({ index, sent: origin.turn.reasoning, received, verbatim: received === origin.turn.reasoning });
  }
  return replays;
}

/** For providers that take reasoning back in one field of the assistant's message. */
export function replaysIn(field: string): Profile['replays'] {
  return (body, sent) =>
    compareReplays(body, sent, (message) => (typeof message[field] === 'string' ? message[field] : undefined));
}

export function findSent(message: JsonObject, sent: readonly SentTurn[]): SentTurn | undefined {
  const ids = toolCallsOf(message).map((call) => stringOf(call['id']));
  if (ids.length > 0) return sent.findLast((each) => each.callIds.some((id) => ids.includes(id)));
  const text = contentText(message['content']);
  return text === ''
    ? undefined
    : sent.findLast((each) => each.callIds.length === 0 && each.turn.text !== '' && text.endsWith(each.turn.text));
}
