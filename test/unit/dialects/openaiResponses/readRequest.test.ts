import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../src/canonical/errors.ts';
import type { ChatRequest, Message } from '../../../../src/canonical/request.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { testSealer } from '../../../support/testSealer.ts';

function read(body: object): ChatRequest {
  return openaiResponses.readRequest(body, testSealer);
}

function readMessages(...input: unknown[]): Message[] {
  return read({ input }).messages;
}

function errorOf(body: unknown): GatewayError {
  try {
    openaiResponses.readRequest(body, testSealer);
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('expected a GatewayError');
}

const text = (value: string) => ({ type: 'text', text: value });
const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] };
const call = { type: 'function_call', call_id: 'c1', name: 'run', arguments: '{}' };

const declare = (description: string) => ({
  type: 'additional_tools',
  role: 'developer',
  tools: [
    {
      type: 'namespace',
      name: 'functions',
      tools: [{ type: 'function', name: 'run', description, parameters: {} }],
    },
  ],
});

describe('input', () => {
  it('may be a string', () => {
    expect(read({ input: 'hi' }).messages).toEqual([{ role: 'user', parts: [text('hi')] }]);
  });

  it('reads messages of every role, with or without a type, with parts or as a string', () => {
    expect(
      readMessages(
        { role: 'system', content: 'a' },
        { type: 'message', role: 'developer', content: 'b' },
        { role: 'user', content: [{ type: 'input_text', text: 'c' }] },
        { role: 'assistant', content: [{ type: 'output_text', text: 'd', annotations: [] }] },
      ),
    ).toEqual([
      { role: 'system', parts: [text('a')] },
      { role: 'developer', parts: [text('b')] },
      { role: 'user', parts: [text('c')] },
      { role: 'assistant', parts: [text('d')] },
    ]);
  });

  it('puts the instructions first', () => {
    expect(read({ instructions: 'Be brief.', input: [user] }).messages[0]).toEqual({
      role: 'system',
      parts: [text('Be brief.')],
    });
  });

  it('merges adjacent items into one assistant message, in order', () => {
    const messages = readMessages(
      user,
      { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      { type: 'message', role: 'assistant', phase: 'commentary', content: [{ type: 'output_text', text: 'So.' }] },
      { type: 'web_search_call', id: 'ws_1' },
      { ...call, namespace: 'agents' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** Begin' },
      { type: 'function_call_output', call_id: 'c1', output: 'done' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: 'ok' },
      { type: 'message', role: 'assistant', content: 'Bye.' },
    );
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'assistant']);
    expect(messages[1]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'So.', phase: 'commentary' },
      { type: 'native', dialect: 'openai-responses', json: { type: 'web_search_call', id: 'ws_1' } },
      { type: 'tool-call', id: 'c1', name: 'run', namespace: 'agents', kind: 'function', input: '{}' },
      { type: 'tool-call', id: 'c2', name: 'apply_patch', kind: 'custom', input: '*** Begin' },
    ]);
    expect(messages[2]?.parts).toEqual([
      { type: 'tool-result', callId: 'c1', kind: 'function', isError: false, parts: [text('done')] },
    ]);
    expect(messages[3]?.parts).toMatchObject([{ callId: 'c2', kind: 'custom' }]);
  });

  it('prefers the content of reasoning to its summary, and reads any proof', () => {
    const summary = [
      { type: 'summary_text', text: 'One.' },
      { type: 'summary_text', text: 'Two.' },
    ];
    const content = [{ type: 'reasoning_text', text: 'Full.' }];
    const [message] = readMessages(
      { type: 'reasoning', summary, content, encrypted_content: null },
      { type: 'reasoning', summary, content: null, encrypted_content: 'BLOB' },
      { type: 'reasoning', summary: [], encrypted_content: 'BLOB' },
    );
    expect(message?.parts).toEqual([
      { type: 'reasoning', text: 'Full.' },
      { type: 'reasoning', text: 'One.\n\nTwo.', proof: { type: 'encrypted', data: 'BLOB' } },
      { type: 'reasoning', text: '', proof: { type: 'encrypted', data: 'BLOB' } },
    ]);
  });

  it('reads images, files and audio, in messages and in outputs', () => {
    const content = [
      { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'high' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
    ];
    const parts = [
      { type: 'image', url: 'data:image/png;base64,AA==', detail: 'high' },
      { type: 'file', filename: 'a.pdf', data: 'data:application/pdf;base64,AA==' },
      { type: 'audio', data: 'AA==', format: 'wav' },
    ];
    const messages = readMessages({ role: 'user', content }, call, {
      type: 'function_call_output',
      call_id: 'c1',
      output: content,
    });
    expect(messages[0]?.parts).toEqual(parts);
    expect(messages[2]?.parts).toMatchObject([{ parts }]);
  });

  it.each([
    { type: 'item_reference', id: 'msg_1' },
    { type: 'local_shell_call', call_id: 'c9', action: { type: 'exec', command: ['ls'] } },
    { type: 'something_new', anything: [1, 2] },
  ])('keeps $type unchanged', (json) => {
    const messages = readMessages(user, json);
    expect(messages.at(-1)?.parts).toMatchObject([{ type: 'native', dialect: 'openai-responses', json }]);
  });

  it('keeps an unknown content part in its place', () => {
    const message = {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', file_id: 'f1' },
      ],
    };
    expect(readMessages(message)[0]?.parts).toEqual([
      text('see'),
      {
        type: 'native',
        dialect: 'openai-responses',
        json: { ...message, content: [{ type: 'input_image', file_id: 'f1' }] },
        textForOtherDialects: '[image omitted: only another provider can read it]',
      },
    ]);
  });
});

describe('tools', () => {
  const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };

  it('reads functions, custom tools, namespaces and hosted tools', () => {
    const { tools } = read({
      input: 'hi',
      tools: [
        { type: 'function', name: 'run', description: 'Runs.', parameters: { type: 'object' }, strict: false },
        { type: 'function', name: 'bare', parameters: null },
        { type: 'custom', name: 'apply_patch', description: 'Patches.', format: grammar },
        {
          type: 'namespace',
          name: 'agents',
          description: 'Sub-agents.',
          tools: [{ type: 'function', name: 'spawn', parameters: {} }],
        },
        { type: 'web_search', external_web_access: true },
      ],
    });
    expect(tools).toEqual([
      { kind: 'function', name: 'run', description: 'Runs.', parameters: { type: 'object' }, strict: false },
      { kind: 'function', name: 'bare', parameters: { type: 'object', properties: {} } },
      { kind: 'custom', name: 'apply_patch', description: 'Patches.', format: grammar },
      { kind: 'function', name: 'spawn', namespace: 'agents', namespaceDescription: 'Sub-agents.', parameters: {} },
      {
        kind: 'hosted',
        name: 'web_search',
        dialect: 'openai-responses',
        json: { type: 'web_search', external_web_access: true },
      },
    ]);
  });

  it('adds the tools of additional_tools items, where the last declaration of a name wins', () => {
    const { tools, messages } = read({ input: [declare('old'), user, declare('new')] });
    expect(tools).toMatchObject([{ name: 'run', namespace: 'functions', description: 'new' }]);
    expect(messages).toHaveLength(1);
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [undefined, { type: 'auto' }],
    [
      { type: 'function', name: 'run' },
      { type: 'tool', kind: 'function', name: 'run' },
    ],
    [
      { type: 'custom', name: 'apply_patch' },
      { type: 'tool', kind: 'custom', name: 'apply_patch' },
    ],
    [{ type: 'web_search' }, { type: 'hosted', json: { type: 'web_search' } }],
  ])('reads the choice %j', (choice, expected) => {
    expect(read({ input: 'hi', tool_choice: choice }).toolChoice).toEqual(expected);
  });

  it('filters the list to allowed_tools', () => {
    const request = read({
      input: 'hi',
      tools: [
        { type: 'function', name: 'a' },
        { type: 'custom', name: 'b' },
        { type: 'web_search' },
        { type: 'tool_search' },
      ],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'custom', name: 'b' }, { type: 'web_search' }],
      },
    });
    expect(request.toolChoice).toEqual({ type: 'required' });
    expect(request.tools.map((tool) => tool.name)).toEqual(['b', 'web_search']);
  });
});

describe('parameters', () => {
  it('reads all parameters and keeps the source', () => {
    const body = {
      model: 'm',
      input: 'hi',
      stream: true,
      parallel_tool_calls: false,
      max_output_tokens: 100,
      temperature: 0.1,
      top_p: 0.9,
      reasoning: { effort: 'xhigh', summary: 'auto', context: 'all_turns' },
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
      prompt_cache_key: 'k',
      metadata: { a: 'b' },
      client_metadata: { turn_id: 't' },
      service_tier: 'priority',
    };
    expect(read(body)).toEqual({
      dialectParameters: { dialect: 'openai-responses', parameters: { service_tier: 'priority' } },
      model: 'm',
      messages: [{ role: 'user', parts: [text('hi')] }],
      tools: [],
      toolChoice: { type: 'auto' },
      parallelToolCalls: false,
      stream: true,
      sampling: { maxTokens: 100, temperature: 0.1, topP: 0.9 },
      reasoning: { effort: 'xhigh', summary: 'auto' },
      outputFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true },
      verbosity: 'low',
      cacheKey: 'k',
      metadata: { a: 'b' },
      continuation: { keep: true, passing: 0 },
      source: { dialect: 'openai-responses', body },
    });
  });

  it('treats null as absent', () => {
    const body = {
      model: null,
      input: 'hi',
      tools: null,
      tool_choice: null,
      reasoning: null,
      text: null,
      stream: null,
      metadata: null,
    };
    expect(read({ ...body, previous_response_id: null })).toMatchObject({
      stream: false,
      tools: [],
      toolChoice: { type: 'auto' },
    });
  });
});

describe('errors', () => {
  it.each([
    [{}, 'input'],
    [{ input: 7 }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: ['x'] }, 'input[0]'],
    [{ input: [{}] }, 'input[0]'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text' }] }] }, 'input[0].content[0].text'],
    [{ input: [{ role: 'user', content: [{ text: 'x' }] }] }, 'input[0].content[0].type'],
    [{ input: [user, call, { type: 'function_call_output', call_id: '' }] }, 'input[2].call_id'],
    [{ input: [{ ...call, call_id: '' }] }, 'input[0].call_id'],
    [{ input: [{ ...call, name: 7 }] }, 'input[0].name'],
    [{ input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'custom' }] }] }, 'tools[0].tools[0].name'],
    [{ input: [{ type: 'additional_tools', tools: [{}] }] }, 'input[0].tools[0].type'],
    [{ input: 'x', tool_choice: 'maybe' }, 'tool_choice'],
    [{ input: 'x', reasoning: { effort: 7 } }, 'reasoning.effort'],
    [{ input: 'x', text: { format: { type: 'json_schema' } } }, 'text.format.schema'],
    [{ input: 'x', background: true }, 'background'],
    [{ input: 'x', conversation: 'conv_1' }, 'conversation'],
  ])('names the field of %j', (body, param) => {
    const error = errorOf(body);
    expect(error.kind).toBe('invalid-request');
    expect(error.details.param).toBe(param);
    expect(error.message.startsWith(`${param}: `)).toBe(true);
  });

  it('refuses a body that is not an object', () => {
    expect(errorOf('x').message).toMatch(/^The request body: expected/);
  });

  it('suggests an alternative to a conversation', () => {
    expect(errorOf({ input: 'x', conversation: 'conv_1' }).message).toMatch(
      /Send previous_response_id, or the whole conversation in input\.$/,
    );
  });

  it('requires input unless it continues from a reply', () => {
    expect(errorOf({ input: null }).details.param).toBe('input');
    expect(errorOf({ input: [] }).details.param).toBe('input');
    expect(read({ previous_response_id: 'resp_1', store: false, instructions: 'Go on.' })).toMatchObject({
      continuation: { previousId: 'resp_1', keep: false, passing: 1 },
    });
    expect(read({ input: 'x', store: false })).not.toHaveProperty('continuation');
  });
});
