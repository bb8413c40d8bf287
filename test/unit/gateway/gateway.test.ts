import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', api_key: 'key-of-one', models: ['m'] },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'] },
    { name: 'plain', api_base_url: 'http://plain.test/v1', models: ['p'], transformer: { use: ['identity'] } },
    { name: 'answers', api_base_url: 'http://answers.test/v1', models: ['r'], protocol: 'responses' },
  ],
  Router: {
    default: 'one,m',
    think: 'two,m',
    tierRetries: { 'tier-0': { max_retries: 1 }, 'tier-1': { max_retries: 0 } },
  },
  Presets: { cool: { route: 'one,m', temperature: 0.1, top_k: 5 } },
};

const messages = [{ role: 'user', content: 'Hello' }];
const chat = (body: object = {}) => ({ dialect: 'openai-chat' as const, body: { model: 'gpt-4o', messages, ...body } });
const responses = (body: object = {}) => ({
  dialect: 'openai-responses' as const,
  body: { model: 'gpt-4o', input: 'Hello', stream: true, ...body },
});
const wholeAnswer = {
  id: 'x',
  model: 'real-model',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 2, completion_tokens: 1 },
};
const streamed = chatChunk({ role: 'assistant', content: 'Hi' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';

describe('an answer', () => {
  it('has the requested model name, and its route in the headers', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer)));
    const { done, received } = bench.ask(chat());
    await done;
    expect(JSON.parse(received.text)).toMatchObject({ model: 'gpt-4o', choices: [{ message: { content: 'Hi' } }] });
    expect(received.headers).toMatchObject({
      'x-ccr-tier': 'one',
      'x-ccr-route': 'one,m; reason=unknown-model; attempt=1',
      'x-request-id': 'req_1',
    });
  });

  it("sends the provider its own key and model, and never the client's", async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer)));
    await bench.ask({ ...chat(), headers: { authorization: 'Bearer client-secret', cookie: 'c=1' } }).done;
    const [call] = bench.calls;
    expect(call?.url).toBe('http://one.test/v1/chat/completions');
    expect(call?.headers).toMatchObject({ authorization: 'Bearer key-of-one' });
    expect(JSON.stringify(call)).not.toContain('client-secret');
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ model: 'm' });
  });

  it("uses the preset's parameters that the request does not set", async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer)));
    await bench.ask({ ...chat({ temperature: 0.9 }), preset: 'cool' }).done;
    await bench.ask({ ...chat(), preset: 'cool' }).done;
    expect(bench.calls.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { temperature: 0.9, top_k: 5 },
      { temperature: 0.1, top_k: 5 },
    ]);
  });

  it('thinks as much as the preset says, in any word for an effort, or as much as the model likes', async () => {
    const preset = (effort: unknown) => ({ cool: { route: 'one,m', reasoning_effort: effort } });
    const sent = async (effort: unknown): Promise<unknown> => {
      const bench = createGatewayBench({ ...config, Presets: preset(effort) }, () =>
        Promise.resolve(replyWith(200, wholeAnswer)),
      );
      await bench.ask({ ...chat(), preset: 'cool' }).done;
      return (JSON.parse(bench.calls[0]?.body ?? '') as Record<string, unknown>)['reasoning_effort'];
    };
    expect([await sent('low'), await sent('ultra'), await sent('default'), await sent(5)]).toEqual(['low', 'max', undefined, undefined]); // prettier-ignore
  });

  it('is streamed to the client even if the provider did not stream', async () => {
    const bench = createGatewayBench({ ...config, Router: { ...config.Router, forceNonStreaming: true } }, () =>
      Promise.resolve(replyWith(200, wholeAnswer)),
    );
    const { done, received } = bench.ask(chat({ stream: true }));
    await done;
    expect(JSON.parse(bench.calls[0]?.body ?? '')).not.toHaveProperty('stream', true);
    expect(received.text).toContain('"content":"Hi"');
    expect(received.text).toMatch(/\[DONE\]\n\n$/);
  });

  it('is collected for a client that does not stream if the provider streamed', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, streamed)));
    const { done, received } = bench.ask(chat());
    await done;
    expect(JSON.parse(received.text)).toMatchObject({ choices: [{ message: { content: 'Hi' } }] });
  });

  it('includes usage that a provider sends after the finish, but does not wait long for it', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(chat({ stream: true }));
    stream.send(chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'));
    await bench.clock.advance(900);
    expect(received.ended).toBe(false);
    await bench.clock.advance(100);
    await done;
    expect(received.ended).toBe(true);
  });

  it('is relayed frame by frame if nothing has to be rewritten', async () => {
    const odd = `data: {"id":"c","model":"real-model","odd_field":[1, 2],"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n`;
    const usage =
      'data: {"id":"c","model":"real-model","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1}}\n\n';
    const bench = createGatewayBench(config, () =>
      Promise.resolve(replyWith(200, odd + chatChunk({}, 'stop') + usage + 'data: [DONE]\n\n')),
    );
    const { done, received } = bench.ask(chat({ model: 'p', stream: true, seed: 7, unknown_field: true }));
    await done;
    expect(JSON.parse(bench.calls[0]?.body ?? '')).toMatchObject({
      seed: 7,
      unknown_field: true,
      stream_options: { include_usage: true },
    });
    expect(received.text).toContain('"model":"p","odd_field":[1, 2]');
    // The client did not ask for usage, but the gateway counts it.
    expect(received.text).not.toContain('"choices":[]');
    expect(bench.records[0]?.usage).toMatchObject({ inputTokens: 2, outputTokens: 1 });
  });
});

describe('what is passed on', () => {
  it("is the client's query, in a relay only", async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer)));
    await bench.ask({ ...chat({ model: 'p' }), query: '?beta=true' }).done;
    await bench.ask({ ...responses({ model: 'p' }), query: '?beta=true' }).done;
    expect(bench.calls.map(({ url }) => url)).toEqual([
      'http://plain.test/v1/chat/completions?beta=true',
      'http://plain.test/v1/chat/completions',
    ]);
  });

  it("are the provider's rate limit headers, and no other header of the provider", async () => {
    const headers = { 'x-ratelimit-remaining-requests': '7', 'openai-model': 'other', 'set-cookie': 'c=1' };
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer, headers)));
    const { done, received } = bench.ask(chat());
    await done;
    expect(received.headers).toMatchObject({ 'x-ratelimit-remaining-requests': '7' });
    expect(received.headers).not.toHaveProperty('openai-model');
    expect(received.headers).not.toHaveProperty('set-cookie');
  });
});

describe('what a provider lacks', () => {
  it('is left out of the request, with one warning for each target, not for each turn', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, streamed)));
    for (let turn = 0; turn < 3; turn++) await bench.ask(responses({ tools: [{ type: 'web_search' }] })).done;
    expect(bench.calls.map(({ body }) => JSON.parse(body) as object)).not.toContainEqual(
      expect.objectContaining({ tools: expect.anything() as unknown }),
    );
    expect(bench.records.map(({ warnings }) => warnings)).toEqual(
      Array.from({ length: 3 }, () => ['one,m has no hosted tools: web_search left out of the request.']),
    );
    expect(bench.logged.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });
});

describe('failures', () => {
  it('reach Codex once, in its own dialect, when no key works', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(401, { error: { message: 'bad key' } })));
    const { done, received } = bench.ask({ ...responses(), client: 'codex' });
    await done;
    expect(received.status).toBe(200);
    expect(received.text).toContain('response.failed');
    expect(received.text).toContain('"code":"invalid_prompt"');
    expect(received.text).toContain('one,m: bad key | two,m: bad key');
  });

  it.each([
    [400, { status: 400 }],
    [401, { status: 401 }],
    [429, { status: 429 }],
    [500, { status: 502 }],
  ])('of a provider with %i reach an SDK as such', async (status, expected) => {
    const bench = createGatewayBench(config, () =>
      Promise.resolve(replyWith(status, { error: { message: 'no' } }, { 'retry-after': '7' })),
    );
    const { done, received } = bench.ask(chat());
    while (await bench.clock.next());
    await done;
    expect(received).toMatchObject(expected);
    if (status === 429) expect(received.headers).toMatchObject({ 'retry-after': '7' });
  });

  it('before any content are retried, unnoticed by the client', async () => {
    const replies = [replyWith(503, { error: { message: 'busy' } }), replyWith(200, streamed)];
    const bench = createGatewayBench(config, () => Promise.resolve(replies.shift() ?? replyWith(500, {})));
    const { done, received } = bench.ask(chat({ stream: true }));
    while (await bench.clock.next());
    await done;
    expect(received.text).not.toContain('busy');
    expect(received.headers['x-ccr-route']).toContain('attempt=2');
  });

  it('after content end the stream with an error of its dialect', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(responses());
    stream.send(chatChunk({ content: 'Hi' }));
    await bench.clock.advance(1);
    stream.cut();
    await done;
    expect(bench.calls).toHaveLength(1);
    expect(received.text).toContain('"delta":"Hi"');
    expect(received.text.trim().split('\n\n').at(-1)).toContain('event: response.failed');
    expect(received.text).toContain('"code":"server_error"');
    expect(received.text).toContain('one,m: The provider closed the connection before the end of its answer.');
  });

  it('of a disabled provider say what to do, and another one answers', async () => {
    const off = [{ name: 'one', enabled: false as const, reason: 'ONE_KEY is not set.' }];
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer)), off);
    const { done, received } = bench.ask(chat());
    await done;
    expect(received.headers['x-ccr-tier']).toBe('two');
    expect(bench.records[0]?.warnings.join()).toContain('ONE_KEY is not set.');
  });

  it('of several choices are reported before any attempt', async () => {
    const bench = createGatewayBench(config, () => Promise.resolve(replyWith(200, wholeAnswer)));
    const { done, received } = bench.ask(chat({ n: 2 }));
    await done;
    expect(received.status).toBe(400);
    expect(bench.calls).toEqual([]);
  });

  it('of several choices are reported to a streaming client, even if the provider does not stream', async () => {
    const plain = { ...config, Router: { default: 'plain,p', forceNonStreaming: true } };
    const bench = createGatewayBench(plain, () => Promise.resolve(replyWith(200, wholeAnswer)));
    const { done, received } = bench.ask(chat({ n: 2, stream: true }));
    await done;
    expect([received.status, bench.calls]).toEqual([400, []]);
  });

  it('by too many streams are reported as overload', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const open = [bench.ask(chat({ stream: true })), bench.ask(chat({ stream: true }))];
    const { done, received } = bench.ask(chat({ stream: true }));
    await done;
    expect(received.status).toBe(503);
    for (const { hangUp } of open) hangUp();
    await Promise.all(open.map((each) => each.done));
  });
});

describe('time', () => {
  it('keeps a silent stream alive after 15 s, in events that reset the idle timer of Codex', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask({ ...responses(), client: 'codex' });
    await bench.clock.advance(14_999);
    expect(received.status).toBe(0);
    await bench.clock.advance(1);
    expect(received.status).toBe(200);
    expect(received.text.match(/event: response\.(\w+)/g)).toEqual([
      'event: response.created',
      'event: response.in_progress',
    ]);
    await bench.clock.advance(15_000);
    expect(received.text.match(/event: response\.in_progress/g)).toHaveLength(2);
    stream.send(streamed);
    await done;
    expect(received.text).toContain('response.completed');
    expect(received.text.match(/event: response\.created/g)).toHaveLength(1);
  });

  it('reports a failure in the stream after a keep-alive', async () => {
    let refuse: (() => void) | undefined;
    const bench = createGatewayBench(
      config,
      () => new Promise((resolve) => (refuse = () => resolve(replyWith(401, { error: { message: 'bad key' } })))),
    );
    const { done, received } = bench.ask({ ...responses(), client: 'codex' });
    await bench.clock.advance(15_000);
    refuse?.();
    await bench.clock.advance(1);
    refuse?.();
    await done;
    expect(received.text).toContain('"code":"invalid_prompt"');
  });

  it("aborts the provider's request at once when the client disconnects", async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, hangUp, received } = bench.ask(chat({ stream: true }));
    stream.send(chatChunk({ content: 'Hi' }));
    await bench.clock.advance(1);
    hangUp();
    expect(bench.calls[0]?.signal.aborted).toBe(true);
    await done;
    expect(received.ended).toBe(false);
    expect(bench.records[0]?.error?.kind).toBe('cancelled');
  });
});
