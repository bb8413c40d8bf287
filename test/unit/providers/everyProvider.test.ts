import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { applyEdits } from '../../../src/providers/bodyEdits.ts';
import { everyProvider } from '../../../src/providers/everyProvider.ts';
import { edit } from './find.ts';

const fit = (protocol: DialectId, body: JsonObject): JsonObject => applyEdits(body, everyProvider[protocol]);
const user = { role: 'user', content: 'hi' };
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };

describe('a message that says nothing', () => {
  it.each([[''], [' \n'], [null], [undefined], [[]], [[{ type: 'text', text: '' }]]])('%j, in Chat', (content) => {
    const empty = { role: 'assistant', content };
    const { messages } = fit('openai-chat', { messages: [user, empty, user] });
    expect(messages).toEqual([user, { role: 'assistant', content: '(no content)' }, user]);
    expect(fit('openai-chat', { messages: [user, empty] })['messages']).toEqual([user]);
  });

  it.each([
    [{ role: 'assistant', content: null, tool_calls: [call] }],
    [{ role: 'assistant', content: '', reasoning_content: 'Hm.' }],
    [{ role: 'assistant', content: '', refusal: 'No.' }],
    [{ role: 'tool', tool_call_id: 'c', content: '' }],
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
  ])('is none of %j', (message) => {
    const body = { messages: [user, message, user] };
    expect(fit('openai-chat', body)).toBe(body);
  });

  it.each([[[]], [''], [[{ type: 'output_text', text: '', annotations: [] }]]])('%j, in Responses', (content) => {
    const { input } = fit('openai-responses', { input: [{ type: 'message', role: 'assistant', content }] });
    expect(input).toMatchObject([{ role: 'assistant', content: [{ type: 'output_text', text: '(no content)' }] }]);
  });

  it.each([[''], [[]], [[{ type: 'text', text: ' ' }]]])('%j, in Messages', (content) => {
    const { messages } = fit('anthropic-messages', { messages: [user, { role: 'assistant', content }, user] });
    expect(JSON.stringify(messages)).toContain('(no content)');
  });
});

it.each([
  [1, 16],
  [15, 16],
  [16, 16],
  [4000, 4000],
])('max_output_tokens %i becomes %i', (asked, sent) => {
  expect(fit('openai-responses', { max_output_tokens: asked })['max_output_tokens']).toBe(sent);
});

describe('cache marks', () => {
  const mark = { type: 'ephemeral' };
  const text = (words: string): JsonObject => ({ type: 'text', text: words, cache_control: mark });
  const marked = (body: JsonObject): string[] =>
    [...JSON.stringify(body).matchAll(/"text":"([^"]+)","cache_control"/g)].map(([, words = '']) => words);
  const result = { type: 'tool_result', tool_use_id: 't', content: [text('r')] };
  const body = {
    tools: [{ name: 'a', cache_control: mark }],
    system: [text('s1'), text('s2')],
    messages: [
      { role: 'user', content: [text('m1'), result] },
      { role: 'user', content: [text('m2'), text('m3')] },
    ],
  };

  it('beyond four: the end of the system prompt and of the conversation keep theirs', () => {
    expect(marked(fit('anthropic-messages', body))).toEqual(['s2', 'r', 'm2', 'm3']);
    expect(JSON.stringify(fit('anthropic-messages', body)['tools'])).not.toContain('cache_control');
  });

  it('one of the whole request counts too', () => {
    expect(marked(fit('anthropic-messages', { ...body, cache_control: mark }))).toEqual(['s2', 'm2', 'm3']);
  });

  it('without a system prompt, the tools keep theirs', () => {
    const { system: _, ...rest } = body;
    const { tools, ...others } = fit('anthropic-messages', rest);
    expect(tools).toEqual(body.tools);
    expect(marked(others)).toEqual(['r', 'm2', 'm3']);
  });

  it('up to four stay as they are', () => {
    const few = { ...body, system: [], tools: [] };
    expect(marked(fit('anthropic-messages', few))).toEqual(['m1', 'r', 'm2', 'm3']);
  });
});

describe('Claude, on Messages and on Chat', () => {
  const begun = { role: 'assistant', content: 'Well' };
  const on = (model: string, body: JsonObject) =>
    (['anthropic', 'openai'] as const).map((protocol) => edit({ name: 'some', protocol, model }, { model, ...body }));

  it.each([
    ['claude-opus-4-6', false],
    ['claude-sonnet-4.6', false],
    ['claude-haiku-5', false],
    ['claude-opus-4-5', true],
    ['claude-3-5-sonnet-20241022', true],
    ['claude-sonnet-4-20250514', true],
  ])('%s continues an answer that the client began: %s', (model, may) => {
    for (const { messages } of on(model, { messages: [user, begun] }))
      expect((messages as JsonObject[]).at(-1)?.['role']).toBe(may ? 'assistant' : 'user');
  });

  it('an empty answer was not begun, and a call is none', () => {
    for (const { messages } of on('claude-opus-4-6', { messages: [user, { role: 'assistant', content: '' }] }))
      expect(messages).toEqual([user]);
    const use = { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] };
    const [sent] = on('claude-opus-4-6', { messages: [user, use] });
    expect(sent?.['messages']).toEqual([user, use]);
  });

  it.each([
    ['claude-opus-4-1', ['temperature']],
    ['claude-sonnet-4-5', ['temperature']],
    ['claude-3-7-sonnet-20250219', ['temperature', 'top_p']],
    ['claude-sonnet-5', []],
  ])('%s gets of temperature and top_p: %j', (model, names) => {
    for (const sent of on(model, { messages: [user], temperature: 0.5, top_p: 0.9 }))
      expect(['temperature', 'top_p'].filter((name) => name in sent)).toEqual(names);
    for (const sent of on('claude-opus-4-5', { messages: [user], top_p: 0.9 })) expect(sent['top_p']).toBe(0.9);
  });

  it('the temperature is within its range', () => {
    for (const sent of on('claude-opus-4-5', { messages: [user], temperature: 1.7 }))
      expect(sent['temperature']).toBe(1);
  });
});

describe('a choice of tools', () => {
  it.each<[DialectId, JsonObject]>([
    ['openai-responses', { prompt: { id: 'pmpt_1' } }],
    ['openai-responses', { conversation: 'conv_1' }],
    ['openai-responses', { conversation: { id: 'conv_1' } }],
    ['openai-responses', { previous_response_id: 'resp_1' }],
    ['openai-responses', { input: [{ type: 'additional_tools', tools: [] }] }],
    ['anthropic-messages', { mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'x' }] }],
  ])('stays where tools are declared elsewhere: %s, %j', (protocol, declared) => {
    const body = { tool_choice: { type: 'auto' }, ...declared };
    expect(fit(protocol, body)).toHaveProperty('tool_choice');
    expect(fit(protocol, { ...body, tools: [] })).toHaveProperty('tool_choice');
  });

  it.each<[DialectId, JsonObject]>([
    ['openai-responses', { conversation: null, prompt: null }],
    ['anthropic-messages', { mcp_servers: [] }],
    ['openai-chat', {}],
  ])('is left out where there are none: %s, %j', (protocol, others) => {
    expect(fit(protocol, { tool_choice: 'auto', ...others })).not.toHaveProperty('tool_choice');
  });
});

describe('metadata', () => {
  const metadata = { tags: ['x'], n: 1, long: 'l'.repeat(600) };
  const sent = (name: string, protocol: 'openai' | 'responses' | 'anthropic', body: JsonObject): unknown =>
    edit({ name, protocol }, body)['metadata'];

  it('stays as it is at a provider that states no limits', () => {
    expect(sent('litellm', 'openai', { metadata })).toEqual(metadata);
    expect(sent('litellm', 'responses', { metadata })).toEqual(metadata);
    expect(sent('litellm', 'anthropic', { metadata })).toEqual(metadata);
    expect(sent('litellm', 'anthropic', { metadata: { ...metadata, user_id: 'me@example.com' } })).toEqual({
      ...metadata,
      user_id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('holds texts at OpenAI', () => {
    const texts = { tags: '["x"]', n: '1', long: 'l'.repeat(512) };
    expect(sent('openai', 'openai', { metadata, store: true })).toEqual(texts);
    expect(sent('openai', 'responses', { metadata })).toEqual(texts);
  });

  it('is the user alone at Anthropic', () => {
    expect(sent('anthropic', 'anthropic', { metadata: { ...metadata, user_id: 'u' } })).toEqual({ user_id: 'u' });
    expect(sent('anthropic', 'anthropic', { metadata })).toBeUndefined();
    expect(sent('anthropic', 'anthropic', { metadata: { user_id: null } })).toEqual({ user_id: null });
  });

  it.each([
    ['12345678', false],
    ['1234567890123', false],
    ['+4915112345678', true],
    ['0151 123-45678', true],
    ['(030) 123456', true],
    ['me@example.com', true],
    ['user-1', false],
    ['', false],
  ])('the user %j is a person: %s', (id, isPerson) => {
    const { user_id: user } = fit('anthropic-messages', { metadata: { user_id: id } })['metadata'] as JsonObject;
    expect(user !== id).toBe(isPerson);
  });
});
