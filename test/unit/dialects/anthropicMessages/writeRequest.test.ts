import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../../src/canonical/editRequest.ts';
import type { ChatRequest, FunctionTool, JsonObject, Message, Part } from '../../../../src/canonical/request.ts';
import { anthropicMessages } from '../../../../src/dialects/anthropicMessages/index.ts';
import { sealReasoning } from '../../../../src/reasoning/envelopes.ts';
import { anthropic } from '../../../upstream/providers/anthropic.ts';
import { request } from './support.ts';
import { testSealer } from '../../../support/testSealer.ts';

const text = (words: string): Part => ({ type: 'text', text: words });
const user = (...words: string[]): Message => ({ role: 'user', parts: words.map(text) });
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });
const call = (id: string, input = '{}'): Part => ({ type: 'tool-call', id, name: 'f', kind: 'function', input });
const result = (callId: string, ...parts: Part[]): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId, kind: 'function', isError: false, parts }],
});
const tool: FunctionTool = { kind: 'function', name: 'f', parameters: { type: 'object', properties: {} } };

type Body = JsonObject & { messages: { role: string; content: JsonObject[] }[]; system?: JsonObject[] };

/** The strict stand-in must accept every body in these tests. */
function writeBody(messages: Message[], more: Partial<ChatRequest> = {}, model = 'claude-opus-4-5'): Body {
  const body = anthropicMessages.writeRequest(request(messages, { tools: [tool], ...more }), model);
  anthropic.check(body, [
    { turn: { reasoning: 'Hm.', text: '', calls: [] }, callIds: [], proof: 'S' },
    { turn: { reasoning: '', text: '', calls: [] }, callIds: [], proof: '' },
  ]);
  return body as Body;
}
const write = (...messages: Message[]) => writeBody(messages).messages;
const types = (messages: Body['messages']) =>
  messages.map(({ role, content }) => [role, ...content.map(({ type }) => type)].join(' '));

describe('turns', () => {
  it('of the same role in a row are merged', () => {
    expect(types(write(user('a'), user('b'), assistant(text('c')), assistant(text('d')), user('e')))).toEqual([
      'user text text',
      'assistant text text',
      'user text',
    ]);
  });

  it('start with the results, moved next to their calls', () => {
    const messages = write(
      user('go'),
      assistant(text('x'), call('a'), call('b')),
      user('a note'),
      result('b', text('2')),
      result('a', text('1')),
      assistant(text('done')),
    );
    expect(types(messages)).toEqual([
      'user text',
      'assistant text tool_use tool_use',
      'user tool_result tool_result text',
      'assistant text',
    ]);
    expect(messages[2]?.content.map(({ tool_use_id: id }) => id)).toEqual(['a', 'b', undefined]);
  });

  it('get a result for each call without one, and results without a call become user text', () => {
    const messages = write(user('go'), assistant(call('a')), result('gone', text('orphan')), user('next'));
    expect(types(messages)).toEqual(['user text', 'assistant tool_use', 'user tool_result text text text']);
    expect(messages[2]?.content).toMatchObject([{ content: 'aborted' }, {}, { text: 'orphan' }, { text: 'next' }]);
  });

  it('start with a user message, even if there is no message', () => {
    expect(types(write(assistant(text('Hi')), user('a')))[0]).toBe('user text');
    expect(types(write({ role: 'system', parts: [text('s')] }))).toEqual(['user text']);
    expect(types(write(user(' \n'), assistant(text('x')), user('b')))).toEqual([
      'user text',
      'assistant text',
      'user text',
    ]);
  });

  it('do not end in whitespace', () => {
    expect(write(user('a'), assistant(text('So: \n'))).at(-1)?.content).toEqual([{ type: 'text', text: 'So:' }]);
  });
});

describe('system messages', () => {
  it('are system blocks at the start, and notes in place later', () => {
    const system = (words: string): Message => ({ role: 'system', parts: [text(words)] });
    const { system: blocks, messages } = writeBody([
      system('a'),
      { role: 'developer', parts: [text('b'), text(' ')] },
      user('hi'),
      system('later'),
      assistant(text('x')),
      user('y'),
    ]);
    expect(blocks).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    expect(messages[0]?.content.map(({ text: words }) => words)).toEqual([
      'hi',
      expect.stringContaining('system'),
      'later',
    ]);
  });
});

describe('calls', () => {
  it('have objects as input', () => {
    const inputs = write(user('x'), assistant(call('a', '{"b":[1]}'), call('b', ' ')), user('y'))[1]?.content;
    expect(inputs?.map(({ input }) => input)).toEqual([{ b: [1] }, {}]);
  });

  it.each(['{"cut": "of', '"text"', '[1]', '7', 'null'])('whose input is %s become text, never {}', (input) => {
    const messages = write(
      user('x'),
      assistant(text('So.'), call('bad', input), call('good', '{"a":1}')),
      result('bad', text('complaint')),
      result('good', text('fine')),
      user('y'),
    );
    expect(types(messages)).toEqual(['user text', 'assistant text text tool_use', 'user tool_result text text text']);
    expect(messages[1]?.content[1]?.['text']).toContain(input);
    expect(JSON.stringify(messages[2])).toContain('complaint');
  });

  it('have valid, unique ids that stay the same as the conversation grows', () => {
    const history = [
      user('x'),
      assistant(call('functions.f:0'), call('functions_f:0')),
      result('functions.f:0', text('1')),
      result('functions_f:0', text('2')),
      assistant(call('functions.f:0')),
      result('functions.f:0', text('3')),
    ];
    const ids = (messages: Body['messages']) =>
      messages.flatMap(({ content }) => content.flatMap((block) => block['id'] ?? block['tool_use_id'] ?? []));
    const written = ids(write(...history, user('y')));
    expect(written).toEqual([
      'functions_f_0', 'functions_f_0_2', 'functions_f_0', 'functions_f_0_2', 'functions_f_0_3', 'functions_f_0_3',
    ]); // prettier-ignore
    expect(ids(write(...history, user('y'), assistant(call('call_9')), result('call_9')))).toEqual([
      ...written,
      'call_9',
      'call_9',
    ]);
  });
});

describe('results', () => {
  const contentOf = (...parts: Part[]) =>
    write(user('x'), assistant(call('a')), result('a', ...parts))[2]?.content[0]?.['content'];

  it('are text, blocks if there is more than text, or empty', () => {
    expect(contentOf(text('1'))).toBe('1');
    expect(contentOf()).toBe('');
    expect(contentOf(text(' '))).toBe('');
    expect(contentOf(text('1'), { type: 'image', url: 'data:image/png;base64,AAA=' })).toEqual([
      { type: 'text', text: '1' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAA=' } },
    ]);
  });

  it('of failed calls are text, and other parts follow after all results', () => {
    const failed = result('a', text('no'), { type: 'image', url: 'https://example.com/a.png' });
    const part = failed.parts[0];
    if (part?.type === 'tool-result') part.isError = true;
    const content = write(user('x'), assistant(call('a'), call('b')), failed, result('b', text('yes')), user('y'))[2]
      ?.content;
    expect(content?.map(({ type }) => type)).toEqual(['tool_result', 'tool_result', 'image', 'text']);
    expect(content?.[0]).toMatchObject({ is_error: true, content: 'no' });
    expect(content?.[1]).not.toHaveProperty('is_error');
  });
});

describe('thinking', () => {
  const thinking = (part: Part) => write(user('x'), assistant(part, text('y')), user('z'))[1]?.content[0];

  it('is sent back with its signature, as redacted data, or without a signature', () => {
    const signature = { type: 'signature' as const, signature: 'S' };
    expect(thinking({ type: 'reasoning', text: 'Hm.', proof: signature })).toEqual({
      type: 'thinking',
      thinking: 'Hm.',
      signature: 'S',
    });
    expect(thinking({ type: 'reasoning', text: '', proof: signature })).toEqual({
      type: 'thinking',
      thinking: '',
      signature: 'S',
    });
    expect(thinking({ type: 'reasoning', text: '', proof: { type: 'redacted', data: 'R' } })).toEqual({
      type: 'redacted_thinking',
      data: 'R',
    });
    expect(thinking({ type: 'reasoning', text: '' })).toEqual({ type: 'text', text: 'y' });
    const foreign: Part = { type: 'reasoning', text: 'Hm.', proof: { type: 'encrypted', data: 'E' } };
    const body = anthropicMessages.writeRequest(request([user('x'), assistant(foreign), user('z')]), 'm') as Body;
    expect(body.messages[1]?.content[0]).toEqual({ type: 'thinking', thinking: 'Hm.', signature: '' });
  });
});

describe('attachments', () => {
  const block = (part: Part) => writeBody([{ role: 'user', parts: [part] }]).messages[0]?.content[0];

  it('are written as the matching block types', () => {
    expect(block({ type: 'image', url: 'data:image/gif,GIF89a%3B' })).toMatchObject({
      source: { type: 'base64', media_type: 'image/gif', data: btoa('GIF89a;') },
    });
    expect(block({ type: 'file', filename: 'a.pdf', data: 'data:application/pdf;base64,JVBE' })).toEqual({
      type: 'document',
      title: 'a.pdf',
      source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
    });
    expect(block({ type: 'file', data: `data:text/markdown;base64,${btoa('# Hi')}` })).toMatchObject({
      source: { type: 'text', media_type: 'text/plain', data: '# Hi' },
    });
    expect(block({ type: 'file', url: 'https://example.com/a.pdf' })).toMatchObject({ source: { type: 'url' } });
  });

  it('that the API does not support are replaced by a note', () => {
    expect(block({ type: 'file', filename: 'a.docx', data: 'data:application/msword;base64,AAA=' })).toMatchObject({
      text: expect.stringContaining('a.docx'),
    });
    expect(block({ type: 'file', fileId: 'file-1' })).toMatchObject({ type: 'text' });
    expect(block({ type: 'audio', data: 'AAA=', format: 'wav' })).toMatchObject({ type: 'text' });
  });
});

describe('tools', () => {
  const fieldsOf = (more: Partial<ChatRequest>, messages = [user('x')]) => {
    const { tools, tool_choice } = writeBody(messages, more);
    return { tools, tool_choice };
  };

  it('are declared: hosted tools of this dialect unchanged, those of others left out', () => {
    const json = { type: 'web_search_20250305', name: 'web_search' };
    const { tools } = fieldsOf({
      tools: [
        { ...tool, description: 'F', strict: true, cacheControl: { type: 'ephemeral' } },
        { kind: 'function', name: 'g', namespace: 'ns', parameters: {} },
        { kind: 'hosted', name: 'web_search', dialect: 'anthropic-messages', json },
        { kind: 'hosted', name: 'image_generation', dialect: 'openai-responses', json: {} },
      ],
    });
    expect(tools).toEqual([
      {
        name: 'f',
        description: 'F',
        input_schema: { type: 'object', properties: {} },
        cache_control: { type: 'ephemeral' },
      },
      { name: 'ns__g', input_schema: { type: 'object' } },
      json,
    ]);
  });

  it.each<[Partial<ChatRequest>, unknown]>([
    [{}, undefined],
    [{ parallelToolCalls: true }, undefined],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ toolChoice: { type: 'none' } }, { type: 'none' }],
    [
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: { type: 'tool', kind: 'function', name: 'f' } }, { type: 'tool', name: 'f' }],
    [{ toolChoice: { type: 'hosted', json: { type: 'web_search' } } }, undefined],
  ])('the choice of %j', (more, expected) => {
    expect(fieldsOf(more).tool_choice).toEqual(expected);
  });

  it('that occur only in the history are declared, with tool choice none', () => {
    const history = [user('x'), assistant(call('a')), result('a'), user('sum up')];
    expect(fieldsOf({ tools: [], toolChoice: { type: 'required' } }, history)).toEqual({
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
      tool_choice: { type: 'none' },
    });
    expect(fieldsOf({ tools: [] })).toEqual({});
  });
});

describe('parameters', () => {
  const parameters = (more: Partial<ChatRequest>) => {
    const { messages: _, tools: __, model: ___, ...rest } = writeBody([user('x')], more);
    return rest;
  };

  it('always include max_tokens', () => {
    expect(parameters({})).toEqual({ max_tokens: 32_000, stream: true, cache_control: { type: 'ephemeral' } });
    expect(parameters({ sampling: { maxTokens: 9 } })).toMatchObject({ max_tokens: 9 });
  });

  it('are limited to this API’s range and names', () => {
    const sampling = { temperature: 1.7, stop: ['', 'x'], seed: 1, presencePenalty: 1 };
    const extra = { top_k: 7, reasoning_effort: 'turbo', response_format: {}, verbosity: 'x' };
    const metadata = { user_id: 'u', other: 1 };
    expect(parameters({ sampling, extra, metadata, cacheKey: 'k', verbosity: 'low' })).toEqual({
      max_tokens: 32_000,
      temperature: 1,
      top_k: 7,
      stop_sequences: ['x'],
      metadata: { user_id: 'u' },
      stream: true,
      cache_control: { type: 'ephemeral' },
    });
    expect(parameters({ sampling: { topP: 0.5 } })).toMatchObject({ top_p: 0.5 });
    expect(parameters({ metadata: { other: 1 } })).not.toHaveProperty('metadata');
  });

  it('set no cache marks if the client sets its own', () => {
    const marked: Message = { role: 'user', parts: [{ type: 'text', text: 'x', cacheControl: { type: 'ephemeral' } }] };
    expect(writeBody([marked])).not.toHaveProperty('cache_control');
    expect(writeBody([marked]).messages[0]?.content[0]).toHaveProperty('cache_control');
  });

  it.each<[Partial<ChatRequest>, object]>([
    [{ reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }],
    [
      { reasoning: { effort: 'high' } },
      { thinking: { type: 'enabled', budget_tokens: 16_384 }, output_config: { effort: 'high' } },
    ],
    [{ reasoning: { effort: 'max' } }, { thinking: { type: 'enabled', budget_tokens: 23_807 } }],
    [
      { reasoning: { effort: 'minimal', summary: 'auto' } },
      { thinking: { budget_tokens: 1024, display: 'summarized' }, output_config: { effort: 'low' } },
    ],
    [
      { reasoning: { effort: 'high' }, sampling: { maxTokens: 8000 } },
      { max_tokens: 8000, thinking: { budget_tokens: 3999 } },
    ],
    [{ reasoning: { budgetTokens: 5000 }, sampling: { maxTokens: 6000 } }, { thinking: { budget_tokens: 5000 } }],
  ])('%j', (more, expected) => {
    expect(parameters(more)).toMatchObject(expected);
  });

  it('disable thinking if max_tokens leaves no room for it', () => {
    expect(parameters({ reasoning: { effort: 'high' }, sampling: { maxTokens: 1500 } })).not.toHaveProperty('thinking');
  });

  it('enforce a strict schema, and describe any other in an instruction', () => {
    const schema = { type: 'object', additionalProperties: false };
    const strict = parameters({ outputFormat: { type: 'json-schema', name: 'x', schema, strict: true } });
    expect(strict).toMatchObject({ output_config: { format: { type: 'json_schema', schema } } });
    expect(strict).not.toHaveProperty('system');
    for (const outputFormat of [{ type: 'json-schema', name: 'x', schema }, { type: 'json-object' }] as const) {
      const loose = parameters({ outputFormat });
      expect(JSON.stringify(loose['system'])).toContain('JSON');
      expect(loose).not.toHaveProperty('output_config');
    }
  });
});

describe('a relay', () => {
  const read = (body: object) =>
    anthropicMessages.readRequest({ messages: [{ role: 'user', content: 'x' }], ...body }, testSealer);
  const patch = (body: object, more: Partial<ChatRequest> = {}) => {
    const relayed = read(body);
    return anthropicMessages.patchSource(relayed.source?.body ?? {}, createRequest({ ...relayed, ...more }), 'real');
  };

  it('sends the client’s JSON with the provider’s model name', () => {
    const body = {
      max_tokens: 5,
      context_management: { edits: [] },
      tools: [{ name: 'f', input_schema: {}, defer_loading: true }],
      stream: true,
    };
    expect(patch(body)).toEqual({ ...body, messages: [{ role: 'user', content: 'x' }], model: 'real' });
  });

  it('adds a preset’s parameters that the client did not set', () => {
    const preset = {
      sampling: { maxTokens: 7, temperature: 0.2 },
      extra: { top_k: 3 },
      reasoning: { effort: 'low' as const },
    };
    expect(patch({}, preset)).toMatchObject({
      max_tokens: 7,
      temperature: 0.2,
      top_k: 3,
      output_config: { effort: 'low' },
    });
    expect(patch({ max_tokens: 5, thinking: { type: 'disabled' } }, preset)).toMatchObject({
      max_tokens: 5,
      thinking: { type: 'disabled' },
    });
    expect(patch({ thinking: { type: 'disabled' } }, preset)).not.toHaveProperty('output_config');
    const format = { type: 'json_schema', schema: {} };
    expect(patch({ output_config: { format } }, preset)).toMatchObject({ output_config: { format, effort: 'low' } });
    expect(patch({ output_config: { effort: 'max' } }, preset)).toMatchObject({ output_config: { effort: 'max' } });
  });

  it('sets `stream` as the gateway needs it', () => {
    expect(patch({ stream: true }, { stream: false })).toMatchObject({ stream: false });
    expect(patch({})).not.toHaveProperty('stream');
  });

  it('sends no sealed envelope', () => {
    const sealed = sealReasoning(testSealer, { type: 'encrypted', data: 'E' });
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: sealed },
      { type: 'thinking', thinking: 'Own', signature: 'S' },
    ];
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content },
    ];
    const patched = patch({ messages })['messages'] as { content: JsonObject[] }[];
    expect(patched[1]?.content.map(({ signature }) => signature)).toEqual(['', 'S']);
    expect(content[0]?.signature).toBe(sealed);
  });

  it.each<[string, object[], boolean]>([
    ['a good history', [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }], true],
    ['an id that no strict provider takes', [{ type: 'tool_use', id: 'functions.f:0', name: 'f', input: {} }], false],
  ])('is taken for %s: %s', (_what, content, expected) => {
    const id = (content[0] as { id: string }).id;
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '' }] },
    ];
    expect(anthropicMessages.canRelay(read({ messages }))).toBe(expected);
    expect(anthropicMessages.canRelay(read({ messages: messages.slice(0, 2) }))).toBe(false);
  });

  it('renames the model only in the frame that names it', () => {
    const context = { model: 'asked' } as never;
    const frame = { event: 'message_start', data: '{"type":"message_start","message":{"model":"real"}}' };
    expect(anthropicMessages.relayFrame(frame, context)).toEqual({
      ...frame,
      data: frame.data.replace('real', 'asked'),
    });
    const other = { event: 'content_block_start', data: '{"content_block":{"input":{"model":"real"}}}' };
    expect(anthropicMessages.relayFrame(other, context)).toBe(other);
  });
});
