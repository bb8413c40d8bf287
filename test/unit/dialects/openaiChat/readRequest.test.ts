import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import { readRequest } from '../../../../src/dialects/openaiChat/request.ts';

const user = { role: 'user', content: 'Hi' };

function read(body: object): ReturnType<typeof readRequest> {
  return readRequest({ messages: [user], ...body });
}

function refusal(body: unknown): { kind: string; param: string | undefined; message: string } {
  try {
    readRequest(body);
  } catch (thrown) {
    if (thrown instanceof GatewayError)
      return { kind: thrown.kind, param: thrown.details.param, message: thrown.message };
  }
  throw new Error('it was not refused');
}

describe('parameters', () => {
  it('reads all parameters', () => {
    expect(
      read({
        model: 'm', stream: true, stream_options: { include_usage: true }, max_tokens: 10, temperature: 0, top_p: 0.5, stop: ['a', 'b'],
        seed: 7, frequency_penalty: 0.1, presence_penalty: -0.1, reasoning_effort: 'high', verbosity: 'low', prompt_cache_key: 'k',
        metadata: { a: 'b' }, parallel_tool_calls: false, response_format: { type: 'json_object' },
      }),
    ).toMatchObject({
      model: 'm', stream: true, includeUsage: true, parallelToolCalls: false, reasoning: { effort: 'high' }, verbosity: 'low', cacheKey: 'k',
      metadata: { a: 'b' }, outputFormat: { type: 'json-object' },
      sampling: { maxTokens: 10, temperature: 0, topP: 0.5, stop: ['a', 'b'], seed: 7, frequencyPenalty: 0.1, presencePenalty: -0.1 },
    }); // prettier-ignore
  });

  it('requires only messages and treats null as absent', () => {
    const bare = read({});
    expect(bare).toMatchObject({ stream: false, tools: [], toolChoice: { type: 'auto' } });
    expect(bare.model).toBeUndefined();
    const nulls = Object.fromEntries(
      ['model', 'tools', 'tool_choice', 'functions', 'function_call', 'parallel_tool_calls', 'max_tokens', 'max_completion_tokens', 'temperature',
        'top_p', 'stop', 'seed', 'frequency_penalty', 'presence_penalty', 'reasoning_effort', 'verbosity', 'response_format', 'prompt_cache_key',
        'metadata', 'stream', 'stream_options', 'reasoning', 'thinking'].map((name) => [name, null]),
    ); // prettier-ignore
    expect({ ...read(nulls), source: undefined }).toEqual({ ...bare, source: undefined });
  });

  it('keeps the body of the client, including n and unknown fields', () => {
    const body = { messages: [user], n: 2, provider: { order: ['x'] } };
    expect(readRequest(body).source).toEqual({ dialect: 'openai-chat', body });
  });

  it.each([
    [{ max_completion_tokens: 5, max_tokens: 10 }, { maxTokens: 5 }],
    [{ max_completion_tokens: 5 }, { maxTokens: 5 }],
    [{ stop: 'end' }, { stop: ['end'] }],
  ])('reads %j', (body, sampling) => {
    expect(read(body).sampling).toMatchObject(sampling);
  });

  it.each<[object, object | undefined]>([
    [{ reasoning_effort: 'none' }, { effort: 'none' }],
    [{ reasoning_effort: 'xhigh' }, { effort: 'xhigh' }],
    [{ reasoning: { effort: 'low' } }, { effort: 'low' }],
    [{ reasoning: { max_tokens: 2000 } }, { budgetTokens: 2000 }],
    [{ reasoning: { enabled: false } }, { effort: 'none' }],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [{ thinking: { type: 'enabled', budget_tokens: 3000 } }, { budgetTokens: 3000 }],
    [{ thinking: { type: 'enabled' } }, { isOn: true }],
    [{ reasoning: { enabled: true } }, { isOn: true }],
    [{ enable_thinking: true }, { isOn: true }],
    [{ enable_thinking: false }, undefined],
    [{ chat_template_kwargs: { enable_thinking: true } }, { isOn: true }],
    [{ reasoning: 'yes' }, undefined],
  ])('reads the reasoning of %j', (body, reasoning) => {
    expect(read(body).reasoning).toEqual(reasoning);
  });

  it.each([
    [{ reasoning_effort: 'default' }],
    [{ verbosity: 'epic' }],
    [{ response_format: { type: 'structural_tag', x: 1 } }],
  ])('passes %j on for the provider to judge', (body) => {
    expect(read(body).extra).toEqual(body);
  });

  it.each<[unknown, object | undefined]>([
    [{ type: 'text' }, { type: 'text' }],
    [
      { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true, description: 'd' } },
      { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true, description: 'd' },
    ],
    [
      { type: 'json_schema', json_schema: { name: 'n', schema: {} } },
      { type: 'json-schema', name: 'n', schema: {} },
    ],
  ])('reads the format %j', (format, expected) => {
    expect(read({ response_format: format }).outputFormat).toEqual(expected);
  });
});

describe('invalid requests', () => {
  it.each<[unknown, string | undefined]>([
    ['text', undefined],
    [null, undefined],
    [[], undefined],
    [{}, 'messages'],
    [{ messages: 'Hi' }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: ['Hi'] }, 'messages[0]'],
    [{ messages: [{ content: 'Hi' }] }, 'messages[0].role'],
    [{ messages: [user, user, { role: 'robot', content: '' }] }, 'messages[2].role'],
    [{ messages: [user, { role: 'user', content: 7 }] }, 'messages[1].content'],
    [{ messages: [{ role: 'user', content: ['Hi'] }] }, 'messages[0].content[0]'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content[0].image_url'],
    [
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'x' } }] }] },
      'messages[0].content[0].input_audio.format',
    ],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'function', name: 'f', content: 'x' }] }, 'messages[0].name'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f' } }] }] }, 'messages[0].tool_calls[0].id'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] }, 'messages[0].tool_calls[0].function'],
    [{ messages: [user], temperature: '0.7' }, 'temperature'],
    [{ messages: [user], stop: [1] }, 'stop'],
    [{ messages: [user], tools: [{}] }, 'tools[0].type'],
    [{ messages: [user], tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [
      { messages: [user], tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] },
      'tools[0].function.parameters',
    ],
    [{ messages: [user], tools: [{ type: 'custom', custom: { name: '' } }] }, 'tools[0].custom.name'],
    [{ messages: [user], functions: [{}] }, 'functions[0].name'],
    [{ messages: [user], tool_choice: 'maybe' }, 'tool_choice'],
    [{ messages: [user], tool_choice: { type: 'function', function: {} } }, 'tool_choice.function.name'],
    [
      { messages: [user], tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'some', tools: [] } } },
      'tool_choice.allowed_tools.mode',
    ],
    [{ messages: [user], function_call: 'f' }, 'function_call'],
    [{ messages: [user], response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
    [
      { messages: [user], response_format: { type: 'json_schema', json_schema: { name: 'n' } } },
      'response_format.json_schema.schema',
    ],
    [{ messages: [user], stream: 'yes' }, 'stream'],
  ])('%j at %s', (body, param) => {
    const found = refusal(body);
    expect(found).toMatchObject({ kind: 'invalid-request', param });
    expect(found.message.startsWith(`${param ?? 'The request body'}: `)).toBe(true);
  });
});

describe('tools', () => {
  const f = {
    type: 'function',
    function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
  };
  const g = { type: 'function', function: { name: 'g' } };
  const tools = [f, g];

  it('reads tools', () => {
    const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } };
    expect(
      read({
        tools: [
          f,
          g,
          { type: 'function', name: 'flat' },
          { type: 'custom', custom: { name: 'p', format: grammar } },
          { type: 'web_search', x: 1 },
        ],
        functions: [{ name: 'old' }],
      }).tools,
    ).toEqual([
      { kind: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
      { kind: 'function', name: 'g', parameters: { type: 'object', properties: {} } },
      { kind: 'function', name: 'flat', parameters: { type: 'object', properties: {} } },
      { kind: 'custom', name: 'p', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
      { kind: 'hosted', name: 'web_search', dialect: 'openai-chat', json: { type: 'web_search', x: 1 } },
      { kind: 'function', name: 'old', parameters: { type: 'object', properties: {} } },
    ]);
  });

  it.each<[object, object]>([
    [{ tool_choice: 'auto' }, { type: 'auto' }],
    [{ tool_choice: 'none' }, { type: 'none' }],
    [{ tool_choice: 'required' }, { type: 'required' }],
    [{ tool_choice: 'any' }, { type: 'required' }],
    [{ tool_choice: { type: 'auto' } }, { type: 'auto' }],
    [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { type: 'tool', kind: 'function', name: 'f' }],
    [{ tool_choice: { type: 'function', name: 'f' } }, { type: 'tool', kind: 'function', name: 'f' }],
    [{ tool_choice: { type: 'custom', custom: { name: 'p' } } }, { type: 'tool', kind: 'custom', name: 'p' }],
    [{ tool_choice: { type: 'web_search' } }, { type: 'hosted', json: { type: 'web_search' } }],
    [{ function_call: 'none' }, { type: 'none' }],
    [{ function_call: { name: 'f' } }, { type: 'tool', kind: 'function', name: 'f' }],
  ])('reads the choice %j', (body, toolChoice) => {
    expect(read({ tools, ...body })).toMatchObject({ toolChoice, tools: [{ name: 'f' }, { name: 'g' }] });
  });

  it('filters the tools to the allowed ones', () => {
    const allowed = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'g' } }] },
    };
    const request = read({ tools, tool_choice: allowed });
    expect(request.toolChoice).toEqual({ type: 'required' });
    expect(request.tools.map(({ name }) => name)).toEqual(['g']);
  });
});
