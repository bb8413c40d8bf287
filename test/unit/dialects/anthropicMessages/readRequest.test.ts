import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/canonical/request.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import { sealReasoning } from '../../../../src/reasoning/envelopes.ts';
import { testSealer } from '../../../support/testSealer.ts';

const { readRequest } = anthropicMessages;
const hello = { role: 'user', content: 'Hello' };
const read = (more: object = {}) => readRequest({ model: 'm', messages: [hello], ...more }, testSealer);
const readMessages = (...messages: object[]) => readRequest({ messages }, testSealer).messages;
/** Reads one user message with these blocks and returns its parts. */
const parts = (...content: object[]) => readMessages({ role: 'user', content })[0]?.parts;

describe('a system prompt', () => {
  const systemOf = (system: unknown) => read({ system }).messages.filter(({ role }) => role === 'system');

  it('is text or blocks, cache marks kept', () => {
    const cacheControl = { type: 'ephemeral' };
    expect(systemOf('Be brief.')).toEqual([{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }]);
    expect(
      systemOf([
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', cache_control: cacheControl },
      ]),
    ).toEqual([
      {
        role: 'system',
        parts: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b', cacheControl },
        ],
      },
    ]);
    expect([systemOf(undefined), systemOf(null), systemOf(''), systemOf([])]).toEqual([[], [], [], []]);
  });

  it('may occur within the conversation, as text or blocks', () => {
    expect(
      readMessages(hello, { role: 'system', content: 'a' }, { role: 'system', content: [{ type: 'text', text: 'b' }] }),
    ).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      { role: 'system', parts: [{ type: 'text', text: 'a' }] },
      { role: 'system', parts: [{ type: 'text', text: 'b' }] },
    ]);
  });

  it('loses only its billing header, also in the relay', () => {
    const billing = { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330.413; cch=1;' };
    const rest = { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } };
    const body = { messages: [hello], system: [billing, rest], seven: 7 };
    const request = readRequest(body, testSealer);
    expect(request.messages[0]?.parts).toMatchObject([{ text: 'You are an agent.' }]);
    expect(request.source?.body).toEqual({ ...body, system: [rest] });
    expect(body.system).toHaveLength(2);
    expect(systemOf(`${billing.text}\nYou are an agent.`)[0]?.parts).toEqual([
      { type: 'text', text: 'You are an agent.' },
    ]);
    expect(systemOf(billing.text)).toEqual([]);
  });

  it('without a billing header is relayed as the same object', () => {
    const body = { messages: [hello], system: 'x' };
    expect(readRequest(body, testSealer).source?.body.system).toBe(body.system);
  });
});

describe('content', () => {
  it('of images, by URL and as data', () => {
    expect(
      parts(
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAA=' } },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ),
    ).toEqual([
      { type: 'image', url: 'data:image/png;base64,AAA=' },
      { type: 'image', url: 'https://example.com/a.png' },
    ]);
  });

  it('of documents: files, and text as text', () => {
    expect(
      parts(
        { type: 'document', title: 'A', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } },
        { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
        { type: 'document', title: 'T', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'inner' }] } },
      ),
    ).toEqual([
      { type: 'file', filename: 'A', data: 'data:application/pdf;base64,JVBE' },
      { type: 'file', url: 'https://example.com/a.pdf' },
      { type: 'text', text: 'T\n\nwords' },
      { type: 'text', text: 'inner' },
    ]);
  });

  it('that only this dialect knows is a native part with the whole block', () => {
    const unknown = { type: 'container_upload', file_id: 'f', cache_control: { type: 'ephemeral' } };
    const stored = { type: 'image', source: { type: 'file', file_id: 'f' } };
    expect(parts(unknown, stored)).toMatchObject([
      { type: 'native', dialect: 'anthropic-messages', json: unknown, cacheControl: { type: 'ephemeral' } },
      {
        type: 'native',
        dialect: 'anthropic-messages',
        json: stored,
        textForOtherDialects: expect.stringContaining('image omitted'),
      },
    ]);
  });

  it('of search results becomes text', () => {
    const result = { type: 'search_result', title: 'T', source: 'S', content: [{ type: 'text', text: 'found' }] };
    expect(parts(result)).toEqual([{ type: 'text', text: 'T\nS\n\nfound' }]);
  });
});

describe('an assistant turn', () => {
  const turn = (...content: object[]) => readMessages(hello, { role: 'assistant', content })[1]?.parts;

  it('has thinking with its proof, and calls with their input as text', () => {
    const details = { type: 'details' as const, details: [{ text: 'x' }] };
    expect(
      turn(
        { type: 'thinking', thinking: 'Hm.', signature: 'S' },
        { type: 'thinking', thinking: 'No signature', signature: '' },
        { type: 'thinking', thinking: 'Another wire', signature: sealReasoning(testSealer, details) },
        { type: 'redacted_thinking', data: 'R' },
        { type: 'text', text: 'So.' },
        { type: 'tool_use', id: 'a', name: 'f', input: { b: 1 } },
        { type: 'tool_use', id: 'b', name: 'f' },
        { type: 'tool_use', id: 'c', name: 'f', input: '{"broken' },
      ),
    ).toEqual([
      { type: 'reasoning', text: 'Hm.', proof: { type: 'signature', signature: 'S' } },
      { type: 'reasoning', text: 'No signature' },
      { type: 'reasoning', text: 'Another wire', proof: details },
      { type: 'reasoning', text: '', proof: { type: 'redacted', data: 'R' } },
      { type: 'text', text: 'So.' },
      { type: 'tool-call', id: 'a', name: 'f', kind: 'function', input: '{"b":1}' },
      { type: 'tool-call', id: 'b', name: 'f', kind: 'function', input: '{}' },
      { type: 'tool-call', id: 'c', name: 'f', kind: 'function', input: '{"broken' },
    ]);
  });

  it('keeps the blocks of the provider’s hosted tools', () => {
    const json = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    expect(turn(json)).toEqual([{ type: 'native', dialect: 'anthropic-messages', json }]);
  });
});

describe('tool results', () => {
  it('become tool messages, in order with the user’s other content', () => {
    const result = (id: string, more: object = {}) => ({ type: 'tool_result', tool_use_id: id, ...more });
    const messages = readMessages({
      role: 'user',
      content: [
        result('a', { content: 'words' }),
        result('b', { content: [{ type: 'text', text: 'x' }], is_error: true, cache_control: { type: 'ephemeral' } }),
        { type: 'text', text: 'Go on.' },
        result('c'),
      ],
    });
    const text = (words: string) => ({ type: 'text', text: words });
    expect(messages).toEqual([
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', callId: 'a', kind: 'function', isError: false, parts: [text('words')] },
          {
            type: 'tool-result',
            callId: 'b',
            kind: 'function',
            isError: true,
            parts: [text('x')],
            cacheControl: { type: 'ephemeral' },
          },
        ],
      },
      { role: 'user', parts: [text('Go on.')] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', kind: 'function', isError: false, parts: [] }] },
    ]);
  });

  it('may hold images', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AAA=' };
    const content = [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'image', source }] }];
    expect(readMessages({ role: 'user', content })[0]?.parts[0]).toMatchObject({
      parts: [{ type: 'image', url: 'data:image/png;base64,AAA=' }],
    });
  });
});

describe('tools', () => {
  const tool = (name: string, more: object = {}) => ({ name, input_schema: { type: 'object' }, ...more });
  const toolsOf = (tools: object[], messages: object[] = [hello]) => readRequest({ messages, tools }, testSealer).tools;

  it('are functions with their cache marks, with or without a type', () => {
    expect(
      toolsOf([
        tool('a'),
        tool('b', { type: 'custom', description: 'B', strict: true, cache_control: { type: 'ephemeral' } }),
      ]),
    ).toEqual([
      { kind: 'function', name: 'a', description: undefined, parameters: { type: 'object' }, strict: undefined },
      {
        kind: 'function',
        name: 'b',
        description: 'B',
        parameters: { type: 'object' },
        strict: true,
        cacheControl: { type: 'ephemeral' },
      },
    ]);
  });

  it('of the provider are hosted', () => {
    const json = { type: 'web_search_20250305', name: 'web_search', max_uses: 5 };
    expect(toolsOf([json])).toEqual([{ kind: 'hosted', name: 'web_search', dialect: 'anthropic-messages', json }]);
  });

  it('with defer_loading are visible once a search has loaded them', () => {
    const tools = [
      tool('Search'),
      tool('Later', { defer_loading: true }),
      tool('Placeholder', { defer_loading: true }),
    ];
    const found = { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'Later' }] };
    const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Search', input: {} }] };
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(toolsOf(tools))).toEqual(['Search']);
    const history = [hello, call, { role: 'user', content: [found] }];
    expect(names(toolsOf(tools, history))).toEqual(['Search', 'Later']);
    expect(readMessages(...history)[2]?.parts).toMatchObject([
      { parts: [{ type: 'text', text: expect.stringContaining('Later') }] },
    ]);
    // Here the provider does the search. Where it can't, the model must see all tools.
    const hosted = { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' };
    expect(names(toolsOf([hosted, ...tools]))).toHaveLength(4);
  });

  it.each([
    [{ type: 'auto' }, { toolChoice: { type: 'auto' } }],
    [
      { type: 'auto', disable_parallel_tool_use: true },
      { toolChoice: { type: 'auto' }, parallelToolCalls: false },
    ],
    [{ type: 'any' }, { toolChoice: { type: 'required' } }],
    [{ type: 'none' }, { toolChoice: { type: 'none' } }],
    [{ type: 'tool', name: 'a' }, { toolChoice: { type: 'tool', kind: 'function', name: 'a' } }],
    [
      { type: 'tool', name: 'web_search' },
      { toolChoice: { type: 'hosted', json: { type: 'tool', name: 'web_search' } } },
    ],
    [undefined, { toolChoice: { type: 'auto' } }],
  ])('the choice %j', (choice, expected) => {
    const tools = [tool('a'), { type: 'web_search_20250305', name: 'web_search' }];
    expect(read({ tools, tool_choice: choice })).toMatchObject(expected);
  });
});

describe('parameters', () => {
  it('are read', () => {
    expect(
      read({
        max_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        stop_sequences: ['x'],
        stream: true,
        metadata: { user_id: 'u' },
      }),
    ).toMatchObject({
      model: 'm',
      stream: true,
      sampling: { maxTokens: 9, temperature: 0.5, topP: 0.9, stop: ['x'] },
      extra: { top_k: 40 },
      metadata: { user_id: 'u' },
    });
  });

  it.each<[object, object | undefined]>([
    [{}, undefined],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, { effort: 'none' }],
    [{ thinking: { type: 'enabled', budget_tokens: 5000 } }, { budgetTokens: 5000 }],
    [{ thinking: { type: 'adaptive' } }, { effort: 'high' }],
    [{ thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'low' } }, { effort: 'low' }],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { effort: 'high', summary: 'auto' }],
    [{ output_config: { effort: 'max' } }, { effort: 'max' }],
    [{ output_config: { effort: 'of tomorrow' } }, { effort: 'high' }],
    [{ output_config: { effort: 'auto' } }, undefined],
  ])('%j asks for the reasoning %j', (body, reasoning) => {
    expect(read(body).reasoning).toEqual(reasoning);
  });

  it('have a schema for the answer in either of two fields', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const expected = { type: 'json-schema', name: 'answer', schema: { type: 'object' }, strict: true };
    expect(read({ output_config: { format } }).outputFormat).toEqual(expected);
    expect(read({ output_format: format }).outputFormat).toEqual(expected);
  });
});

describe('an invalid request is refused with the name of the field', () => {
  it.each<[JsonObject, string]>([
    [{ messages: 'x' }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'tool', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [hello, { role: 'user', content: [{ text: 'x' }] }] }, 'messages[1].content[0].type'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: '' }] }] },
      'messages[0].content[0].tool_use_id',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64' } }] }] },
      'messages[0].content[0].source',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] }] },
      'messages[0].content',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_result', tool_use_id: 'a' }] }] },
      'messages[0].content',
    ],
    [{ messages: [{ role: 'system', content: [{ type: 'thinking', thinking: '' }] }] }, 'messages[0].content'],
    [{ messages: [hello], system: [{ type: 'text' }] }, 'system[0].text'],
    [{ messages: [hello], tools: [{ type: 'custom', input_schema: {} }] }, 'tools[0].name'],
    [{ messages: [hello], tools: [{ name: '', input_schema: {} }] }, 'tools[0].name'],
    [{ messages: [hello], tool_choice: { type: 'tool' } }, 'tool_choice.name'],
    [{ messages: [hello], tool_choice: { type: 'some' } }, 'tool_choice.type'],
    [{ messages: [hello], max_tokens: '9' }, 'max_tokens'],
  ])('%j', (body, param) => {
    expect(() => readRequest(body, testSealer)).toThrow(
      expect.objectContaining({
        kind: 'invalid-request',
        details: { param },
        message: expect.stringContaining(param) as string,
      }),
    );
  });

  // The SDK's tool runner (1.12) sends only the new messages once its `thread` was taken.
  it.each([{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }])('a thread: %j', (thread) => {
    expect(() => readRequest({ messages: [hello], thread }, testSealer)).toThrow(
      expect.objectContaining({
        kind: 'unsupported',
        details: { param: 'thread', code: 'thread_unsupported_request' },
      }),
    );
    expect(readRequest({ messages: [hello], thread: null }, testSealer).messages).toHaveLength(1);
  });

  it.each([undefined, null, 'x', [], 7])('%j, which is not an object', (body) => {
    expect(() => readRequest(body, testSealer)).toThrow(expect.objectContaining({ kind: 'invalid-request' }));
  });
});

describe('recorded requests of Claude Code', () => {
  const requests = (name: string) => {
    const text = readFileSync(`test/fixtures/claude/claude-2.1.330-${name}.json`, 'utf8');
    return (JSON.parse(text) as { requests: { body: JsonObject }[] }).requests.map(({ body }) =>
      readRequest(body, testSealer),
    );
  };

  it('are read: a system message within the conversation, thinking, two calls and their results', () => {
    const [first, second] = requests('parallel-tools');
    expect(first?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'system']);
    expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'system', 'assistant', 'tool']);
    expect(second?.messages[3]?.parts.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call', 'tool-call']);
    expect(second).toMatchObject({ reasoning: { effort: 'high' }, sampling: { maxTokens: 32_000 } });
    expect(JSON.stringify(second)).not.toContain('x-anthropic-billing-header');
  });

  it('share a prefix within a turn, so that prompt caches stay valid', () => {
    const [first, second] = requests('parallel-tools').map(({ messages, tools }) => ({
      messages: messages.map(({ role, parts }) => [
        role,
        parts.map((part) => (part.type === 'text' ? part.text : part)),
      ]),
      tools,
    }));
    expect(second?.messages.slice(0, first?.messages.length)).toEqual(first?.messages);
    expect(second?.tools).toEqual(first?.tools);
  });

  it('declare a placeholder tool, and later the tools that a search found', () => {
    const [first, second] = requests('tool-search').map(({ tools }) => tools.map(({ name }) => name));
    expect(first).not.toContain('DeferredToolPlaceholder');
    expect(second?.filter((name) => !first?.includes(name))).toEqual(['TaskStop', 'WebFetch']);
  });
});
