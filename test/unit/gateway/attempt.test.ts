import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const provider = { name: 'one', api_base_url: 'http://one.test/v1', api_key: 'key-of-one', models: ['m'] };
const configOf = (changes: object = {}) => ({
  Providers: [{ ...provider, ...changes }],
  Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
});
const request = {
  dialect: 'openai-chat' as const,
  body: { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
};
const streamed = chatChunk({ role: 'assistant', content: 'Hi' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';

describe('what a provider is sent', () => {
  it("has each header once, with the config's value", async () => {
    const headers = { Authorization: 'Bearer mine', 'Content-Type': 'application/json; charset=utf-8', 'X-Own': '1' };
    const bench = createGatewayBench(configOf({ extra_headers: headers }), () =>
      Promise.resolve(replyWith(200, streamed)),
    );
    await bench.ask(request).done;
    expect(bench.calls[0]?.headers).toEqual({
      accept: 'application/json, text/event-stream',
      'accept-encoding': 'gzip, deflate, br, zstd',
      authorization: 'Bearer mine',
      'content-type': 'application/json; charset=utf-8',
      'x-own': '1',
    });
  });
});

describe('the answer of a provider', () => {
  it.each([true, false])('whose connection breaks before its first bytes is retried: stream %s', async (stream) => {
    const broken: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('terminated')) }),
    };
    const config = configOf();
    const bench = createGatewayBench(
      { ...config, Router: { ...config.Router, tierRetries: { 'tier-0': { max_retries: 1 } } } },
      () =>
        Promise.resolve(
          bench.calls.length === 1 ? { status: 200, headers: {}, body: broken } : replyWith(200, streamed),
        ),
    );
    const { done, received } = bench.ask({ ...request, body: { ...request.body, stream } });
    await bench.clock.advance(1000);
    await done;
    expect(received.text).toContain('"content":"Hi"');
    expect(bench.records[0]?.attempts[0]?.error?.kind).toBe('connection');
  });

  it.each(['text/plain', 'application/octet-stream', 'Text/Event-Stream'])(
    'sent as %s is recognised as an event stream',
    async (type) => {
      const bench = createGatewayBench(configOf(), () =>
        Promise.resolve(replyWith(200, `: hello\n\n${streamed}`, { 'content-type': type })),
      );
      const { done, received } = bench.ask(request);
      await done;
      expect(received.text).toContain('"content":"Hi"');
    },
  );

  it.each([
    ['http://127.0.0.1:1234/v1', 'longer than the context that the model was loaded with'],
    ['http://one.test/v1', 'sent an empty answer."'],
  ])('may be empty, and the error says what that means at %s', async (url, words) => {
    const nothing = chatChunk({}, 'stop') + 'data: [DONE]\n\n';
    const bench = createGatewayBench(configOf({ api_base_url: url }), () => Promise.resolve(replyWith(200, nothing)));
    const { done, received } = bench.ask(request);
    await done;
    expect(received.status).toBe(502);
    expect(received.text).toContain(words);
  });

  it.each([
    ['oops', 'one,m: HTTP 502: oops'],
    ['<html><title>Bad Gateway</title>', 'one,m: HTTP 502: The provider answered with a web page: Bad Gateway'],
    [' ', 'one,m: HTTP 502 with an empty body.'],
    ['{}', 'one,m: HTTP 502 with an empty body.'],
    [{ error: { message: 'Busy.' } }, 'one,m: Busy.'],
  ])('is reported with its status if it is not JSON: %j', async (body, words) => {
    const bench = createGatewayBench(configOf(), () => Promise.resolve(replyWith(502, body)));
    const { done, received } = bench.ask(request);
    await done;
    expect(received.text).toContain(`"${words}"`);
  });

  it('is quoted without what looks like a key', async () => {
    const bench = createGatewayBench(configOf(), () =>
      Promise.resolve(replyWith(200, '<html>sk-abcdefghijkl1234567890', { 'content-type': 'text/html' })),
    );
    const { done, received } = bench.ask(request);
    await done;
    expect(received.text).toContain('it begins with: <html>[key]');
    expect(received.text.match(/one,m/g)).toHaveLength(1);
  });
});

describe('an exhausted plan', () => {
  it("is on cooldown until the date in the provider's error", async () => {
    const message = 'Usage limit reached for 5 hour. Your limit will reset at 2023-11-15 08:13:20';
    const bench = createGatewayBench(configOf({ transformer: { use: ['glm'] } }), () =>
      Promise.resolve(replyWith(429, { error: { code: '1308', message } })),
    );
    const { done, received } = bench.ask(request);
    await done;
    expect([received.status, received.headers['retry-after']]).toEqual([429, '7200']);
  });
});

describe('a redirect to another origin', () => {
  it('is named, and not retried', async () => {
    const bench = createGatewayBench(configOf(), () =>
      Promise.resolve(replyWith(302, '', { location: 'https://login.test/sign-in?next=1' })),
    );
    const { done, received } = bench.ask(request);
    await done;
    expect(bench.calls).toHaveLength(1);
    expect(received.text).toContain('redirects to https://login.test/sign-in (HTTP 302)');
    expect(received.text).toContain('Correct api_base_url.');
  });
});
