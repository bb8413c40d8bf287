import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../../src/canonical/editRequest.ts';
import type { ChatRequest, JsonObject, Part, Tool } from '../../../../src/canonical/request.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { writeInput } from '../../../../src/dialects/openaiResponses/writeInput.ts';
import { emptyRequest } from './support.ts';
import { testSealer } from '../../../support/testSealer.ts';

function writeBody(request: Partial<ChatRequest>): JsonObject {
  return openaiResponses.writeRequest(createRequest({ ...emptyRequest, ...request }), 'their-model');
}

function writeParts(role: ChatRequest['messages'][number]['role'], ...parts: Part[]): unknown {
  return writeInput([{ role, parts }]);
}

const result = (parts: Part[], kind: 'function' | 'custom' = 'function'): Part => ({
  type: 'tool-result',
  callId: 'c1',
  kind,
  isError: false,
  parts,
});

describe('writeRequest', () => {
  it('asks the provider not to store the reply', () => {
    expect(writeBody({ messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }] })).toEqual({
      model: 'their-model',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
    });
  });

  it('writes system messages as developer messages', () => {
    expect(writeParts('system', { type: 'text', text: 'Be brief.' })).toEqual([
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
    ]);
  });

  it('writes an assistant turn as its items, in order', () => {
    expect(
      writeParts(
        'assistant',
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'First.', phase: 'commentary' },
        { type: 'text', text: 'Then.', phase: 'final_answer' },
        { type: 'refusal', text: 'No.' },
        { type: 'tool-call', id: 'c1', name: 'run', namespace: 'n', kind: 'function', input: '{bad' },
        { type: 'tool-call', id: 'c2', name: 'apply_patch', kind: 'custom', input: '*** Begin' },
        { type: 'native', dialect: 'openai-responses', json: { type: 'web_search_call', id: 'ws_1' } },
        { type: 'native', dialect: 'anthropic-messages', json: { type: 'server_tool_use' } },
      ),
    ).toEqual([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'First.' }], phase: 'commentary' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Then.' }], phase: 'final_answer' },
      { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      { type: 'function_call', call_id: 'c1', name: 'run', namespace: 'n', arguments: '{bad' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** Begin' },
      { type: 'web_search_call', id: 'ws_1' },
    ]);
  });

  it('sends no content next to encrypted content, and no proof of another dialect', () => {
    expect(
      writeParts(
        'assistant',
        { type: 'reasoning', text: 'Sum.', proof: { type: 'encrypted', data: 'BLOB' } },
        { type: 'reasoning', text: '', proof: { type: 'encrypted', data: 'BLOB' } },
        { type: 'reasoning', text: 'Own.', proof: { type: 'signature', signature: 's' } },
        { type: 'reasoning', text: '', proof: { type: 'signature', signature: 's' } },
        { type: 'reasoning', text: '' },
      ),
    ).toEqual([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Sum.' }], encrypted_content: 'BLOB' },
      { type: 'reasoning', summary: [], encrypted_content: 'BLOB' },
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Own.' }] },
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: '' }] },
    ]);
  });

  it('writes outputs as a string if possible', () => {
    expect(
      writeParts(
        'tool',
        result([{ type: 'text', text: 'done' }]),
        result([]),
        result(
          [
            { type: 'text', text: 'see' },
            { type: 'image', url: 'data:image/png;base64,AA==', detail: 'low' },
          ],
          'custom',
        ),
      ),
    ).toEqual([
      { type: 'function_call_output', call_id: 'c1', output: 'done' },
      { type: 'function_call_output', call_id: 'c1', output: '' },
      {
        type: 'custom_tool_call_output',
        call_id: 'c1',
        output: [
          { type: 'input_text', text: 'see' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'low' },
        ],
      },
    ]);
  });

  it('groups namespaced tools and omits hosted tools of other dialects', () => {
    const tools: Tool[] = [
      { kind: 'function', name: 'a', namespace: 'n', namespaceDescription: 'About n.', parameters: {} },
      { kind: 'function', name: 'run', description: 'Runs.', parameters: { type: 'object' }, strict: true },
      { kind: 'custom', name: 'b', namespace: 'n', format: { type: 'text' } },
      { kind: 'hosted', name: 'web_search', dialect: 'openai-responses', json: { type: 'web_search' } },
      { kind: 'hosted', name: 'web_search', dialect: 'anthropic-messages', json: { type: 'web_search_20250305' } },
    ];
    const body = writeBody({
      tools,
      toolChoice: { type: 'tool', kind: 'custom', name: 'b', namespace: 'n' },
      parallelToolCalls: true,
    });
    expect(body).toMatchObject({
      tools: [
        {
          type: 'namespace',
          name: 'n',
          description: 'About n.',
          tools: [
            { type: 'function', name: 'a', parameters: {}, strict: false },
            { type: 'custom', name: 'b', format: { type: 'text' } },
          ],
        },
        { type: 'function', name: 'run', description: 'Runs.', parameters: { type: 'object' }, strict: true },
        { type: 'web_search' },
      ],
      tool_choice: { type: 'custom', name: 'b', namespace: 'n' },
      parallel_tool_calls: true,
    });
    expect(body['tools']).toHaveLength(3);
  });

  it('sends no tool choice without tools', () => {
    const body = writeBody({ toolChoice: { type: 'required' }, parallelToolCalls: true });
    expect(body).not.toHaveProperty('tool_choice');
    expect(body).not.toHaveProperty('parallel_tool_calls');
  });

  it('writes every parameter, preferring canonical over extra ones', () => {
    expect(
      writeBody({
        sampling: { maxTokens: 5, temperature: 0, topP: 1, stop: ['x'], seed: 3 },
        reasoning: { effort: 'high', summary: 'auto' },
        outputFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
        cacheKey: 'k',
        metadata: { a: 'b' },
        extra: { service_tier: 'flex', model: 'nope' },
      }),
    ).toEqual({
      service_tier: 'flex',
      model: 'their-model',
      input: [],
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 5,
      temperature: 0,
      top_p: 1,
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
      prompt_cache_key: 'k',
      metadata: { a: 'b' },
    });
  });
});

describe('patchSource', () => {
  const source = {
    model: 'theirs',
    input: 'hi',
    stream: true,
    temperature: 0.2,
    reasoning: { summary: 'auto', context: 'x' },
    seldom: [1],
  };

  it("changes the model and adds a preset's parameters, without mutating the source", () => {
    const before = structuredClone(source);
    const request: ChatRequest = createRequest({
      ...emptyRequest,
      sampling: { maxTokens: 9, temperature: 0.9, topP: 0.5 },
      reasoning: { effort: 'low' },
      verbosity: 'high',
    });
    expect(openaiResponses.patchSource(source, request, 'their-model')).toEqual({
      ...source,
      model: 'their-model',
      max_output_tokens: 9,
      top_p: 0.5,
      reasoning: { summary: 'auto', context: 'x', effort: 'low' },
      text: { verbosity: 'high' },
    });
    expect(source).toEqual(before);
  });

  it('changes only the model if the client set every parameter', () => {
    const request = openaiResponses.readRequest({ ...source, reasoning: { effort: 'high' } }, testSealer);
    const body = request.source?.body ?? {};
    expect(openaiResponses.patchSource(body, request, 'their-model')).toEqual({ ...body, model: 'their-model' });
  });

  it('requests a stream if the gateway does', () => {
    const request: ChatRequest = createRequest({ ...emptyRequest, stream: true });
    expect(openaiResponses.patchSource({ model: 'm', input: 'hi' }, request, 'x')).toMatchObject({ stream: true });
  });

  it('restores reasoning to the form that its provider sent', () => {
    const summary = [{ type: 'summary_text', text: 'Hm.' }];
    const content = [{ type: 'reasoning_text', text: 'Hm.' }];
    const items = [
      { type: 'reasoning', summary, content, encrypted_content: 'BLOB' },
      { type: 'reasoning', summary: [], content, encrypted_content: 'BLOB' },
      { type: 'reasoning', summary, content, encrypted_content: null },
      { type: 'message', role: 'user', content: 'hi' },
    ];
    expect(openaiResponses.patchSource({ input: items }, emptyRequest, 'm')['input']).toEqual([
      { type: 'reasoning', summary, content: [], encrypted_content: 'BLOB' },
      ...items.slice(1),
    ]);
  });
});

describe('calls in the history', () => {
  const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'run', arguments: '{}' });
  const output = (id: string, text = 'ok') => ({ type: 'function_call_output', call_id: id, output: text });
  const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on' }] };
  const long = 'functions.'.padEnd(70, 'x');
  const written = (...input: object[]) => {
    const request = openaiResponses.readRequest({ input }, testSealer);
    const relayed = openaiResponses.patchSource(request.source?.body ?? {}, request, 'm')['input'];
    return {
      input: openaiResponses.writeRequest(request, 'm')['input'],
      relayed,
      canRelay: openaiResponses.canRelay(request),
    };
  };

  it('get a short enough id, the same for call and output, relayed or not', () => {
    const { input, relayed } = written(call(long), output(long));
    const [first] = input as { call_id: string }[];
    expect(first?.call_id).toMatch(/^call_[\w-]{22}$/);
    expect(input).toEqual([call(first?.call_id ?? ''), output(first?.call_id ?? '')]);
    expect(relayed).toEqual(input);
  });

  it('keep their order if each is answered', () => {
    const items = [call('a'), user, call('b'), output('b'), output('a')];
    expect(written(...items)).toEqual({ input: items, relayed: items, canRelay: true });
  });

  it('get a lost output, and an output without its call becomes a note', () => {
    const lost = written(call('a'), user);
    expect(lost).toMatchObject({ canRelay: false, input: [call('a'), output('a', 'aborted'), user] });
    const orphan = written(user, output('z', 'what I found'));
    expect(orphan).toMatchObject({ canRelay: false, input: [user, { type: 'message', role: 'user' }] });
    expect(JSON.stringify(orphan.input)).toContain('what I found');
  });

  it('stay unchanged if the provider holds the other half', () => {
    const request = createRequest({
      ...openaiResponses.readRequest({ previous_response_id: 'resp_1', input: [output('a')] }, testSealer),
      continuation: { previousId: 'resp_1', keep: true, passing: 0, held: true },
    });
    expect(openaiResponses.canRelay(request)).toBe(true);
    expect(openaiResponses.writeRequest(request, 'm')).toMatchObject({
      previous_response_id: 'resp_1',
      store: true,
      input: [output('a')],
    });
  });
});
