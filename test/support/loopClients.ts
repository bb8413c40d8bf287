// A small client for each dialect that keeps a conversation as real ones do: it sends earlier answers back, with their
// reasoning or without, and answers tool calls.

import { isObject, objectsOf, stringOf } from '../upstream/json.ts';
import type { JsonObject } from '../upstream/json.ts';
import type { DialectId } from '../../src/canonical/request.ts';

/** One answer as the client read it. */
export type Understood = {
  reasoning: string;
  text: string;
  calls: { id: string; name: string; input: string }[];
  /** What the client adds to the conversation. */
  said: JsonObject[];
};

export type LoopClient = {
  /** A request body, for a conversation that begins with `text`. */
  ask: (conversation: JsonObject[], stream: boolean) => JsonObject;
  user: (words: string) => JsonObject;
  read: (text: string, stream: boolean) => Understood;
  results: (calls: Understood['calls'], output: string) => JsonObject[];
  /** The same, without its reasoning. */
  forget: (said: JsonObject[]) => JsonObject[];
};

const parameters = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };

const chat: LoopClient = {
  ask: (messages, stream) => ({
    messages,
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
    tools: [{ type: 'function', function: { name: 'exec_command', description: 'Runs.', parameters } }],
  }),
  user: (content) => ({ role: 'user', content }),
  read(text, stream) {
    const message = stream ? joinChunks(eventsOf(text)) : messageOf(JSON.parse(text) as JsonObject);
    const calls = objectsOf(message['tool_calls']).map((call) => {
      const called = isObject(call['function']) ? call['function'] : {};
      return { id: stringOf(call['id']), name: stringOf(called['name']), input: stringOf(called['arguments']) };
    });
    return {
      reasoning: stringOf(message['reasoning_content']),
      text: stringOf(message['content']),
      calls,
      said: [message],
    };
  },
  results: (calls, content) => calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content })),
  forget: (said) =>
    said.map((message) =>
      Object.fromEntries(Object.entries(message).filter(([name]) => !name.startsWith('reasoning'))),
    ),
};

function messageOf(body: JsonObject): JsonObject {
  const [choice] = objectsOf(body['choices']);
  return choice && isObject(choice['message']) ? choice['message'] : {};
}

function joinChunks(chunks: JsonObject[]): JsonObject {
  const calls: { id: string; type: string; function: { name: string; arguments: string } }[] = [];
  let content = '';
  let reasoning = '';
  for (const delta of chunks.flatMap((chunk) => objectsOf(chunk['choices'])).map((choice) => choice['delta'])) {
    if (!isObject(delta)) continue;
    content += stringOf(delta['content']);
    reasoning += stringOf(delta['reasoning_content']);
    for (const piece of objectsOf(delta['tool_calls'])) {
      const called = isObject(piece['function']) ? piece['function'] : {};
      const index = Number(piece['index']);
      const call = (calls[index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
      call.id ||= stringOf(piece['id']);
      call.function.name ||= stringOf(called['name']);
      call.function.arguments += stringOf(called['arguments']);
    }
  }
  return {
    role: 'assistant',
    content,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

const responses: LoopClient = {
  ask: (input, stream) => ({
    input,
    stream,
    store: false,
    include: ['reasoning.encrypted_content'],
    tools: [{ type: 'function', name: 'exec_command', description: 'Runs.', parameters, strict: false }],
  }),
  user: (text) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }),
  read(text, stream) {
    const last = stream ? eventsOf(text).find(({ type }) => type === 'response.completed') : undefined;
    const response = stream ? last?.['response'] : (JSON.parse(text) as JsonObject);
    const output = isObject(response) ? objectsOf(response['output']) : [];
    const texts = (type: string, field: string): string =>
      output
        .filter((item) => item['type'] === type)
        .flatMap((item) => objectsOf(item[field]).map((part) => stringOf(part['text'])))
        .join('');
    const calls = output
      .filter(({ type }) => type === 'function_call')
      .map((item) => ({
        id: stringOf(item['call_id']),
        name: stringOf(item['name']),
        input: stringOf(item['arguments']),
      }));
    // Codex serialises an absent content as null.
    const said = output.map((item) => (item['type'] === 'reasoning' ? { content: null, ...item } : item));
    return { reasoning: texts('reasoning', 'summary'), text: texts('message', 'content'), calls, said };
  },
  results: (calls, output) => calls.map(({ id }) => ({ type: 'function_call_output', call_id: id, output })),
  forget: (said) => said.filter(({ type }) => type !== 'reasoning'),
};

const messages: LoopClient = {
  ask: (conversation, stream) => ({
    messages: conversation,
    stream,
    max_tokens: 20_000,
    tools: [{ name: 'exec_command', description: 'Runs.', input_schema: parameters }],
  }),
  user: (content) => ({ role: 'user', content }),
  read(text, stream) {
    const blocks = stream ? joinBlocks(eventsOf(text)) : objectsOf((JSON.parse(text) as JsonObject)['content']);
    const texts = (type: string, field: string): string =>
      blocks
        .filter((block) => block['type'] === type)
        .map((block) => stringOf(block[field]))
        .join('');
    const calls = blocks
      .filter(({ type }) => type === 'tool_use')
      .map((block) => ({
        id: stringOf(block['id']),
        name: stringOf(block['name']),
        input: JSON.stringify(block['input']),
      }));
    return {
      reasoning: texts('thinking', 'thinking'),
      text: texts('text', 'text'),
      calls,
      said: [{ role: 'assistant', content: blocks }],
    };
  },
  results: (calls, content) => [
    { role: 'user', content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content })) },
  ],
  forget: (said) =>
    said.map((message) => ({
      ...message,
      content: objectsOf(message['content']).filter(({ type }) => !stringOf(type).includes('thinking')),
    })),
};

function joinBlocks(events: JsonObject[]): JsonObject[] {
  const blocks: JsonObject[] = [];
  let json = '';
  for (const event of events) {
    if (event['type'] === 'content_block_start' && isObject(event['content_block'])) {
      blocks.push({ ...event['content_block'] });
      json = '';
    }
    const block = blocks.at(-1);
    const { delta } = event;
    if (block && isObject(delta)) {
      for (const field of ['text', 'thinking', 'signature']) {
        if (field in delta) block[field] = stringOf(block[field]) + stringOf(delta[field]);
      }
      json += stringOf(delta['partial_json']);
    }
    if (event['type'] === 'content_block_stop' && block?.['type'] === 'tool_use')
      block['input'] = JSON.parse(json || '{}') as unknown;
  }
  return blocks;
}

function eventsOf(text: string): JsonObject[] {
  const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
  return lines.map((line): JsonObject => JSON.parse(line.slice('data: '.length)));
}

export const loopClients: Record<DialectId, LoopClient> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
};
