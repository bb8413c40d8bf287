import { describe, expect, test } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { find, edit } from './find.ts';

const surfaces = [
  { name: 'mine' },
  { name: 'deepseek', model: 'deepseek-v4-pro' },
  { name: 'zai', model: 'glm-5' },
  { name: 'minimax', model: 'MiniMax-M3' },
  { name: 'kimi', model: 'kimi-k3' },
  { name: 'openrouter', model: 'x/y' },
] as const;
const system = { role: 'system', content: [{ type: 'text', text: 'Environment' }] };
const hello = { role: 'user', content: 'hello' };
const hi = { role: 'assistant', content: 'hi' };
const texts = (content: unknown) => (Array.isArray(content) ? content.map(({ text }: JsonObject) => text) : content);

describe.each(surfaces)('$name', (identity) => {
  const editMessages = (body: JsonObject) => edit({ ...identity, protocol: 'anthropic' }, { max_tokens: 9, ...body });
  const rolesOf = (messages: unknown) => (messages as JsonObject[]).map(({ role }) => role);

  test('reads what the system says in mid-conversation as a note, roles in turn', () => {
    const { messages } = editMessages({ messages: [hello, system, hi, system, hello] });
    expect(rolesOf(messages)).toEqual(['user', 'assistant', 'user']);
    const [first, , last] = messages as JsonObject[];
    expect(texts(first?.['content'])).toEqual(['hello', expect.stringContaining('system'), 'Environment']);
    expect(texts(last?.['content'])).toEqual([expect.stringContaining('system'), 'Environment', 'hello']);
  });

  test('gets the mark for the whole cache on blocks', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const body = editMessages({ messages: [hello, hi, hello], system: 'Be brief.', ...mark });
    const [first, , last] = body['messages'] as JsonObject[];
    expect(body['system']).toMatchObject([{ text: 'Be brief.', ...mark }]);
    expect(last?.['content']).toMatchObject([{ text: 'hello', ...mark }]);
    expect(first).toEqual(hello);
  });

  test('reads a schema in words, and has no mark for the whole cache', () => {
    const body = editMessages({
      messages: [hello],
      system: 'Be brief.',
      cache_control: { type: 'ephemeral' },
      output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } } },
    });
    expect(body['output_config']).toEqual({ effort: 'high' });
    expect(texts(body['system'])).toEqual(['Be brief.', expect.stringContaining('{"type":"object"}')]);
    expect(body).not.toHaveProperty('cache_control');
  });

  test('keeps a body that needs no edit', () => {
    const body = { max_tokens: 9, messages: [hello, hi, hello] };
    expect(editMessages(body)).toEqual(body);
  });

  test('has the version in its headers, and the key where the wire has it', () => {
    const { headers, keyHeader } = find({ ...identity, protocol: 'anthropic' }).quirks;
    expect(headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
    expect(keyHeader).toBe(identity.name === 'openrouter' ? undefined : 'x-api-key');
  });
});

test('models that read text only are told of images, also in results', () => {
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
  const result = { type: 'tool_result', tool_use_id: 'a', content: [image] };
  const body = { messages: [{ role: 'user', content: [result, image, { type: 'text', text: 'look' }] }] };
  const note = { type: 'text', text: '[image omitted: this model reads text only]' };
  const { messages } = edit({ name: 'deepseek', model: 'deepseek-v4-pro', protocol: 'anthropic' }, body);
  expect(messages).toEqual([
    { role: 'user', content: [{ ...result, content: [note] }, note, { type: 'text', text: 'look' }] },
  ]);
});

test.each([
  [5000, { type: 'enabled', budget_tokens: 2500 }],
  [20_000, { type: 'enabled', budget_tokens: 16_000 }],
  [1500, undefined],
])('with a limit of %i from the config there is room for an answer', (limit, thinking) => {
  const transformers = [{ name: 'maxtoken', options: { max_tokens: limit } }];
  const body = { messages: [hello], max_tokens: 32_000, thinking: { type: 'enabled', budget_tokens: 16_000 } };
  for (const identity of [{ model: 'claude-sonnet-4-5' }, { model: 'x' }])
    expect(edit({ ...identity, protocol: 'anthropic', transformers }, body)['thinking']).toEqual(thinking);
});

describe('Anthropic', () => {
  const identity = { baseUrl: 'https://api.anthropic.com', protocol: 'anthropic', model: 'claude-opus-4-7' } as const;

  test('gets all of that as it is', () => {
    const body = { messages: [hello, system], cache_control: { type: 'ephemeral' }, max_tokens: 9 };
    expect(edit(identity, body)).toEqual(body);
  });

  test('is asked in the version of the config', () => {
    const { quirks } = find({ ...identity, anthropicVersion: '2027-01-01' });
    expect(quirks.headers).toEqual({ 'anthropic-version': '2027-01-01' });
  });

  test('runs its own tools, but its models elsewhere do not; neither takes thinking that it did not sign', () => {
    expect(find(identity).features.hostedTools).toBe(true);
    const elsewhere = find({ ...identity, baseUrl: 'https://models.example', name: 'mine' });
    expect(elsewhere.features.hostedTools).toBe(false);
    const parts = [
      { type: 'reasoning' as const, text: 'foreign' },
      { type: 'reasoning' as const, text: '', proof: { type: 'redacted' as const, data: 'R' } },
      { type: 'reasoning' as const, text: 'own', proof: { type: 'signature' as const, signature: 'S' } },
      { type: 'text' as const, text: 'x' },
    ];
    const request = createRequest(
      { messages: [{ role: 'assistant', parts }], tools: [], toolChoice: { type: 'auto' }, stream: true, sampling: {} },
      { dialect: 'anthropic-messages', body: {} },
    );
    const kept = elsewhere.quirks.request?.(request);
    expect(kept?.messages[0]?.parts).toEqual(parts.slice(1));
    expect(kept).not.toHaveProperty('source');
  });
});
