import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'] },
  ],
  Router: { default: 'one,m', think: 'two,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

const request = {
  dialect: 'openai-chat' as const,
  body: { model: 'auto', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
};
const streamed = chatChunk({ role: 'assistant', content: 'Hi' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n';

describe("a provider's connection", () => {
  it.each([
    ['an error inside a 200', 'data: {"error":{"message":"overloaded"}}\n\n'],
    ['something that is no event', 'data: <html>\n\n'],
    ['an answer that ends empty', chatChunk({}, 'stop') + 'data: [DONE]\n\n'],
  ])('is released after %s, even if the body never ends', async (_, text) => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) =>
      Promise.resolve(bench.calls.length === 1 ? stream.reply(call) : replyWith(200, streamed)),
    );
    const { done, received } = bench.ask(request);
    stream.send(text);
    await bench.clock.advance(5_000);
    await done;
    expect(received.text).toContain('"content":"Hi"');
    expect(bench.calls[0]?.signal.aborted).toBe(true);
  });

  it('is released when nothing follows the finish', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(request);
    stream.send(chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'));
    await bench.clock.advance(1_000);
    await done;
    expect(received.ended).toBe(true);
    expect(bench.calls[0]?.signal.aborted).toBe(true);
  });

  it('is released even if frames keep coming after the finish', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received } = bench.ask(request);
    stream.send(chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'));
    for (let time = 0; time < 19; time++) {
      await bench.clock.advance(500);
      expect(received.ended).toBe(false);
      stream.send(': still here\n\n');
    }
    await bench.clock.advance(500);
    expect(received.ended).toBe(true);
    await done;
  });

  it('can be reused: the end of the body is read after the answer has ended', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done } = bench.ask(request);
    stream.send(streamed);
    await done;
    expect(bench.calls[0]?.signal.aborted).toBe(false);
    stream.end();
    await bench.clock.advance(10_000);
    expect(bench.calls[0]?.signal.aborted).toBe(false);
  });

  it('is closed when the body does not end soon after the answer', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done } = bench.ask(request);
    stream.send(streamed);
    await done;
    await bench.clock.advance(1_000);
    expect(bench.calls[0]?.signal.aborted).toBe(true);
  });
});

describe('limits', () => {
  it('give a non-streamed reply the time of the whole attempt', async () => {
    const answered = Promise.withResolvers<ReturnType<typeof replyWith>>();
    const bench = createGatewayBench(config, () => answered.promise);
    const { done, received } = bench.ask({ ...request, body: { ...request.body, stream: false } });
    await bench.clock.advance(300_000);
    expect(bench.calls[0]?.signal.aborted).toBe(false);
    answered.resolve(replyWith(200, { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }));
    await done;
    expect(received.status).toBe(200);
  });

  it('do not blame the provider for a slow client', async () => {
    const stream = createOpenStream();
    const bench = createGatewayBench(config, (call) => Promise.resolve(stream.reply(call)));
    const { done, received, stall } = bench.ask(request);
    const goOn = stall();
    stream.send(chatChunk({ content: 'Hi' }));
    await bench.clock.advance(300_000);
    expect(bench.calls[0]?.signal.aborted).toBe(false);
    goOn();
    stream.send(chatChunk({ content: ' there' }) + chatChunk({}, 'stop') + 'data: [DONE]\n\n');
    await done;
    expect(received.text).toContain('[DONE]');
    expect(received.text).not.toContain('keep-alive');
  });
});
