import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

// The memory restores earlier reasoning for a provider that needs it, even if another provider wrote it.

const config = {
  Providers: [
    { name: 'groq', api_base_url: 'http://groq.test/v1', models: ['g'] },
    { name: 'deepseek', api_base_url: 'http://deepseek.test/v1', models: ['d'] },
    { name: 'kimi', api_base_url: 'http://kimi.test/v1', models: ['k'] },
  ],
  Router: { default: 'groq,g', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

const thoughts: Record<string, object> = {
  groq: { reasoning: 'Groq thinks.' },
  deepseek: { reasoning_content: 'DeepSeek thinks.' },
  kimi: { content: '◁think▷Kimi thinks.◁/think▷' },
};

const call = { id: 'call_0', type: 'function', function: { name: 'ls', arguments: '{}' } };
const user = { role: 'user', content: 'Look.' };
/** A turn as a client without support for reasoning sends it back. */
const turn = [
  { role: 'assistant', content: null, tool_calls: [call] },
  { role: 'tool', tool_call_id: 'call_0', content: 'r' },
];

it.each([
  ['with an id of the client', { 'session-id': 'one' }],
  ['without one', {}],
])('%s', async (_name, headers) => {
  const bench = createGatewayBench(config, ({ url }) => {
    const delta = thoughts[new URL(url).hostname.split('.')[0] ?? ''] ?? {};
    const tool = chatChunk({ tool_calls: [{ index: 0, ...call }] });
    return Promise.resolve(replyWith(200, `${chatChunk(delta)}${tool}${chatChunk({}, 'tool_calls')}data: [DONE]\n\n`));
  });
  const messages: object[] = [user];
  for (const model of ['groq,g', 'deepseek,d', 'kimi,k', 'deepseek,d', 'groq,g']) {
    const body = { model, messages, tools: [{ type: 'function', function: { name: 'ls', parameters: {} } }] };
    await bench.ask({ dialect: 'openai-chat', body, headers: { ...headers } }).done;
    messages.push(...turn);
  }
  const known = bench.calls.map(({ body }) =>
    (JSON.parse(body) as { messages: JsonObject[] }).messages
      .filter(({ role }) => role === 'assistant')
      .map(({ reasoning_content: text, reasoning }) => text ?? reasoning),
  );
  const all = ['Groq thinks.', 'DeepSeek thinks.', 'Kimi thinks.'];
  // Groq rejects the field, so it is not sent.
  expect(known).toEqual([[], all.slice(0, 1), all.slice(0, 2), all, [undefined, undefined, undefined, undefined]]);
});
