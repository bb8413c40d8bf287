import { isObject, objectsOf, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Replay, SentTurn } from './profile.ts';
import type { Conversation } from './turn.ts';

export function blocksOf(content: unknown): JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return objectsOf(content);
}

export function ofType(message: JsonObject, type: string): JsonObject[] {
  return blocksOf(message['content']).filter((block) => block['type'] === type);
}

export function blockText(content: unknown): string {
  return blocksOf(content)
    .map((block) => stringOf(block['text']))
    .join('');
}

export function readMessages(body: JsonObject): Conversation {
  const messages = objectsOf(body['messages']);
  // A message with tool results continues the turn, whatever else it contains.
  const lastUser = messages.findLastIndex(
    (message) => message['role'] === 'user' && ofType(message, 'tool_result').length === 0,
  );
  const schema = outputSchemaOf(body);
  const choice = body['tool_choice'];
  const none = isObject(choice) && choice['type'] === 'none';
  return {
    model: stringOf(body['model']),
    tools: none ? [] : objectsOf(body['tools']).flatMap(readTool),
    lastUserText: blockText(messages[lastUser]?.['content']),
    toolResults: messages
      .slice(lastUser + 1)
      .flatMap((message) => ofType(message, 'tool_result').map((block) => blockText(block['content']))),
    ...(schema === undefined ? {} : { outputSchema: schema }),
  };
}

function readTool(tool: JsonObject): Conversation['tools'] {
  if (tool['type'] !== undefined && tool['type'] !== 'custom') return [];
  const parameters = isObject(tool['input_schema']) ? tool['input_schema'] : {};
  return [{ kind: 'function', name: stringOf(tool['name']), parameters }];
}

function outputSchemaOf(body: JsonObject): JsonObject | undefined {
  const format = isObject(body['output_config']) ? body['output_config']['format'] : undefined;
  return isObject(format) && isObject(format['schema']) ? format['schema'] : undefined;
}

/** Compares assistant messages with the turns that were sent, matched by tool-call ids, else by text. */
export function messagesReplays(body: JsonObject, sent: readonly SentTurn[]): Replay[] {
  return objectsOf(body['messages']).flatMap((message, index) => {
    if (message['role'] !== 'assistant') return [];
    const origin = originOf(message, sent);
    if (origin === undefined) return [];
    const thinking = ofType(message, 'thinking').map((block) => stringOf(block['thinking']));
    const received = thinking.length > 0 ? thinking.join('') : undefined;
    return [{ index, sent: origin.turn.reasoning, received, verbatim: received === origin.turn.reasoning }];
  });
}

function originOf(message: JsonObject, sent: readonly SentTurn[]): SentTurn | undefined {
  const ids = ofType(message, 'tool_use').map((block) => stringOf(block['id']));
  if (ids.length > 0) return sent.findLast((each) => each.callIds.some((id) => ids.includes(id)));
  const text = blockText(message['content']);
  return sent.findLast((each) => each.callIds.length === 0 && each.turn.text !== '' && each.turn.text === text);
}
