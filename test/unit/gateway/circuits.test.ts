import { describe, expect, it } from 'vitest';
import type { UpstreamCall, UpstreamReply } from '../../../src/gateway/upstream.ts';
import { chatChunk, createGatewayBench, createOpenStream, replyWith } from '../../support/gatewayBench.ts';

const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'], api_key: 'k' },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'], api_key: 'k' },
  ],
  Router: { default: 'one,m', think: 'two,m', tierRetries: { one: { max_retries: 4, base_backoff_ms: 1 }, two: { max_retries: 0 } } },
}; // prettier-ignore

const answer = (): UpstreamReply => replyWith(200, chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'));
const failure = (status = 500): UpstreamReply => replyWith(status, { error: { message: 'No.' } });

/** A gateway of two targets, one of which answers as `one` says. */
function gatewayWith(one: (call: UpstreamCall) => UpstreamReply, two = answer, changes: object = {}) {
  const bench = createGatewayBench({ ...config, ...changes }, (call) =>
    Promise.resolve(call.url.includes('one.test') ? one(call) : two()),
  );
  const start = (model = 'auto') =>
    bench.ask({ dialect: 'openai-chat', body: { model, messages: [{ role: 'user', content: 'Hi' }], stream: true } });
  /** The providers that one request asks, in order, such as `one two`. */
  async function ask(model = 'auto'): Promise<string> {
    const before = bench.calls.length;
    const { done } = start(model);
    for (let wait = 0; wait < 6; wait++) await bench.clock.advance(50);
    await done;
    return bench.calls.slice(before).map(({ url }) => url.slice(7, 10)).join(' ');
  }
  /** Whether the circuit of the first target is open, and for how many seconds. */
  function openSeconds(): number {
    return Math.max(0, bench.health.circuitUntilMs({ provider: 'one', model: 'm', tier: 'one' }) - bench.clock.now()) / 1000;
  }
  return { bench, start, ask, openSeconds };
} // prettier-ignore

describe('a target that fails again and again', () => {
  it('is asked last, until a probe finds that it answers again', async () => {
    let broken = true;
    const gateway = gatewayWith(() => (broken ? failure() : answer()));
    expect(await gateway.ask()).toBe('one one one one one two');
    expect(gateway.openSeconds()).toBeCloseTo(30, 0);
    expect(await gateway.ask()).toBe('two');
    expect(gateway.bench.records.at(-1)?.route?.candidates.map(({ position }) => position)).toEqual(['fallback', 'cooling-last']);
    expect(gateway.bench.logged.at(-1)).toMatch(/since one,m is on cooldown for \d+ s/);
    broken = false;
    await gateway.bench.clock.advance(30_000);
    expect([await gateway.ask(), gateway.openSeconds()]).toEqual(['one', 0]);
  }); // prettier-ignore

  it('is not retried when a probe fails, and waits longer for the next one', async () => {
    const gateway = gatewayWith(() => failure());
    await gateway.ask();
    await gateway.bench.clock.advance(30_000);
    expect(await gateway.ask()).toBe('one two');
    expect(gateway.openSeconds()).toBeCloseTo(60, 0);
    await gateway.bench.clock.advance(30_000);
    expect(await gateway.ask()).toBe('two');
    await gateway.bench.clock.advance(30_000);
    expect(await gateway.ask()).toBe('one two');
  });

  it('gets one probe, while concurrent requests go to the next target', async () => {
    const probe = createOpenStream();
    let probing = false;
    const gateway = gatewayWith((call) => (probing ? probe.reply(call) : failure()));
    await gateway.ask();
    await gateway.bench.clock.advance(30_000);
    probing = true;
    const before = gateway.bench.calls.length;
    // Both are routed and sent before either is answered.
    const [first, second] = [gateway.start(), gateway.start()];
    await second.done;
    expect(await gateway.ask()).toBe('two');
    expect(gateway.bench.calls.slice(before).map(({ url }) => url.slice(7, 10))).toEqual(['one', 'two', 'two']);
    probe.send(chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'));
    probe.end();
    await first.done;
    expect(await gateway.ask()).toMatch(/^one/);
    expect(first.received.headers['x-ccr-route']).toBe('one,m; reason=default; attempt=1');
  });

  it('can be probed by another request when the client of the probe hangs up', async () => {
    const silent = createOpenStream();
    let probing = false;
    const gateway = gatewayWith((call) => (probing ? silent.reply(call) : failure()));
    await gateway.ask();
    await gateway.bench.clock.advance(30_000);
    probing = true;
    const probe = gateway.start();
    await gateway.bench.clock.advance(10);
    probe.hangUp();
    await probe.done;
    probing = false;
    expect(await gateway.ask()).toBe('one two');
  });

  it('is still asked when no other target is left, the one first whose wait ends first', async () => {
    const gateway = gatewayWith(() => failure(), failure);
    await gateway.ask();
    for (let time = 0; time < 5; time++) await gateway.ask();
    expect(await gateway.ask()).toBe('one two');
    const alone = gatewayWith(() => failure(), failure, { Router: { default: 'one,m', tierRetries: config.Router.tierRetries } });
    await alone.ask();
    expect(alone.openSeconds()).toBeCloseTo(30, 0);
    expect(await alone.ask()).toBe('one one one one one');
  }); // prettier-ignore

  it.each([400, 422, 413])("is not what an answer of %i makes of it, which is the request's fault", async (status) => {
    const gateway = gatewayWith(() => failure(status));
    for (let time = 0; time < 8; time++) await gateway.ask();
    expect(gateway.openSeconds()).toBe(0);
  });

  it.each([401, 429])('is behind a cooldown, not a circuit, after %i', async (status) => {
    const gateway = gatewayWith(() => failure(status));
    for (let time = 0; time < 8; time++) {
      await gateway.ask();
      await gateway.bench.clock.advance(60_000);
    }
    expect(gateway.openSeconds()).toBe(0);
  });
});

describe('an answer that breaks off', () => {
  it('is the last failure of its target, until it answers again', async () => {
    const stream = createOpenStream();
    const gateway = gatewayWith((call) => (gateway.bench.calls.length > 1 ? answer() : stream.reply(call)));
    const { done } = gateway.start();
    stream.send(chatChunk({ content: 'Hel' }));
    await gateway.bench.clock.advance(10);
    stream.cut();
    await done;
    const history = () => gateway.bench.health.history({ provider: 'one', model: 'm', tier: 'one' });
    expect(history()).toMatchObject({
      isFailing: true,
      lastFailure: { message: expect.stringContaining('one,m') as string },
    });
    await gateway.ask();
    expect(history().isFailing).toBe(false);
  });

  it('is none of the target when the client hung up', async () => {
    const stream = createOpenStream();
    const gateway = gatewayWith((call) => stream.reply(call));
    const { done, hangUp } = gateway.start();
    stream.send(chatChunk({ content: 'Hel' }));
    await gateway.bench.clock.advance(10);
    hangUp();
    await done;
    expect(gateway.bench.health.history({ provider: 'one', model: 'm', tier: 'one' })).toMatchObject({
      isFailing: false,
    });
  });
});
