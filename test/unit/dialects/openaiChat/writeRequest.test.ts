import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../../src/canonical/editRequest.ts';
import { toolsAreInOrder } from '../../../../src/canonical/repairTools.ts';
import type { ChatRequest, Message, Part } from '../../../../src/canonical/request.ts';
import { patchSource, readRequest, writeRequest } from '../../../../src/dialects/openaiChat/request.ts';
import { openAiChat } from '../../../upstream/providers/openaiChat.ts';
import type { JsonObject } from '../../../../src/canonical/request.ts';

const base: ChatRequest = createRequest({
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  toolChoice: { type: 'auto' },
  stream: false,
  sampling: {},
});

const text = (value: string): Part => ({ type: 'text', text: value });
const call = (id: string, input = '{}', name = 'f'): Part => ({ type: 'tool-call', id, kind: 'function', name, input });
const result = (callId: string, ...parts: Part[]): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId, kind: 'function', isError: false, parts }],
});
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });

function write(changes: Partial<ChatRequest>): JsonObject {
  return writeRequest(createRequest({ ...base, ...changes }), 'm');
}

function messagesOf(messages: Message[]): unknown {
  return write({ messages })['messages'];
}

describe('body', () => {
  it('has only the required fields by default', () => {
    expect(write({})).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: false });
  });

  it('requests usage in a stream', () => {
    expect(write({ stream: true })).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('writes the parameters', () => {
    expect(
      write({
        sampling: { maxTokens: 10, temperature: 0, topP: 0.5, stop: ['a'], seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2 },
        reasoning: { effort: 'minimal' },
        verbosity: 'low',
        cacheKey: 'k',
        metadata: { session: 'x' },
        outputFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true },
      }),
    ).toEqual({
      model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: false, max_tokens: 10, temperature: 0, top_p: 0.5, stop: ['a'], seed: 7,
      frequency_penalty: 0.1, presence_penalty: 0.2, reasoning_effort: 'minimal', verbosity: 'low', prompt_cache_key: 'k',
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
    }); // prettier-ignore
  });

  it.each<[Partial<ChatRequest>, JsonObject]>([
    [{ outputFormat: { type: 'json-object' } }, { response_format: { type: 'json_object' } }],
    [{ outputFormat: { type: 'text' } }, {}],
    [{ sampling: { stop: [] } }, {}],
    [{ reasoning: { budgetTokens: 8192 } }, { reasoning_effort: 'medium' }],
    [{ reasoning: { summary: 'auto' } }, {}],
  ])('writes %j', (changes, expected) => {
    const { model: _, messages: __, stream: ___, ...rest } = write(changes);
    expect(rest).toEqual(expected);
  });

  it('merges extra parameters without overriding others', () => {
    const body = write({
      sampling: { maxTokens: 10, temperature: 0 },
      extra: { temperature: 1, max_completion_tokens: 5, top_k: 3, messages: [], stream: true },
    });
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: false,
      max_tokens: 10,
      temperature: 0,
      top_k: 3,
    });
  });

  it('does not mutate the request', () => {
    const request = createRequest({
      ...base,
      extra: Object.freeze({ top_k: 1 }),
      messages: Object.freeze([...base.messages]) as Message[],
    });
    Object.freeze(request);
    expect(() => writeRequest(request, 'm')).not.toThrow();
  });
});

describe('tools', () => {
  it('writes functions, custom tools and hosted tools of this dialect', () => {
    const body = write({
      tools: [
        { kind: 'function', name: 'f', parameters: { type: 'object' }, strict: false },
        { kind: 'custom', name: 'p', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
        { kind: 'custom', name: 'q', format: { type: 'text' } },
        { kind: 'function', name: 'f', namespace: 'ns', parameters: {} },
        { kind: 'hosted', name: 'web', dialect: 'openai-chat', json: { type: 'web' } },
        { kind: 'hosted', name: 'web_search', dialect: 'openai-responses', json: { type: 'web_search' } },
      ],
      parallelToolCalls: false,
    });
    expect(body['tools']).toEqual([
      { type: 'function', function: { name: 'f', parameters: { type: 'object' }, strict: false } },
      {
        type: 'custom',
        custom: {
          name: 'p',
          description: 'd',
          format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } },
        },
      },
      { type: 'custom', custom: { name: 'q', format: { type: 'text' } } },
      { type: 'function', function: { name: 'ns__f', parameters: {} } },
      { type: 'web' },
    ]);
    expect(body['parallel_tool_calls']).toBe(false);
    expect(body).not.toHaveProperty('tool_choice');
  });

  it('omits the choice and parallel calls if no tool is left', () => {
    const hosted = { kind: 'hosted', name: 'w', dialect: 'openai-responses', json: {} } as const;
    const body = write({ tools: [hosted], toolChoice: { type: 'required' }, parallelToolCalls: true });
    expect(Object.keys(body)).toEqual(['model', 'messages', 'stream']);
  });

  it.each<[ChatRequest['toolChoice'], unknown]>([
    [{ type: 'auto' }, undefined],
    [{ type: 'none' }, 'none'],
    [{ type: 'required' }, 'required'],
    [
      { type: 'tool', kind: 'function', name: 'f' },
      { type: 'function', function: { name: 'f' } },
    ],
    [
      { type: 'tool', kind: 'custom', name: 'p' },
      { type: 'custom', custom: { name: 'p' } },
    ],
    [{ type: 'hosted', json: { type: 'web_search' } }, undefined],
  ])('writes the choice %j', (toolChoice, expected) => {
    expect(write({ tools: [{ kind: 'function', name: 'f', parameters: {} }], toolChoice })['tool_choice']).toEqual(
      expected,
    );
  });
});

describe('messages', () => {
  it.each<[string, Message[], unknown[]]>([
    ['developer as system', [{ role: 'developer', parts: [text('a')] }], [{ role: 'system', content: 'a' }]],
    ['system sections as one text', [{ role: 'system', parts: [text('a'), text('b')] }], [{ role: 'system', content: 'a\n\nb' }]],
    ['system messages in place', [{ role: 'user', parts: [text('a')] }, { role: 'system', parts: [text('b')] }], [{ role: 'user', content: 'a' }, { role: 'system', content: 'b' }]],
    ['several user texts as parts', [{ role: 'user', parts: [text('a'), text('b')] }], [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }]],
    ['no system message without words (CLIProxyAPI#5738)', [{ role: 'system', parts: [] }, { role: 'user', parts: [{ type: 'text', text: 'Hi' }] }], [{ role: 'user', content: 'Hi' }]],
    ['nothing as an empty text', [{ role: 'user', parts: [] }], [{ role: 'user', content: '' }]],
    ['no empty text among others', [{ role: 'user', parts: [text(''), text('b')] }], [{ role: 'user', content: 'b' }]],
    [
      'images, files and audio',
      [{ role: 'user', parts: [text('a'), { type: 'image', url: 'u', detail: 'low' }, { type: 'file', filename: 'f', url: 'https://x' }, { type: 'audio', data: 'd', format: 'wav' }] }],
      [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'u', detail: 'low' } }, { type: 'file', file: { filename: 'f', file_data: 'https://x' } }, { type: 'input_audio', input_audio: { data: 'd', format: 'wav' } }] }],
    ],
    [
      'native parts of this dialect only',
      [{ role: 'user', parts: [text('a'), { type: 'native', dialect: 'openai-chat', json: { type: 'video_url' } }, { type: 'native', dialect: 'openai-responses', json: { type: 'x' } }] }, { role: 'user', parts: [{ type: 'native', dialect: 'openai-responses', json: {} }] }],
      [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'video_url' }] }],
    ],
    ['reasoning with the text', [assistant({ type: 'reasoning', text: 'Hm ' }, { type: 'reasoning', text: 'so' }, text('a'))], [{ role: 'assistant', content: 'a', reasoning_content: 'Hm so' }]],
    ['only reasoning', [assistant({ type: 'reasoning', text: 'Hm' })], [{ role: 'assistant', content: '', reasoning_content: 'Hm' }]],
    ['a refusal as text', [assistant({ type: 'refusal', text: 'No.' })], [{ role: 'assistant', content: 'No.' }]],
    ['no empty assistant message', [assistant(), assistant(text(''))], []],
    [
      'adjacent assistant messages as one',
      [assistant({ type: 'reasoning', text: 'Hm' }), assistant(text('Look.')), assistant(call('a')), assistant(call('b')), result('a', text('A')), result('b', text('B'))],
      [
        {
          role: 'assistant', content: 'Look.', reasoning_content: 'Hm',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }, { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: 'A' },
        { role: 'tool', tool_call_id: 'b', content: 'B' },
      ],
    ],
    ['texts of several messages with a separator', [assistant(text('One.')), assistant(text('Two.\n')), assistant(text('Three.'))], [{ role: 'assistant', content: 'One.\n\nTwo.\nThree.' }]],
  ])('writes %s', (_, messages, expected) => {
    expect(messagesOf(messages)).toEqual(expected);
  }); // prettier-ignore

  it.each([
    ['', '{}'],
    [' \n', '{}'],
    ['{"x":1}', '{"x":1}'],
    ['{"x', '{"x'],
  ])('writes the input %j as %j', (input, expected) => {
    expect(messagesOf([assistant(call('a', input)), result('a')])).toMatchObject([
      { content: null, tool_calls: [{ function: { arguments: expected } }] },
      {},
    ]);
  });

  it('writes custom calls in their own form', () => {
    const custom: Part = { type: 'tool-call', id: 'a', kind: 'custom', name: 'p', input: '' };
    expect(messagesOf([assistant(custom), result('a')])).toMatchObject([
      { tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'p', input: '' } }] },
      {},
    ]);
  });

  it('puts images from results into a user message after all results of the turn', () => {
    expect(
      messagesOf([
        assistant(call('a'), call('b')),
        result('a', text('see'), { type: 'image', url: 'u' }),
        result('b', { type: 'image', url: 'v' }),
        { role: 'user', parts: [text('Next')] },
      ]),
    ).toEqual([
      expect.objectContaining({ role: 'assistant' }),
      { role: 'tool', tool_call_id: 'a', content: 'see' },
      { role: 'tool', tool_call_id: 'b', content: '(The result follows in the next user message.)' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'From the result of tool call a:' },
          { type: 'image_url', image_url: { url: 'u' } },
          { type: 'text', text: 'From the result of tool call b:' },
          { type: 'image_url', image_url: { url: 'v' } },
        ],
      },
      { role: 'user', content: 'Next' },
    ]);
  });

  it.each([
    ['no such file', 'Error: no such file'],
    ['Error: no such file', 'Error: no such file'],
    ['<error>no</error>', '<error>no</error>'],
  ])('marks the failed result %j', (said, expected) => {
    const failed: Message = {
      role: 'tool',
      parts: [{ type: 'tool-result', callId: 'a', kind: 'function', isError: true, parts: [text(said)] }],
    };
    expect(messagesOf([assistant(call('a')), failed])).toMatchObject([{}, { content: expected }]);
  });
});

describe('round trip', () => {
  it('reads back what it wrote', () => {
    const body = {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'u', detail: 'high' } }] },
        { role: 'assistant', content: 'Look.', reasoning_content: 'Hm', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }, { id: 'b', type: 'custom', custom: { name: 'p', input: 'y' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'A' },
        { role: 'tool', tool_call_id: 'b', content: 'B' },
        { role: 'assistant', content: 'Done.' },
        { role: 'user', content: 'Thanks' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object', properties: { x: { type: 'number' } } }, strict: true } },
        { type: 'custom', custom: { name: 'p', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'y+' } } } },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: true,
      max_tokens: 10, temperature: 0.5, top_p: 1, stop: ['x'], seed: 1, frequency_penalty: 0, presence_penalty: 0,
      reasoning_effort: 'low', verbosity: 'high', prompt_cache_key: 'k',
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {}, strict: true } },
    }; // prettier-ignore
    const request = readRequest(body);
    expect(writeRequest(request, 'm')).toEqual(body);
    const again = readRequest(writeRequest(request, 'm'));
    expect({ ...again, source: undefined }).toEqual({ ...request, source: undefined });
  });
});

describe('what Codex 0.80 sends over Chat Completions', () => {
  const folder = new URL('../../../fixtures/codex/', import.meta.url);
  const requests = readdirSync(folder)
    .filter((name) => name.startsWith('codex-0.80-chat'))
    .flatMap((name) => {
      const recorded = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
        requests: { path: string; body?: JsonObject }[];
      };
      return recorded.requests.flatMap(({ body }, index) =>
        body?.['messages'] ? [{ name: `${name} ${index}`, body }] : [],
      );
    });

  it('is recorded', () => {
    expect(requests.length).toBeGreaterThan(3);
  });

  it('would be refused unchanged', () => {
    const refused = requests.filter(({ body }) => !toolsAreInOrder(readRequest(body).messages));
    expect(refused.map(({ name }) => name)).toEqual([
      'codex-0.80-chat-silent-call.json 2',
      'codex-0.80-chat.json 1',
      'codex-0.80-chat.json 2',
    ]);
    for (const { body } of refused)
      expect(() => openAiChat.check(body, [])).toThrow(/must be followed by tool messages/);
  });

  // Its history has messages between a call and its result, which strict providers refuse.
  it.each(requests)('$name is written so that strict providers accept it', ({ body }) => {
    const written = writeRequest(readRequest(body), 'm');
    expect(() => openAiChat.check(written, [])).not.toThrow();
  });
});

describe('patchSource', () => {
  const source = {
    model: 'asked',
    messages: [{ role: 'developer', content: 'x' }],
    temperature: null,
    max_completion_tokens: 5,
    n: 2,
    provider: { order: ['a'] },
    tools: [],
  };

  it('changes only the model', () => {
    const before = structuredClone(source);
    expect(patchSource(source, readRequest(source), 'm')).toEqual({ ...source, model: 'm' });
    expect(source).toEqual(before);
  });

  it("adds a preset's parameters where the client set none", () => {
    const request: ChatRequest = createRequest({
      ...readRequest(source),
      sampling: { maxTokens: 100, temperature: 0.3, topP: 0.9 },
      extra: { top_k: 4, n: 9, provider: {} },
    });
    expect(patchSource(source, request, 'm')).toEqual({
      ...source,
      model: 'm',
      temperature: 0.3,
      top_p: 0.9,
      top_k: 4,
    });
  });

  it.each([[{ reasoning: { effort: 'low' } }], [{ thinking: { type: 'enabled' } }], [{ reasoning_effort: 'ultra' }]])(
    'recognizes %j as an effort',
    (fields) => {
      const body = { ...source, ...fields };
      const request: ChatRequest = createRequest({ ...readRequest(body), reasoning: { effort: 'high' } });
      expect(patchSource(body, request, 'm')).toEqual({ ...body, model: 'm' });
    },
  );

  it('requests usage in addition to other stream options', () => {
    const body = { ...source, stream: true, stream_options: { include_obfuscation: false } };
    expect(patchSource(body, readRequest(body), 'm')).toEqual({
      ...body,
      model: 'm',
      stream_options: { include_obfuscation: false, include_usage: true },
    });
  });

  it('streams if the gateway does, even if the client does not, and the reverse', () => {
    const body = { ...source, stream: true, stream_options: { include_usage: true } };
    const { stream_options: _, ...plain } = body;
    expect(patchSource(body, createRequest({ ...readRequest(body), stream: false }), 'm')).toEqual({
      ...plain,
      model: 'm',
      stream: false,
    });
    expect(patchSource(source, createRequest({ ...readRequest(source), stream: true }), 'm')).toEqual({
      ...source,
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});
