import type { DialectId } from '../../src/canonical/request.ts';
import type { UpstreamReply } from '../../src/gateway/upstream.ts';
import { chatChunk, replyWith } from './gatewayBench.ts';

export const dialectIds = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const satisfies DialectId[];

/** A config with an unknown provider of each wire, which answers under the name of its dialect. */
export const wiresConfig = {
  Providers: (
    [
      ['openai-chat', 'openai'],
      ['openai-responses', 'responses'],
      ['anthropic-messages', 'anthropic'],
    ] as const
  ).map(([name, protocol]) => ({ name, protocol, api_base_url: 'http://provider.test/v1', models: ['m'] })),
  Router: { default: 'openai-chat,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

export type AskedTool = { name: string; parameters: object };

/** The tool `get_weather`. */
export const weather: AskedTool = {
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'integer' } } },
  },
};

/** A request of each dialect that declares the tool `get_weather`. */
export function askWeather(client: DialectId, provider: DialectId, stream: boolean): object {
  return { model: `${provider},m`, ...askTool(client, stream, weather) };
}

/** A request of each dialect, without a model, that declares `tool`. */
export function askTool(client: DialectId, stream: boolean, tool: AskedTool): object {
  switch (client) {
    case 'openai-chat':
      return { stream, messages: [user()], tools: [{ type: 'function', function: tool }] };
    case 'openai-responses':
      return { stream, input: 'Weather?', tools: [{ type: 'function', ...tool }] };
    case 'anthropic-messages': {
      const { name, parameters } = tool;
      return { stream, max_tokens: 99, messages: [user()], tools: [{ name, input_schema: parameters }] };
    }
    default:
      return client satisfies never;
  }
}

function user(): object {
  return { role: 'user', content: 'Weather?' };
}

/** A reply with one call, streamed: its arguments arrive as `fragments`. */
export function streamedCall(provider: DialectId, fragments: readonly string[], name = 'get_weather'): UpstreamReply {
  switch (provider) {
    case 'openai-chat': {
      const [first = '', ...rest] = fragments;
      const call = (fields: object): string => chatChunk({ tool_calls: [{ index: 0, ...fields }] });
      return replyWith(
        200,
        [
          call({ id: 'call_1', type: 'function', function: { name, arguments: first } }),
          ...rest.map((text) => call({ function: { arguments: text } })),
          chatChunk({}, 'tool_calls'),
          'data: [DONE]\n\n',
        ].join(''),
      );
    }
    case 'openai-responses': {
      const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name, arguments: '' };
      return replyWith(
        200,
        [
          event('response.created', { response: { id: 'resp_1', output: [] } }),
          event('response.output_item.added', { output_index: 0, item }),
          ...fragments.map((delta) =>
            event('response.function_call_arguments.delta', { output_index: 0, item_id: 'fc_1', delta }),
          ),
          event('response.output_item.done', { output_index: 0, item }),
          event('response.completed', { response: { id: 'resp_1', status: 'completed', output: [] } }),
        ].join(''),
      );
    }
    case 'anthropic-messages':
      return replyWith(
        200,
        [
          event('message_start', { message: { id: 'msg_1', content: [] } }),
          event('content_block_start', {
            index: 0,
            content_block: { type: 'tool_use', id: 'toolu_1', name, input: {} },
          }),
          ...fragments.map((text) =>
            event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: text } }),
          ),
          event('content_block_stop', { index: 0 }),
          event('message_delta', { delta: { stop_reason: 'tool_use' } }),
          event('message_stop', {}),
        ].join(''),
      );
    default:
      return provider satisfies never;
  }
}

/** A whole reply with one call; `input` stands where the wire has the arguments. */
export function wholeCall(provider: DialectId, input: unknown, name = 'get_weather'): UpstreamReply {
  switch (provider) {
    case 'openai-chat': {
      const call = { id: 'call_1', type: 'function', function: { name, arguments: input } };
      const message = { role: 'assistant', content: null, tool_calls: [call] };
      return replyWith(200, { id: 'c', model: 'real', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    }
    case 'openai-responses': {
      const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name, arguments: input };
      return replyWith(200, { id: 'resp_1', model: 'real', status: 'completed', output: [item] });
    }
    case 'anthropic-messages': {
      const block = { type: 'tool_use', id: 'toolu_1', name, input };
      return replyWith(200, {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [block],
        stop_reason: 'tool_use',
      });
    }
    default:
      return provider satisfies never;
  }
}

/** A streamed or whole reply that is nothing but text. */
export function streamedText(provider: DialectId, pieces: readonly string[]): UpstreamReply {
  switch (provider) {
    case 'openai-chat':
      return replyWith(200, [...pieces.map((content) => chatChunk({ content })), chatChunk({}, 'stop'), 'data: [DONE]\n\n'].join('')); // prettier-ignore
    case 'openai-responses': {
      const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
      return replyWith(
        200,
        [
          event('response.output_item.added', { output_index: 0, item }),
          ...pieces.map((delta) => event('response.output_text.delta', { output_index: 0, content_index: 0, delta })),
          event('response.output_item.done', { output_index: 0, item }),
          event('response.completed', { response: { id: 'resp_1', status: 'completed', output: [] } }),
        ].join(''),
      );
    }
    case 'anthropic-messages':
      return replyWith(
        200,
        [
          event('message_start', { message: { id: 'msg_1', content: [] } }),
          event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
          ...pieces.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
          event('content_block_stop', { index: 0 }),
          event('message_delta', { delta: { stop_reason: 'end_turn' } }),
          event('message_stop', {}),
        ].join(''),
      );
    default:
      return provider satisfies never;
  }
}

export function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the replies of three wires, read by their paths
type Json = Record<string, any>;

/** The calls that a client got: name, and the text of the arguments. */
export function callsIn(client: DialectId, text: string): [name: string, input: string][] {
  if (text.startsWith('{')) return wholeCallsIn(client, JSON.parse(text) as Json);
  const events = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Json);
  const calls = new Map<unknown, [string, string]>();
  const add = (key: unknown, name: string | undefined, input: string): void => {
    const [before, sofar] = calls.get(key) ?? ['', ''];
    calls.set(key, [name ?? before, sofar + input]);
  };
  for (const each of events) {
    for (const call of (each['choices']?.[0]?.delta?.tool_calls ?? []) as Json[])
      add(call['index'], call['function']?.name as string | undefined, (call['function']?.arguments ?? '') as string);
    if (each['type'] === 'response.output_item.done' && each['item'].type === 'function_call')
      add(each['output_index'], each['item'].name as string, each['item'].arguments as string);
    if (each['type'] === 'content_block_start' && each['content_block'].type === 'tool_use')
      add(each['index'], each['content_block'].name as string, '');
    if (each['delta']?.type === 'input_json_delta') add(each['index'], undefined, each['delta'].partial_json as string);
  }
  return [...calls.values()];
}

function wholeCallsIn(client: DialectId, body: Json): [string, string][] {
  switch (client) {
    case 'openai-chat':
      return ((body['choices'][0].message.tool_calls ?? []) as Json[]).map((call) => [call['function'].name, call['function'].arguments]); // prettier-ignore
    case 'openai-responses':
      return (body['output'] as Json[]).filter(({ type }) => type === 'function_call').map((item) => [item['name'], item['arguments']]); // prettier-ignore
    case 'anthropic-messages':
      return (body['content'] as Json[]).filter(({ type }) => type === 'tool_use').map((block) => [block['name'], typeof block['input'] === 'string' ? block['input'] : JSON.stringify(block['input'])]); // prettier-ignore
    default:
      return client satisfies never;
  }
}
