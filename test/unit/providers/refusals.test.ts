// What becomes of a refusal that no edit of the request can prevent.

import { afterEach, describe, expect, test } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import type { UpstreamCall } from '../../../src/gateway/upstream.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { loopClients } from '../../support/loopClients.ts';
import { askStandIn } from '../../support/standInAnswer.ts';
import { groq, groqRateLimited, groqTooLarge, groqToolUseFailed } from '../../upstream/providers/groq.ts';
import { Refusal } from '../../upstream/refusal.ts';
import { always, chatScript, toolScript, turn } from '../../upstream/scripts.ts';
import { startStandIn } from '../../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../../upstream/standIn.ts';
import type { Script } from '../../upstream/turn.ts';

const running: StandIn[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((standIn) => standIn.close()));
});

async function start(provider: ProviderName, script: Script = chatScript()): Promise<StandIn> {
  const standIn = await startStandIn({ provider, script });
  running.push(standIn);
  return standIn;
}

const asked = { messages: [{ role: 'user', content: 'Hello' }], stream: true };
const retries = { 'tier-0': { max_retries: 1, base_backoff_ms: 0 } };

describe('Groq', () => {
  const config = (standIn: { url: string }, more: object[] = []) => ({
    Providers: [{ name: 'groq', api_base_url: standIn.url, api_key: 'k', models: ['openai/gpt-oss-120b'] }, ...more],
    Router: { default: 'groq,openai/gpt-oss-120b', tierRetries: retries },
  });

  test('a call that the model wrote wrongly is asked for again', async () => {
    const { status, message = '', code } = groqToolUseFailed;
    const failed = groq.errorBody(new Refusal(message, status, code), {});
    const replies = [replyWith(status, failed), replyWith(200, chatChunk({ content: 'Better.' }, 'stop'))];
    const bench = createGatewayBench(
      config({ url: 'http://groq.test/v1' }),
      async () => replies.shift() ?? replyWith(500, {}),
    );
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: asked });
    await bench.clock.advance(1000);
    await done;
    expect(received.status).toBe(200);
    expect(bench.records[0]?.attempts.map(({ error }) => error?.kind)).toEqual(['upstream', undefined]);
  });

  test('a limit per minute states the time to wait', async () => {
    const standIn = await start('groq', always(groqRateLimited));
    const bench = createGatewayBench(config(standIn), askStandIn);
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: asked });
    await done;
    expect(received).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    expect(received.text).toContain('tokens per minute (TPM): Limit 6000');
    expect(standIn.requests).toHaveLength(1);
  });

  test('a request above the limit of a whole minute goes to the route for long ones', async () => {
    const standIn = await start('groq', always(groqTooLarge));
    const roomy = await start('deepseek');
    const provider = { name: 'deepseek', api_base_url: roomy.url, api_key: 'k', models: ['d'] };
    const both = config(standIn, [provider]);
    const bench = createGatewayBench(
      { ...both, Router: { ...both.Router, longContext: 'deepseek,d', tiers: ['groq,openai/gpt-oss-120b'] } },
      askStandIn,
    );
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: asked });
    await done;
    expect(received.status).toBe(200);
    expect([standIn.requests.length, roomy.requests.length]).toEqual([1, 1]);
  });
});

test('DashScope says no in an event, whose words reach the client', async () => {
  const standIn = await start('qwen', always({ kind: 'refuse', status: 400, message: 'Range of n should be [1, 4]' }));
  const provider = { name: 'qwen', api_base_url: standIn.url, api_key: 'k', models: ['qwen3.7-max'] };
  const bench = createGatewayBench({ Providers: [provider], Router: { default: 'qwen,qwen3.7-max' } }, askStandIn);
  const { received, done } = bench.ask({ dialect: 'openai-chat', body: asked });
  await done;
  expect(JSON.parse(received.text)).toMatchObject({
    error: { message: 'qwen,qwen3.7-max refused the request: Range of n should be [1, 4]' },
  });
});

describe('reasoning that a provider does not know again', () => {
  const results = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And now?' }] };

  test('xAI: is left out, once', async () => {
    const standIn = await start('xai-responses');
    const provider = {
      name: 'xai',
      api_base_url: standIn.url,
      api_key: 'k',
      models: ['grok-4.6'],
      protocol: 'responses',
    };
    const bench = createGatewayBench({ Providers: [provider], Router: { default: 'xai,grok-4.6' } }, askStandIn);
    const said = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'of-another-account' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] },
    ];
    const { received, done } = bench.ask({
      dialect: 'openai-responses',
      body: { input: [results, ...said, results], store: false },
    });
    await done;
    expect(received.status).toBe(200);
    expect(standIn.requests.map(({ refusal }) => refusal?.slice(0, 17))).toEqual(['Could not decrypt', undefined]);
  });

  test.each(['claude', 'gemini', 'openai'] as const)('OpenRouter’s %s: is left out, once', async (openrouter) => {
    const standIn = await startStandIn({ provider: 'openrouter', script: chatScript(), openrouter });
    running.push(standIn);
    const provider = { name: 'openrouter', api_base_url: standIn.url, api_key: 'k', models: ['m'] };
    const bench = createGatewayBench({ Providers: [provider], Router: { default: 'openrouter,m' } }, askStandIn);
    const details = [{ type: 'reasoning.text', text: 'Hm.', signature: 'old', data: 'old', index: 0 }];
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi.', reasoning_details: details },
      { role: 'user', content: 'And now?' },
    ];
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: { messages, stream: true } });
    await done;
    expect(received.status).toBe(200);
    expect(standIn.requests).toHaveLength(2);
    expect(standIn.requests[0]?.refusal).toBeDefined();
    expect(JSON.stringify(standIn.requests[1]?.body)).not.toContain('old');
  });
});

describe('a model that can’t be told not to think', () => {
  const off: [DialectId, object][] = [
    ['anthropic-messages', { max_tokens: 1000, thinking: { type: 'disabled' } }],
    ['openai-chat', { reasoning_effort: 'none' }],
    ['openai-chat', { reasoning: { enabled: false } }],
    ['openai-responses', { reasoning: { effort: 'none' }, input: 'Hello', messages: undefined }],
  ];

  test.each(off)('%s: is retried without an effort, and later requests omit it', async (dialect, more) => {
    const standIn = await start('openrouter');
    const provider = { name: 'openrouter', api_base_url: standIn.url, api_key: 'k', models: ['stealth/ox-alpha'] };
    const bench = createGatewayBench(
      { Providers: [provider], Router: { default: 'openrouter,stealth/ox-alpha' } },
      askStandIn,
    );
    for (const requests of [2, 3]) {
      const { received, done } = bench.ask({ dialect, body: { ...asked, ...more } });
      await done;
      expect(received.status, received.text).toBe(200);
      expect(standIn.requests).toHaveLength(requests);
    }
    expect(standIn.requests.map(({ refusal }) => refusal?.slice(0, 22))).toEqual([
      'Reasoning is mandatory',
      undefined,
      undefined,
    ]);
  });
});

test.each(['none', 'high'])('an effort that a model at an unknown host lacks: %s', async (effort) => {
  const standIn = await start('openai-chat');
  const provider = { name: 'plain', api_base_url: standIn.url, api_key: 'k', models: ['gpt-4o'] };
  const bench = createGatewayBench({ Providers: [provider], Router: { default: 'plain,gpt-4o' } }, askStandIn);
  for (const requests of [2, 3]) {
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: { ...asked, reasoning_effort: effort } });
    await done;
    expect(received.status, received.text).toBe(200);
    expect(standIn.requests).toHaveLength(requests);
  }
});

describe('OpenAI, where Chat Completions takes no tools', () => {
  const efforts = {
    'openai-chat': { reasoning_effort: 'high' },
    'openai-responses': { reasoning: { effort: 'high' } },
    'anthropic-messages': { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
  } as const;
  const dialects: DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

  test.each(['https://api.openai.com/v1', 'https://api.openai.com/v1/chat/completions'])(
    '%s: tools go to the Responses API, with the effort asked for',
    async (url) => {
      const responses = await start('openai-responses', toolScript({ cmd: 'ls' }, 'Done.'));
      const chat = await start('openai-chat', always(turn({ text: 'Chat.' })));
      const answer = (call: UpstreamCall) => {
        const { url: base } = call.url === 'https://api.openai.com/v1/responses' ? responses : chat;
        return askStandIn({ ...call, url: call.url.replace('https://api.openai.com/v1', base) });
      };
      const provider = { name: 'mine', api_base_url: url, api_key: 'k', models: ['gpt-5.6'] };
      const bench = createGatewayBench({ Providers: [provider], Router: { default: 'mine,gpt-5.6' } }, answer);
      for (const dialect of dialects) {
        const client = loopClients[dialect];
        const conversation = [client.user('Go')];
        for (const text of ['', 'Done.']) {
          const question = { ...client.ask(conversation, true), ...efforts[dialect] };
          const { received, done } = bench.ask({ dialect, body: question });
          await done;
          expect(received.status, received.text).toBe(200);
          const understood = client.read(received.text, true);
          expect(understood.text).toBe(text);
          conversation.push(...client.forget(understood.said), ...client.results(understood.calls, 'ok'));
        }
      }
      expect(responses.requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
      expect(responses.requests).toHaveLength(6);
      expect(responses.requests[1]).toMatchObject({ body: { reasoning: { effort: 'high' } } });
      expect(responses.requests[1]?.replays).toMatchObject([{ verbatim: true }]);
      const { done } = bench.ask({ dialect: 'openai-chat', body: asked });
      await done;
      expect(chat.requests).toHaveLength(1);
    },
  );

  test('elsewhere they stay, without an effort', async () => {
    const chat = await start('openai-chat', toolScript({ cmd: 'ls' }));
    const provider = { name: 'openai', api_base_url: chat.url, api_key: 'k', models: ['gpt-5.6'] };
    const bench = createGatewayBench({ Providers: [provider], Router: { default: 'openai,gpt-5.6' } }, askStandIn);
    const client = loopClients['openai-chat'];
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: client.ask([client.user('Go')], true) });
    await done;
    expect(received.status).toBe(200);
    expect(chat.requests[0]).toMatchObject({ path: '/v1/chat/completions', body: { reasoning_effort: 'none' } });
  });
});
