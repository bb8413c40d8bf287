import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { edit } from './find.ts';
import { call, hardBody, shell } from './hardBody.ts';

function messagesOf(body: JsonObject): JsonObject[] {
  return body['messages'] as JsonObject[];
}

test('a body that needs no edit is not copied', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], max_tokens: 1 };
  for (const name of ['mine', 'deepseek', 'openrouter', 'kimi', 'gpt', 'groq'])
    expect(edit({ name }, body), name).toBe(body);
});

const deepseekIdentity = { name: 'deepseek', model: 'deepseek-v4-pro' };

function deepseekThinking(effort: string): JsonObject {
  const { reasoning_effort, thinking } = edit(deepseekIdentity, { reasoning_effort: effort, messages: [] });
  return { reasoning_effort, thinking };
}

test('of two limits the one in the name that the provider knows counts', () => {
  const both = { messages: [], max_tokens: 1, max_completion_tokens: 2 };
  expect(edit({}, both)).toEqual({ messages: [], max_tokens: 1 });
  expect(edit({ name: 'openai' }, both)).toEqual({ messages: [], max_completion_tokens: 2 });
});

describe('DeepSeek', () => {
  test('says where an image was', () => {
    expect(messagesOf(edit(deepseekIdentity, hardBody))[4]?.['content']).toEqual([
      { type: 'text', text: 'look' },
      { type: 'text', text: '[image omitted: this model reads text only]' },
    ]);
  });

  test.each(['deepseek-flash', 'deepseek-v4.1-flash', 'deepseek-vl2'])('leaves the image to %s', (model) => {
    const content = messagesOf(edit({ name: 'deepseek', model }, hardBody))[4]?.['content'];
    expect(content).toEqual(messagesOf(hardBody)[4]?.['content']);
  });

  test('maps efforts, and none to no thinking', () => {
    expect(['minimal', 'medium', 'xhigh', 'max'].map((effort) => deepseekThinking(effort)['reasoning_effort'])).toEqual(
      ['low', 'high', 'high', 'max'],
    );
    expect(deepseekThinking('none')).toEqual({ reasoning_effort: undefined, thinking: { type: 'disabled' } });
    expect(deepseekThinking('turbo')['reasoning_effort']).toBe('turbo');
  });

  test('leaves a forced choice where thinking is off', () => {
    const body = { ...hardBody, reasoning_effort: 'none' };
    expect(edit(deepseekIdentity, body)['tool_choice']).toBe('required');
    expect(edit(deepseekIdentity, hardBody)['tool_choice']).toBe('auto');
  });

  test('reads a schema as an instruction', () => {
    const { response_format: format, messages } = edit(deepseekIdentity, hardBody);
    expect(format).toEqual({ type: 'json_object' });
    expect((messages as JsonObject[])[0]?.['content']).toMatch(
      /^Be brief\.\n\nAnswer with a JSON object .*\n\{"type":"object"\}$/,
    );
    expect(
      messagesOf(edit(deepseekIdentity, { ...hardBody, messages: [{ role: 'user', content: 'hi' }] }))[0]?.['role'],
    ).toBe('system');
  });

  // "Prompt must contain the word 'json' in some form" is what it says otherwise.
  test('mentions JSON where only the format does', () => {
    const ask = (content: string) =>
      messagesOf(
        edit(deepseekIdentity, {
          model: 'm',
          messages: [{ role: 'user', content }],
          response_format: { type: 'json_object' },
        }),
      );
    expect(ask('As JSON, please')).toHaveLength(1);
    expect(ask('hi')).toEqual([
      { role: 'system', content: expect.stringContaining('JSON') as string },
      { role: 'user', content: 'hi' },
    ]);
  });

  test('its Messages surface wants a thinking block in every turn from the first call on', () => {
    const use = { type: 'tool_use', id: 'a', name: 'ls', input: {} };
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'before' },
      { role: 'assistant', content: [use] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: '' }] },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'why', signature: 's' }, use] },
      { role: 'assistant', content: 'after' },
    ];
    const identity = { ...deepseekIdentity, protocol: 'anthropic' } as const;
    const blocks = messagesOf(edit(identity, { messages })).map(({ content }) =>
      Array.isArray(content) ? content.map(({ type }: JsonObject) => type) : content,
    );
    expect(blocks).toEqual([
      'hi',
      'before',
      ['thinking', 'tool_use'],
      ['tool_result'],
      ['thinking', 'tool_use'],
      ['thinking', 'text'],
    ]);
    expect(messagesOf(edit(identity, { messages, thinking: { type: 'disabled' } }))).toBe(messages);
  });
});

describe('GLM', () => {
  const identity = { name: 'zai', model: 'glm-5' };

  test('keeps the thinking that goes back, and streams tool arguments', () => {
    const body = edit(identity, { ...hardBody, reasoning_effort: undefined });
    expect(body).toMatchObject({
      thinking: { type: 'enabled', clear_thinking: false },
      tool_stream: true,
      max_tokens: 131_072,
    });
    expect(edit(identity, { messages: [{ role: 'user', content: 'hi' }], stream: true })).toEqual({
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
    });
  });

  test('none: no tools, no thinking', () => {
    const body = edit(identity, { ...hardBody, tool_choice: 'none', reasoning_effort: 'none' });
    expect(body).not.toHaveProperty('tools');
    expect(body['thinking']).toEqual({ type: 'disabled' });
  });

  test('5.3 always thinks, and knows efforts', () => {
    const body = edit(
      { name: 'zai', model: 'glm-5.3-flash' },
      { messages: [], thinking: { type: 'disabled' }, reasoning_effort: 'none' },
    );
    expect(body).toEqual({ messages: [], reasoning_effort: 'low' });
  });

  test('at another host nothing is added', () => {
    const body = edit({ model: 'glm-5', baseUrl: 'https://inference.example/v1' }, hardBody);
    expect(Object.keys(body).filter((key) => !(key in hardBody))).toEqual(['max_tokens']);
    expect(body['reasoning_effort']).toBe('medium');
  });
});

describe('MiniMax', () => {
  const identity = { name: 'minimax', model: 'MiniMax-M2.1' };

  test('asks for split reasoning, and sends it back as details', () => {
    const body = edit(identity, hardBody);
    expect(body['reasoning_split']).toBe(true);
    expect(messagesOf(body)[8]).toEqual({
      role: 'assistant',
      content: 'Done.',
      reasoning_details: [
        { type: 'reasoning.text', id: 'reasoning-text-8', format: 'MiniMax-response-v1', index: 0, text: 'I thought.' },
      ],
    });
  });

  test('a later system message becomes a note in its place, the first ones stay', () => {
    expect(messagesOf(edit(identity, hardBody)).map(({ role }) => role)).toEqual(
      ['system', 'system', 'user', 'assistant', 'user', 'assistant', 'tool', 'user', 'assistant', 'user'],
    ); // prettier-ignore
    expect(messagesOf(edit(identity, hardBody))[7]?.['content']).toBe(
      'A note from the system, not from the user:\n\nCareful now.',
    );
  });

  test.each([
    [0, 0.01],
    [0.5, 0.5],
    [2, 1],
  ])('temperature %d is %d', (temperature, expected) => {
    expect(edit(identity, { messages: [], temperature })['temperature']).toBe(expected);
  });

  test('a tool without parameters gets some', () => {
    const tools = [{ type: 'function', function: { name: 'now' } }];
    expect(edit(identity, { messages: [], tools })['tools']).toEqual([
      { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
    ]);
  });

  test.each([
    ['MiniMax-M2.1', 'none', {}],
    ['MiniMax-M3', 'none', { thinking: { type: 'disabled' } }],
    ['MiniMax-M3', 'high', {}],
    ['MiniMax-M3.1-Flash', 'minimal', { reasoning_effort: 'low' }],
  ])('%s with effort %s', (model, effort, expected) => {
    expect(edit({ name: 'minimax', model }, { messages: [], reasoning_effort: effort })).toEqual({
      messages: [],
      reasoning_split: true,
      ...expected,
    });
  });
});

describe('an answer that the client has begun', () => {
  const begun = { role: 'assistant', content: 'Dear' };
  const user = { role: 'user', content: 'Write.' };
  test.each([
    ['kimi', 'partial'],
    ['mistral', 'prefix'],
  ])('%s calls `%s`', (name, field) => {
    expect(messagesOf(edit({ name }, { messages: [user, begun] })).at(-1)).toEqual({ ...begun, [field]: true });
    expect(messagesOf(edit({ name }, { messages: [begun, user] }))[0]).toEqual(begun);
    const calls = { role: 'assistant', content: null, tool_calls: [{ id: 'call12345', type: 'function' }] };
    expect(messagesOf(edit({ name }, { messages: [user, calls] })).at(-1)).not.toHaveProperty(field);
  });
});

test('DeepSeek continues a prefill when the user asks for it', () => {
  const begun = { role: 'assistant', content: 'Dear' };
  const messages = [{ role: 'user', content: 'Write.' }, begun];
  expect(messagesOf(edit(deepseekIdentity, { messages })).slice(2)).toMatchObject([{ role: 'user' }]);
  const prefix = [messages[0], { ...begun, prefix: true }];
  expect(messagesOf(edit(deepseekIdentity, { messages: prefix }))).toHaveLength(2);
});

test('Mistral has a name of its own for the seed, and no logprobs', () => {
  const given = { messages: [], seed: 7, logprobs: true, top_logprobs: 2, top_k: 5 };
  expect(edit({ name: 'mistral' }, given)).toEqual({ messages: [], random_seed: 7 });
});

test.each(['responses', 'anthropic'] as const)('MiniMax has the same temperatures on the wire %s', (protocol) => {
  expect(edit({ name: 'minimax', protocol }, { messages: [], temperature: 0 })['temperature']).toBe(0.01);
});

describe('Kimi', () => {
  test.each([
    ['kimi-k3', { reasoning_effort: 'medium', thinking: { type: 'enabled' } }, { reasoning_effort: 'high' }],
    ['kimi-k3', { thinking: { type: 'disabled' } }, { reasoning_effort: 'low' }],
    ['kimi-k2.6', { reasoning_effort: 'none' }, { thinking: { type: 'disabled' } }],
    ['kimi-k2.6', { reasoning_effort: 'high', thinking: { type: 'enabled' } }, { thinking: { type: 'enabled' } }],
    ['kimi-k3.1-pro', { reasoning_effort: 'high', thinking: { type: 'disabled' } }, {}],
  ])('%s with %j', (model, given, expected) => {
    expect(edit({ name: 'kimi', model }, { messages: [], ...given })).toEqual({ messages: [], ...expected });
  });

  test('a type beside anyOf moves into the alternatives', () => {
    const parameters = {
      type: 'object',
      properties: { a: { type: 'string', anyOf: [{ minLength: 1 }, { type: 'null' }] } },
    };
    const body = edit(
      { name: 'kimi' },
      { messages: [], tools: [{ type: 'function', function: { name: 'f', parameters } }] },
    );
    expect(JSON.stringify(body['tools'])).toContain('"a":{"anyOf":[{"type":"string","minLength":1},{"type":"null"}]}');
  });
});

describe('OpenRouter', () => {
  test('names the effort in its own way, and keeps what the client said', () => {
    expect(edit({ name: 'openrouter' }, { messages: [], reasoning_effort: 'max' })).toEqual({
      messages: [],
      reasoning: { effort: 'xhigh' },
    });
    const given = { messages: [], reasoning_effort: 'low', reasoning: { max_tokens: 5, effort: 'high' } };
    expect(edit({ name: 'openrouter' }, given)).toEqual({ messages: [], reasoning: { max_tokens: 5, effort: 'high' } });
  });

  test('options of the transformer are parameters, unless the client has them', () => {
    const transformers = [{ name: 'openrouter', options: { provider: { only: ['a'] }, top_k: 1 } }];
    expect(edit({ transformers }, { messages: [], top_k: 2 })).toEqual({
      messages: [],
      provider: { only: ['a'] },
      top_k: 2,
    });
  });
});

describe('OpenAI', () => {
  test.each([
    ['gpt-4o', { max_tokens: 5, temperature: 0.5 }, { max_completion_tokens: 5, temperature: 0.5 }],
    ['o3-mini', { max_tokens: 5, temperature: 0.5, top_p: 1 }, { max_completion_tokens: 5 }],
    ['gpt-5.4', { tools: [shell], reasoning_effort: 'high' }, { tools: [shell] }],
    ['gpt-5.6-sol', { tools: [shell] }, { tools: [shell], reasoning_effort: 'none' }],
    ['gpt-5.6-sol', { reasoning_effort: 'high' }, { reasoning_effort: 'high' }],
  ])('%s with %j', (model, given, expected) => {
    expect(edit({ name: 'openai', model }, { messages: [], ...given })).toEqual({ messages: [], ...expected });
  });
});

describe('others', () => {
  test('Gemini: a signature for the first call, names for results', () => {
    const second = { ...call, id: '2' };
    const messages = [
      { role: 'assistant', tool_calls: [call, second] },
      { role: 'tool', tool_call_id: '2', content: 'ok' },
    ];
    expect(messagesOf(edit({ name: 'gemini' }, { store: false, messages }))).toEqual([
      {
        role: 'assistant',
        tool_calls: [
          { ...call, extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } } },
          second,
        ],
      },
      { role: 'tool', tool_call_id: '2', content: 'ok', name: 'shell' },
    ]);
  });

  test('Mistral: ids of nine characters, the same on both sides', () => {
    const messages = [
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: 'ok' },
    ];
    const [asked, answered] = messagesOf(edit({ name: 'mistral' }, { messages }));
    const id = JSON.stringify(asked).match(/"id":"(.*?)"/)?.[1];
    expect(id).toMatch(/^[a-z0-9]{9}$/);
    expect(answered?.['tool_call_id']).toBe(id);
  });

  describe('DashScope', () => {
    const dashscope = (model: string, body: JsonObject) => edit({ name: 'qwen', model }, { messages: [], ...body });
    const schema = { type: 'json_schema', json_schema: { schema: { type: 'object' } } };

    test.each([
      ['none', { enable_thinking: false }],
      ['low', { enable_thinking: true, thinking_budget: 4096, preserve_thinking: true }],
      ['high', { enable_thinking: true, preserve_thinking: true }],
    ])('the effort %s', (effort, becomes) => {
      expect(dashscope('qwen3.7-plus', { reasoning_effort: effort })).toEqual({ messages: [], ...becomes });
    });

    test('a forced tool and a schema turn thinking off where that can be done', () => {
      const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
      const forced = { tools, tool_choice: 'required' };
      expect(dashscope('qwen3.7-plus', forced)).toEqual({ messages: [], ...forced, enable_thinking: false });
      expect(dashscope('qwen3.8-max', forced)).toEqual({
        messages: [],
        tools,
        tool_choice: 'auto',
        preserve_thinking: true,
      });
      expect(dashscope('qwen3-coder-plus', forced)).toMatchObject(forced);
      const format = { response_format: schema };
      expect(dashscope('qwen3.7-plus', format)).toEqual({ messages: [], ...format, enable_thinking: false });
      const instructed = dashscope('qwen3.8-max', format);
      expect(instructed).not.toHaveProperty('response_format');
      expect(JSON.stringify(instructed['messages'])).toContain('JSON schema');
      expect(dashscope('qwen-flash', format)['response_format']).toEqual({ type: 'json_object' });
    });

    test('what the client said of thinking wins', () => {
      expect(dashscope('qwen3.7-plus', { reasoning_effort: 'high', enable_thinking: false })).toEqual({
        messages: [],
        enable_thinking: false,
      });
      expect(dashscope('qwen3.7-plus', { preserve_thinking: false })['preserve_thinking']).toBe(false);
    });

    test('the open weights think in streams alone', () => {
      const streamed = { stream: true, stream_options: { include_usage: true } };
      expect(dashscope('qwen3-32b', { stream: false })).toMatchObject(streamed);
      expect(dashscope('qwen3-32b', { stream: false, reasoning_effort: 'none' })['stream']).toBe(false);
    });
  });

  describe('Groq', () => {
    const groq = (model: string, body: JsonObject) => edit({ name: 'groq', model }, { messages: [], ...body });

    test('knows its own parameters alone', () => {
      expect(groq('openai/gpt-oss-120b', { prompt_cache_key: 'a', verbosity: 'low', logprobs: true, seed: 1 })).toEqual(
        {
          messages: [],
          seed: 1,
        },
      );
    });

    test.each([
      ['openai/gpt-oss-120b', 'minimal', 'low'],
      ['openai/gpt-oss-120b', 'max', 'high'],
      ['qwen/qwen3.6-27b', 'none', 'none'],
      ['qwen/qwen3.6-27b', 'xhigh', 'default'],
      ['llama-3.3-70b-versatile', 'high', undefined],
    ])('%s: the effort %s', (model, effort, becomes) => {
      expect(groq(model, { reasoning_effort: effort })['reasoning_effort']).toBe(becomes);
    });

    test('a schema goes whole, beside tools as an instruction', () => {
      const schema = { type: 'json_schema', json_schema: { schema: { type: 'object' } } };
      const body = { stream: true, stream_options: { include_usage: true }, response_format: schema };
      expect(groq('openai/gpt-oss-120b', body)).toEqual({ messages: [], stream: false, response_format: schema });
      const tools = [{ type: 'function', function: { name: 'a' } }];
      const besideTools = groq('openai/gpt-oss-120b', { ...body, tools });
      expect(besideTools).toMatchObject({ stream: true, tools });
      expect(besideTools).not.toHaveProperty('response_format');
      expect(JSON.stringify(besideTools['messages'])).toContain('JSON schema');
      expect(groq('llama-3.3-70b-versatile', body)['response_format']).toEqual({ type: 'json_object' });
    });
  });

  test('LM Studio knows no choice of one tool', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
    const body = { messages: [], tools, tool_choice: { type: 'function', function: { name: 'f' } } };
    expect(edit({ name: 'lmstudio' }, body)['tool_choice']).toBe('required');
  });

  describe('xAI', () => {
    const responses = (body: JsonObject, model = 'grok-4.6') =>
      edit({ name: 'xai', model, protocol: 'responses' }, body);

    test('no penalties, no stop', () => {
      expect(edit({ name: 'xai' }, { messages: [], stop: ['a'], presence_penalty: 1 })).toEqual({ messages: [] });
    });

    test.each([
      ['grok-4.6', 'max', 'high'],
      ['grok-4.3', 'none', 'none'],
      ['grok-4.6', 'none', 'low'],
      ['grok-4.20-multi-agent', 'max', 'xhigh'],
      ['grok-3-mini', 'medium', 'high'],
      ['grok-4.20-0309-reasoning', 'high', undefined],
      ['grok-code-fast-1', 'high', undefined],
    ])('%s: the effort %s', (model, effort, becomes) => {
      expect(edit({ name: 'xai', model }, { reasoning_effort: effort })['reasoning_effort']).toBe(becomes);
      const reasoning = { effort, summary: 'auto' };
      const kept = becomes === undefined ? { summary: 'auto' } : { effort: becomes, summary: 'auto' };
      expect(responses({ reasoning }, model)['reasoning']).toEqual(kept);
    });

    test('reasoning as it sent it', () => {
      const item = { type: 'reasoning', id: 'rs_1', encrypted_content: 'x' };
      const said = { type: 'message', role: 'user', content: 'Hi' };
      const whole = { ...item, summary: [{ type: 'summary_text', text: 'Hm' }] };
      expect(responses({ input: [said, { ...item, content: null }, { ...whole, content: [] }] })).toEqual({
        input: [said, { ...item, summary: [] }, whole],
      });
      const good = { input: [said, whole] };
      expect(responses(good)).toBe(good);
      expect(responses({ input: 'Hi' })).toEqual({ input: 'Hi' });
    });

    test('a search that may look anywhere, and none that may not', () => {
      const search = { type: 'web_search', search_context_size: 'low' };
      const tool = { type: 'function', name: 'a', parameters: { type: 'object', properties: {} } };
      expect(responses({ tools: [{ ...search, external_web_access: true }, tool] })).toEqual({ tools: [search, tool] });
      const cached = { tools: [{ ...search, external_web_access: false }], tool_choice: { type: 'web_search' } };
      expect(responses(cached)).toEqual({});
      expect(responses({ tools: [{ type: 'tool_search' }, tool], tool_choice: 'auto' })).toEqual({
        tools: [tool],
        tool_choice: 'auto',
      });
    });

    test('instructions beside what it has stored', () => {
      expect(responses({ instructions: 'Be brief.', input: 'Hi', previous_response_id: 'r' })).toEqual({
        previous_response_id: 'r',
        input: [
          { type: 'message', role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      });
      const alone = { instructions: 'Be brief.', input: 'Hi' };
      expect(responses(alone)).toBe(alone);
    });

    test('a union at the root of a schema', () => {
      const branch = { type: 'object', properties: { b: { type: 'string' } } };
      const parameters = {
        type: 'object',
        properties: { a: {} },
        oneOf: [{ $ref: '#/$defs/one' }, { type: 'null' }],
        $defs: { one: branch },
      };
      const plain = { type: 'object', properties: { a: {}, b: { type: 'string' } }, $defs: { one: branch } };
      const description = `The input must match exactly one of these schemas: ${JSON.stringify([branch, { type: 'null' }])}`;
      expect(responses({ tools: [{ type: 'function', name: 'f', parameters }] })).toEqual({
        tools: [{ type: 'function', name: 'f', description, parameters: plain }],
      });
      expect(edit({ name: 'xai' }, { tools: [{ type: 'function', function: { name: 'f', parameters } }] })).toEqual({
        tools: [{ type: 'function', function: { name: 'f', description, parameters: plain } }],
      });
    });
  });

  test.each([
    [{ reasoning_effort: 'none' }, {}],
    [{ reasoning: { enabled: false, exclude: true } }, { reasoning: { exclude: true } }],
    [{ reasoning: { effort: 'low' } }, { reasoning: { effort: 'low' } }],
  ])('OpenRouter: a model that always reasons, asked with %j', (body, becomes) => {
    expect(edit({ name: 'openrouter', model: 'minimax/minimax-m2.5' }, body)).toEqual(becomes);
    expect(edit({ name: 'openrouter', model: 'openai/gpt-5.2' }, { reasoning_effort: 'none' })).toEqual({
      reasoning: { effort: 'none' },
    });
  });

  test('OpenRouter: a budget wins over an effort', () => {
    const body = { reasoning_effort: 'high', reasoning: { max_tokens: 2000 } };
    expect(edit({ name: 'openrouter' }, body)).toEqual({ reasoning: { max_tokens: 2000 } });
  });
});

describe('maxtoken', () => {
  test.each(['openai', 'anthropic', 'responses'] as const)('lowers the limit on %s', (protocol) => {
    const transformers = [{ name: 'maxtoken', options: { max_tokens: 100 } }];
    for (const name of ['max_tokens', 'max_output_tokens']) {
      expect(edit({ protocol, transformers }, { [name]: 500 })).toEqual({ [name]: 100 });
      expect(edit({ protocol, transformers }, { [name]: 50 })).toEqual({ [name]: 50 });
    }
    expect(edit({ protocol, transformers }, {})).toEqual({});
    expect(edit({ protocol, transformers: [{ name: 'maxtoken' }] }, { max_tokens: 500 })).toEqual({ max_tokens: 500 });
  });
});
