// Fields of one maker at another's surface of its protocol.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { fitToSurface, messagesSurface } from '../../../src/providers/surfaces.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const answers: Record<string, object> = {
  anthropic: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'OK' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } }, // prettier-ignore
  responses: { object: 'response', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'OK' }] }] }, // prettier-ignore
};

async function ask(provider: object, dialect: 'anthropic-messages' | 'openai-responses', body: object) {
  const protocol = dialect === 'anthropic-messages' ? 'anthropic' : 'responses';
  const given = {
    name: 'somebody',
    api_base_url: 'http://some.test',
    models: ['m'],
    protocol,
    api_key: 'k',
    ...provider,
  };
  const config = { Providers: [given], Router: { default: `${given.name},${given.models[0]}` } };
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answers[protocol])));
  const headers = { 'anthropic-beta': 'context-management-2025-06-27,prompt-caching-scope-2026-01-05' };
  const { received, done } = bench.ask({ dialect, body: body as JsonObject, headers, query: '?beta=true' });
  await done;
  expect(received.status).toBe(200);
  const [call] = bench.calls;
  const sent = JSON.parse(call?.body ?? '{}') as JsonObject;
  return { sent, call, warnings: bench.records[0]?.warnings ?? [] };
}

const tool = { name: 'Read', description: 'r', input_schema: { type: 'object', properties: {} } };
const mark = { type: 'ephemeral' };
const plain = {
  model: 'auto',
  max_tokens: 100,
  system: [{ type: 'text', text: 'You are Claude Code.', cache_control: mark }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'hi', cache_control: mark }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Read', input: { caller: 1 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'x' }] }] },
  ],
  tools: [tool],
};
const scoped = { ...mark, scope: 'global', ttl: '1h' };
const own = {
  ...plain,
  system: [{ ...plain.system[0], cache_control: scoped }],
  messages: [
    plain.messages[0],
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't1', name: 'Read', input: { caller: 1 }, caller: { type: 'direct' } }],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'x', citations: null }] }],
    },
  ],
  tools: [{ ...tool, eager_input_streaming: true, strict: true, input_examples: [{}], allowed_callers: ['direct'] }],
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  speed: 'fast',
  container: { skills: [] },
  mcp_servers: [{ type: 'url', name: 'm', url: 'https://m.example' }],
  service_tier: 'auto',
  inference_geo: 'us',
  betas: ['x'],
  a_field_of_tomorrow: { x: 1 },
  output_config: { effort: 'high' },
};

const copies = [
  { name: 'somebody' },
  { name: 'glm', models: ['glm-5.2'] },
  { name: 'minimax', models: ['MiniMax-M3'] },
  { name: 'kimi', models: ['kimi-k3'] },
  { name: 'dashscope', models: ['qwen3.7-max'] },
  { name: 'lmstudio', models: ['qwen3.5'] },
  { name: 'ollama', models: ['llama3.1'] },
];

describe('the Messages protocol', () => {
  it.each(copies)('$name gets what is old of it', async (provider) => {
    const { sent, call, warnings } = await ask(provider, 'anthropic-messages', own);
    expect(sent).toEqual({ ...plain, model: expect.any(String), thinking: sent['thinking'] });
    expect(call?.headers).not.toHaveProperty('anthropic-beta');
    expect(call?.url).not.toContain('beta');
    const named = warnings.join();
    for (const name of ['mcp_servers', 'container', 'strict']) expect(named).toContain(name);
    for (const hint of ['context_management', 'eager', 'betas', 'cache_control']) expect(named).not.toContain(hint);
  });

  it.each([
    [{ name: 'anthropic', models: ['claude-opus-4-7'] }],
    [{ api_base_url: 'https://api.anthropic.com', models: ['claude-opus-4-7'] }],
    [{ transformer: { use: ['anthropic'] } }],
    [{ transformer: { use: ['identity'] } }],
  ])('%j gets all of it', async (provider) => {
    const { sent, call } = await ask(provider, 'anthropic-messages', own);
    expect(sent).toEqual({ ...own, model: expect.any(String) });
    expect(call?.headers['anthropic-beta']).toContain('context-management');
    expect(call?.url).toContain('?beta=true');
  });

  it.each([
    [{ models: ['claude-opus-4-7'] }, ['output_config']],
    [{ name: 'openrouter', models: ['anthropic/claude-opus-4-7'] }, ['output_config', 'service_tier']],
    [{ name: 'deepseek', models: ['deepseek-v4-pro'] }, ['output_config']],
  ])('%j gets %j beside', async (provider, more) => {
    const { sent } = await ask(provider, 'anthropic-messages', own);
    const known = [...Object.keys(plain), 'thinking', ...more];
    expect(Object.keys(sent).filter((name) => !known.includes(name))).toEqual([]);
    expect(more.every((name) => name in sent)).toBe(true);
  });

  it('an effort stays beside adaptive thinking, which is as new', async () => {
    const adaptive = { ...plain, thinking: { type: 'adaptive' }, output_config: { effort: 'low', task_budget: 1 } };
    const { sent } = await ask({}, 'anthropic-messages', adaptive);
    expect(sent['output_config']).toEqual({ effort: 'low' });
  });

  it('a deferred tool is declared once it was loaded, without the field', async () => {
    const body = { ...plain, tools: [tool, { ...tool, name: 'Later', defer_loading: true }] };
    const { sent } = await ask({}, 'anthropic-messages', body);
    expect((sent['tools'] as JsonObject[]).map(({ name }) => name)).toEqual(['Read']);
    expect(JSON.stringify(sent)).not.toContain('defer_loading');
  });

  it('a block of a tool that only Anthropic runs is left out', async () => {
    const search = [
      { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's1', content: [] },
      { type: 'text', text: 'Found.' },
    ];
    const messages = [...plain.messages, { role: 'assistant', content: search }, { role: 'user', content: 'And?' }];
    const { sent } = await ask({}, 'anthropic-messages', { ...plain, messages });
    expect(JSON.stringify(sent)).toContain('Found.');
    expect(JSON.stringify(sent)).not.toContain('server_tool_use');
  });

  it('what the user’s config adds stays', () => {
    const body = { ...plain, of_the_preset: 1, other: 2 };
    const fitted = fitToSurface(body, 'anthropic-messages', messagesSurface, ['of_the_preset']);
    expect(fitted).toEqual({ ...plain, of_the_preset: 1 });
  });
});

describe('the Responses protocol', () => {
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }], phase: 'x' }];
  const codex = {
    model: 'auto',
    input,
    instructions: 'You are Codex.',
    stream: false,
    store: false,
    tools: [
      {
        type: 'function',
        name: 'shell',
        parameters: { type: 'object', properties: {} },
        strict: false,
        defer_loading: false,
      },
    ],
    include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
    prompt_cache_key: 'key',
    client_metadata: { turn: '1' },
    service_tier: 'priority',
    safety_identifier: 'id',
    prompt_cache_retention: '24h',
    stream_options: { include_obfuscation: false },
    text: { verbosity: 'low' },
    metadata: { a: 'b' },
    truncation: 'auto',
  };

  it.each([
    [{}, ['prompt_cache_key', 'include', 'service_tier', 'metadata', 'truncation']],
    [{ name: 'vllm' }, ['prompt_cache_key', 'include', 'service_tier', 'metadata', 'truncation']],
    [{ name: 'xai', models: ['grok-4.6'] }, ['prompt_cache_key', 'include']],
    [{ name: 'groq', models: ['openai/gpt-oss-120b'] }, ['service_tier', 'metadata', 'truncation']],
    [{ name: 'lmstudio' }, ['truncation']],
    [{ name: 'ollama' }, ['truncation']],
    [
      { name: 'deepseek', models: ['deepseek-v4-pro'] },
      ['prompt_cache_key', 'include', 'service_tier', 'metadata', 'truncation'],
    ],
    [
      { name: 'openrouter', models: ['x/y'] },
      ['prompt_cache_key', 'include', 'service_tier', 'metadata', 'truncation', 'text', 'safety_identifier'],
    ],
  ])('%j gets %j of what Codex and SDKs send', async (provider, more) => {
    const { sent } = await ask(provider, 'openai-responses', codex);
    const always = ['model', 'input', 'instructions', 'stream', 'store', 'tools'];
    expect(
      Object.keys(sent)
        .filter((name) => !always.includes(name))
        .toSorted(),
    ).toEqual(more.toSorted());
    expect(JSON.stringify(sent['input'])).not.toContain('phase');
    expect(JSON.stringify(sent['tools'])).not.toContain('defer_loading');
    expect(sent['include'] ?? ['reasoning.encrypted_content']).toEqual(['reasoning.encrypted_content']);
  });

  it('OpenAI gets all of it', async () => {
    const { sent } = await ask({ name: 'openai', models: ['gpt-5.6'] }, 'openai-responses', codex);
    expect(sent).toEqual({ ...codex, model: 'gpt-5.6' });
  });

  it('an unknown server gets the fields that OpenAI does not know', async () => {
    const { sent } = await ask({}, 'openai-responses', { ...codex, repetition_penalty: 1.1 });
    expect(sent['repetition_penalty']).toBe(1.1);
    const strict = await ask({ name: 'xai', models: ['grok-4.6'] }, 'openai-responses', {
      ...codex,
      repetition_penalty: 1.1,
    });
    expect(strict.sent).not.toHaveProperty('repetition_penalty');
    expect(strict.warnings.join()).toContain('repetition_penalty');
  });
});

describe("Claude Code's request at an unknown copy of Messages", () => {
  it('is relayed with its adaptive thinking, and without the tools that a search would load', async () => {
    const file = new URL('../../fixtures/claude/claude-2.1.330-tool-search.json', import.meta.url);
    const { requests } = JSON.parse(readFileSync(file, 'utf8')) as { requests: { body: JsonObject }[] };
    const body = requests[0]?.body ?? {};
    const bench = createGatewayBench(
      {
        Providers: [{ name: 'some', api_base_url: 'http://some.test/v1', protocol: 'anthropic', models: ['m'] }],
        Router: { default: 'some,m' },
      },
      () => Promise.resolve(replyWith(400, { error: { type: 'invalid_request_error', message: 'Enough.' } })),
    );
    await bench.ask({ dialect: 'anthropic-messages', client: 'claude-code', body }).done;
    const sent = JSON.parse(bench.calls[0]?.body ?? '{}') as JsonObject;
    expect(sent['thinking']).toEqual(body['thinking']);
    expect(JSON.stringify(body['tools'])).toContain('"defer_loading":true');
    expect(JSON.stringify(sent['tools'])).not.toContain('defer_loading');
    expect((sent['tools'] as unknown[]).length).toBeLessThan((body['tools'] as unknown[]).length);
  });
});
