import { describe, expect, it } from 'vitest';
import { clientSecrets, createScrub, writingsOf } from '../../../src/gateway/scrub.ts';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

describe('createScrub', () => {
  const scrub = createScrub(['plain secret/1', 'plain secret/10', 'sk-abcdef!gh"ij']);

  it.each([
    ['as it is', 'Wrong: plain secret/1.', 'Wrong: [key].'],
    ['the longest one', 'plain secret/10', '[key]'],
    ['in a URL', 'at /x?k=plain%20secret%2F1&a', 'at /x?k=[key]&a'],
    ['in JSON', '{"k":"sk-abcdef!gh\\"ij"}', '{"k":"[key]"}'],
    ['what was left of it', 'Wrong: [key]!gh"ij', 'Wrong: [key]'],
    ['cut off', 'Wrong: plain sec', 'Wrong: [key]'],
    ['cut off within', 'Wrong: "plain sec…" and so on', 'Wrong: "[key]…" and so on'],
  ])('finds a secret %s', (_, text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  it.each([0, 1, 2, 3, 4, 5])('finds a secret in Base64 and Base64url, after %d other bytes', (before) => {
    const secret = '~~~???>>>~~~???>>>';
    for (const after of ['', 'x', 'xy', 'xyz']) {
      const bytes = Buffer.from('u'.repeat(before) + secret + after);
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        const written = bytes.toString(encoding);
        const left = createScrub([secret])(`"${written}"`);
        expect(left, written).toContain('[key]');
        // No more than the digits that other bytes have a part in.
        expect(left.length, left).toBeLessThanOrEqual('"[key]"'.length + 2 * (before + after.length) + 4);
      }
    }
  });

  it('knows the keys that a client sent, without their schemes and without placeholders', () => {
    expect(
      clientSecrets({
        authorization: 'Bearer key-of-bearer',
        'x-api-key': 'eight888',
        'api-key': 'none',
        cookie: 'session=1; other=2',
        accept: 'text/event-stream',
      }),
    ).toEqual(['key-of-bearer', 'eight888', 'session=1; other=2']);
    expect(clientSecrets({ 'api-key': 'key of spaces', cookie: 'seven77' })).toEqual(['key of spaces']);
  });

  it('writes a secret in every form', () => {
    expect(writingsOf('a "b"/c')).toEqual(
      expect.arrayContaining(['a "b"/c', 'a%20%22b%22%2Fc', 'a \\"b\\"/c', '6120226222 2f63'.replace(' ', '')]),
    );
  });

  it('keeps everything else', () => {
    for (const text of ['It is plain.', 'plain', 'a secret', '']) expect(scrub(text)).toBe(text);
  });
});

const secrets = { key: 'own key of one', other: 'other-key-of-one', header: 'header=of=one', query: 'query*of*one' };
const proxy = 'proxy-password';
const everySecret = Object.values(secrets).join(' ') + ` ${proxy}`;
const config = (changes: object = {}) => ({
  Providers: [
    {
      name: 'one',
      api_base_url: `http://one.test/v1?key=${secrets.query}`,
      api_key: secrets.key,
      api_keys: [secrets.other],
      extra_headers: { 'x-goog-api-key': secrets.header },
      models: ['m'],
      ...changes,
    },
  ],
  PROXY_URL: `http://someone:${proxy}@proxy.test:3128`,
  Router: { default: 'one,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
});
const wires = [
  ['openai', 'openai-chat', { messages: [{ role: 'user', content: 'Hi' }] }],
  ['openai', 'anthropic-messages', { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9 }],
  ['responses', 'openai-responses', { input: 'Hi' }],
  ['anthropic', 'anthropic-messages', { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9 }],
] as const;
const quoting = `You said ${everySecret}, ${'x'.repeat(1900)} ${everySecret}`;

/** Everything about a request that is visible outside. */
function shown(bench: ReturnType<typeof createGatewayBench>, received: { text: string; headers: object }): string {
  const records = bench.records.map((record) => [record, record.error?.message, record.error?.details]);
  return [received.text, JSON.stringify(received.headers), JSON.stringify(records), ...bench.logged].join('\n');
}

/** Not every dialect quotes an unreadable reply. */
function expectNoSecret(text: string, isQuoted = true): void {
  if (isQuoted) expect(text).toContain('[key]');
  for (const secret of [...Object.values(secrets), proxy]) {
    for (const written of [secret, encodeURIComponent(secret)]) expect(text).not.toContain(written.slice(0, 10));
  }
}

describe.each(wires)('an error of a provider that speaks %s, to a client of %s', (protocol, dialect, question) => {
  const ask = (bench: ReturnType<typeof createGatewayBench>, stream = true) =>
    bench.ask({ dialect, body: { model: 'auto', stream, ...question } });

  it.each([400, 401, 429, 500])('shows no secret that a %d quotes', async (status) => {
    for (const body of [{ error: { message: quoting, code: secrets.key } }, quoting, `<title>${quoting}</title>`]) {
      const bench = createGatewayBench(config({ protocol }), () => Promise.resolve(replyWith(status, body)));
      const { done, received } = ask(bench);
      await done;
      expectNoSecret(shown(bench, received));
    }
  });

  it('shows none that is inside a 200', async () => {
    for (const stream of [true, false]) {
      for (const body of [{ error: { message: quoting } }, `data: {"error":{"message":"${quoting}"}}\n\n`]) {
        const bench = createGatewayBench(config({ protocol }), () => Promise.resolve(replyWith(200, body)));
        const { done, received } = ask(bench, stream);
        await done;
        expectNoSecret(shown(bench, received));
      }
    }
  });

  it('shows none of a reply that cannot be read', async () => {
    for (const body of [`Hello ${quoting}`, `data: {"broken ${quoting}\n\n`, `data: broken ${quoting}\n\n`]) {
      const type = { 'content-type': body.startsWith('Hello') ? 'text/html' : 'text/event-stream' };
      const bench = createGatewayBench(config({ protocol }), () => Promise.resolve(replyWith(200, body, type)));
      const { done, received } = ask(bench);
      await done;
      expectNoSecret(shown(bench, received), body.startsWith('Hello'));
    }
  });
});

describe('an error', () => {
  it('in the middle of a stream shows no secret, while the answer may show what the client has sent', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config(), (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask({
      dialect: 'openai-chat',
      body: { model: 'auto', stream: true, messages: [{ role: 'user', content: `Is ${secrets.key} my key?` }] },
    });
    stream.send(chatChunk({ content: `Your key is ${secrets.key}. ` }));
    await bench.clock.advance(0);
    expect(received.text).toContain(secrets.key);
    received.text = '';
    stream.send(`data: {"error":{"message":"${quoting}"}}\n\n`);
    await done;
    expectNoSecret(shown(bench, received));
  });

  it('of the connection shows none either', async () => {
    const bench = createGatewayBench(config(), () => Promise.reject(new TypeError(`Bad proxy ${everySecret}`)));
    const { done, received } = bench.ask({ dialect: 'openai-chat', body: { model: 'auto', ...wires[0][2] } });
    await done;
    expectNoSecret(shown(bench, received));
  });
});

describe('a key in the query of api_base_url', () => {
  it("stays beside the client's own query", async () => {
    const bench = createGatewayBench(config(), () => Promise.resolve(replyWith(200, chatChunk({ content: 'Hi' }))));
    const { done } = bench.ask({
      dialect: 'openai-chat',
      body: { model: 'auto', stream: true, ...wires[0][2] },
      query: '?beta=true',
    });
    await done;
    expect(bench.calls[0]?.url).toBe('http://one.test/v1/chat/completions?key=query*of*one&beta=true');
  });
});

describe('what is relayed', () => {
  const api_base_url = `https://api.openai.com/v1?key=${secrets.query}`;
  const relaying = config({ name: 'openai', api_base_url, models: ['gpt-5'] });
  const routed = { ...relaying, Router: { default: 'openai,gpt-5' } };
  const body = (stream: boolean) => ({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9, stream });
  const whole = (content: string) => ({
    id: 'c',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  });

  it.each([true, false])(
    'keeps what the model writes, a key too, since it may quote a file (stream: %s)',
    async (stream) => {
      const text = `${chatChunk({ content: secrets.key })}${chatChunk({}, 'stop')}data: [DONE]\n\n`;
      const bench = createGatewayBench(routed, () =>
        Promise.resolve(replyWith(200, stream ? text : whole(secrets.key))),
      );
      for (const dialect of ['openai-chat', 'anthropic-messages', 'openai-responses'] as const) {
        const { received, done } = bench.ask({ dialect, body: { ...body(stream), input: 'Hi' } });
        await done;
        expect([received.status, received.text.includes(secrets.key)]).toEqual([200, true]);
      }
    },
  );

  it('has no key in an error amid the answer', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(routed, (call) => Promise.resolve(stream.reply(call)));
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: body(true) });
    stream.send(chatChunk({ content: 'Hello' }));
    await bench.clock.advance(0);
    stream.send(`data: {"error":{"message":"${quoting}"}}\n\n`);
    await done;
    expect(received.text).toContain('Hello');
    expectNoSecret(shown(bench, received));
  });

  it('has no key in a rate limit', async () => {
    for (const secret of [secrets.key, secrets.header]) {
      const headers = { 'x-ratelimit-limit': `10 of ${secret}` };
      const bench = createGatewayBench(routed, () => Promise.resolve(replyWith(200, whole('Hi'), headers)));
      const { received, done } = bench.ask({ dialect: 'openai-chat', body: body(false) });
      await done;
      expect(received.headers['x-ratelimit-limit']).toBe('10 of [key]');
      expectNoSecret(shown(bench, received));
    }
  });

  it('keeps rate limits few, short and printable', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`x-ratelimit-${at}`, '\u00e9'.repeat(5000)]),
    );
    const bench = createGatewayBench(routed, () => Promise.resolve(replyWith(200, whole('Hi'), many)));
    const { received, done } = bench.ask({
      dialect: 'openai-chat',
      body: { messages: [{ role: 'user', content: 'Hi' }] },
    });
    await done;
    const limits = Object.entries(received.headers).filter(([name]) => name.startsWith('x-ratelimit'));
    expect(limits.length).toBeLessThanOrEqual(40);
    for (const [, value] of limits) expect(value).toMatch(/^[ -~]{1,200}$/);
  });
});
