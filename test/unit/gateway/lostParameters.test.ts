// A client's parameters reach the provider, or a warning names them.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { chatChunk, createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'chats', api_base_url: 'http://chats.test/v1', models: ['c'] },
    { name: 'responds', api_base_url: 'http://responds.test/v1', models: ['r'], protocol: 'responses' },
    { name: 'anthropic', api_base_url: 'https://api.anthropic.com', models: ['claude-x'], protocol: 'anthropic' },
  ],
  Router: { default: 'chats,c' },
};

const answers: Record<string, string | object> = {
  c: chatChunk({ content: 'Hi' }, 'stop'),
  r: { id: 'r', status: 'completed', output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }] },
  'claude-x': { id: 'm', type: 'message', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn' },
};

async function ask(dialect: Asked['dialect'], body: JsonObject) {
  const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, answers[String(body['model'])] ?? '')));
  await bench.ask({ dialect, body }).done;
  const sent = JSON.parse(bench.calls[0]?.body ?? '{}') as JsonObject;
  return { sent, warnings: bench.records[0]?.warnings ?? [], logged: bench.logged };
}

const messages = [{ role: 'user', content: 'Go' }];
/** None of these providers has it, so the client's own JSON cannot be relayed. */
const hosted = [{ type: 'web_search' }];

describe('a provider of the same dialect gets all of them, even in a rewritten request', () => {
  it('Chat Completions', async () => {
    const own = { logprobs: true, top_logprobs: 2, logit_bias: { 1: 2 }, provider: { order: ['x'] } };
    const { sent, warnings } = await ask('openai-chat', { model: 'c', messages, tools: hosted, seed: 7, ...own });
    expect(sent).toMatchObject({ ...own, seed: 7 });
    expect(warnings).toEqual(['chats,c has no hosted tools: web_search left out of the request.']);
  });

  it('Responses', async () => {
    const own = { service_tier: 'priority', max_tool_calls: 3, top_logprobs: 2 };
    const { sent, warnings } = await ask('openai-responses', { model: 'r', input: 'Go', tools: hosted, ...own });
    expect(sent).toMatchObject(own);
    expect(warnings).toEqual(['responds,r has no hosted tools: web_search left out of the request.']);
  });

  it('Messages, except those that depend on something else', async () => {
    const foreign = { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm', signature: '' }, { type: 'text', text: 'Hi' }] }; // prettier-ignore
    const history = [...messages, foreign, ...messages];
    const own = { service_tier: 'standard_only', max_tokens: 10, context_management: { edits: [{ type: 'clear_thinking_20251015' }] } }; // prettier-ignore
    const { sent, warnings } = await ask('anthropic-messages', { model: 'claude-x', messages: history, ...own });
    expect(sent).toMatchObject({ service_tier: 'standard_only' });
    expect(sent).not.toHaveProperty('context_management');
    expect(warnings).toEqual([]);
  });
});

describe('a warning names the parameters that a provider does not have', () => {
  const chat = { messages, stop: ['END'], seed: 7, logprobs: true, presence_penalty: 0.5, user: 'u', metadata: { a: 'b' } }; // prettier-ignore
  it.each<[Asked['dialect'], JsonObject, string]>([
    ['openai-chat', { model: 'r', ...chat }, 'responds,r does not accept stop, seed, presence_penalty, logprobs'],
    [
      'openai-chat',
      { model: 'claude-x', ...chat },
      'anthropic,claude-x does not accept seed, presence_penalty, logprobs',
    ],
    ['openai-responses', { model: 'c', input: 'Go', max_tool_calls: 3, client_metadata: { a: 'b' } }, 'chats,c does not accept max_tool_calls'], // prettier-ignore
    ['anthropic-messages', { model: 'c', messages, mcp_servers: [{ name: 'm' }], stop_sequences: ['END'], context_management: { edits: [] } }, 'chats,c does not accept mcp_servers'], // prettier-ignore
  ])('%s', async (dialect, body, said) => {
    const { warnings, logged } = await ask(dialect, body);
    expect(warnings).toEqual([`${said}: left out of the request.`]);
    expect(logged.some((line) => line.startsWith('warn') && line.includes(said))).toBe(true);
  });

  it('but not those with no effect', async () => {
    const nothing = { logprobs: false, stop: [], frequency_penalty: 0, logit_bias: {}, service_tier: 'auto', n: 1 };
    const { warnings } = await ask('openai-chat', { model: 'r', messages, ...nothing });
    expect(warnings).toEqual([]);
  });
});
