import { describe, expect, it } from 'vitest';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const answer = chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop');

/** Two targets; the first one has the limits and does not answer in time. */
function gatewayWith(limits: object, open = createOpenStream()) {
  const config = {
    Providers: [
      { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'] },
      { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'] },
    ],
    Router: { default: 'one,m', think: 'two,m', tierRetries: { one: { max_retries: 0, ...limits } } },
    API_TIMEOUT_MS: 50_000,
  };
  const bench = createGatewayBench(config, (call) =>
    Promise.resolve(call.url.includes('one.test') ? open.reply(call) : replyWith(200, answer)),
  );
  const ask = (stream: boolean) =>
    bench.ask({ dialect: 'openai-chat', body: { model: 'auto', messages: [{ role: 'user', content: 'Hi' }], stream } });
  return { bench, ask, open };
}

describe('the time limits of a tier', () => {
  it.each([
    ['the first content of a stream', { stream_first_event_timeout_ms: 3000, total_timeout_ms: 9000 }, true, 3000],
    ['a whole attempt', { stream_first_event_timeout_ms: 9000, total_timeout_ms: 4000 }, true, 4000],
    ['a whole answer, which has no first content', { stream_first_event_timeout_ms: 3000, total_timeout_ms: 4000 }, false, 4000],
    ['a whole answer, by API_TIMEOUT_MS if the tier has no limit', { stream_first_event_timeout_ms: 3000 }, false, 50_000],
  ])('end %s, and the next target answers', async (_, limits, stream, limitMs) => {
    const { bench, ask } = gatewayWith(limits);
    const { done, received } = ask(stream);
    await bench.clock.advance(limitMs - 1);
    expect(bench.calls).toHaveLength(1);
    await bench.clock.advance(1);
    await done;
    expect(bench.calls).toHaveLength(2);
    expect(bench.calls[0]?.signal.aborted).toBe(true);
    expect(received.text).toContain('Hi');
    expect(bench.records[0]?.attempts).toMatchObject([{ target: 'one,m', durationMs: limitMs, error: { kind: 'timeout' } }, { target: 'two,m' }]);
  }); // prettier-ignore

  it('end a stream that is silent after content, with an error', async () => {
    const { bench, ask, open } = gatewayWith({ stream_idle_timeout_ms: 2000 });
    const { done, received } = ask(true);
    open.send(chatChunk({ content: 'Hel' }));
    await bench.clock.advance(2000);
    await done;
    expect(received.text).toContain('one,m sent no more of its answer within 2 s.');
    expect(bench.calls).toHaveLength(1);
  });

  it('end a stream that never ends, by the limit of the whole attempt', async () => {
    const { bench, ask, open } = gatewayWith({ stream_idle_timeout_ms: 2000, total_timeout_ms: 5000 });
    const { done, received } = ask(true);
    for (let second = 0; second < 5; second++) {
      open.send(chatChunk({ content: 'more ' }));
      await bench.clock.advance(1000);
    }
    await done;
    expect(received.text).toContain('one,m did not finish its answer within 5 s.');
  });
});
