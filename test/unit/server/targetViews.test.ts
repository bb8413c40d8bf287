import { describe, expect, it } from 'vitest';
import type { ConfigHealth } from '../../../src/config/health.ts';
import type { ProviderStatus } from '../../../src/config/providers.ts';
import type { UpstreamReply } from '../../../src/gateway/upstream.ts';
import { gatewayStatus, targetViews } from '../../../src/server/targetViews.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const none = { max_retries: 0 };
const config = {
  Providers: [
    { name: 'one', api_base_url: 'http://one.test/v1', models: ['m'], api_keys: ['key-one', 'key-two'], tier_name: 'first' },
    { name: 'two', api_base_url: 'http://two.test/v1', models: ['m'], api_key: 'key-three' },
  ],
  Router: { default: 'one,m', think: 'two,m', tierRetries: { first: none, two: none } },
  Presets: { fast: { route: 'two,n' } },
}; // prettier-ignore

const on: ProviderStatus[] = ['one', 'two'].map((name) => ({ name, enabled: true }));
const wellFormed: ConfigHealth = { status: 'healthy' };
const answer = (): UpstreamReply => replyWith(200, chatChunk({ content: 'Hi' }) + chatChunk({}, 'stop'));
const refusal = (status: number, message: string): UpstreamReply => replyWith(status, { error: { message } });

/** A gateway whose providers answer by a script, each reply for the provider that is asked next. */
function gatewayWith(script: (() => UpstreamReply)[], providers = on) {
  const bench = createGatewayBench(config, () => Promise.resolve((script.shift() ?? answer)()));
  const views = () =>
    targetViews({ config: bench.config(), providers, health: bench.health, nowMs: bench.clock.now() });
  return {
    bench,
    views,
    view: (name: string) => views().find(({ target }) => target === name),
    status: (health = wellFormed) => gatewayStatus(bench.config(), health, views()),
    async ask(content = 'Hello', model = 'auto') {
      const body = { model, messages: [{ role: 'user', content }], stream: true };
      await bench.ask({ dialect: 'openai-chat', body }).done;
    },
  };
}

describe('the targets in the state', () => {
  it('are those that the config names, tiers first, and others that clients ask for', async () => {
    const gateway = gatewayWith([]);
    expect(gateway.views()).toEqual([
      { target: 'one,m', tier: 'first', state: 'untried' },
      { target: 'two,m', tier: 'two', state: 'untried' },
      { target: 'two,n', tier: 'two', state: 'untried' },
    ]);
    expect(gateway.status()).toEqual({ status: 'healthy', reasons: [] });
  });

  it('say when a target answered, and how fast', async () => {
    const gateway = gatewayWith([]);
    await gateway.ask();
    expect(gateway.view('one,m')).toMatchObject({ state: 'ok', lastSuccessAt: gateway.bench.clock.now(), firstTokenMs: 0 });
  }); // prettier-ignore

  it("say why one failed in the provider's words, without its key and the prompt", async () => {
    const prompt = 'the secret plans of the moon base';
    const words = `Bad key key-three for "${prompt}"`;
    const gateway = gatewayWith([() => refusal(500, 'Down.'), () => refusal(500, words)]);
    await gateway.ask(prompt);
    expect(gateway.view('one,m')).toMatchObject({ state: 'failing', lastFailure: { kind: 'upstream', message: 'Down.', key: 1 } });
    const { message = '' } = gateway.view('two,m')?.lastFailure ?? {};
    expect(message).toMatch(/^Bad key/);
    expect(message).not.toMatch(/key-three|moon/);
  }); // prettier-ignore

  it('have the cooldowns of keys, and answer with another one', async () => {
    const gateway = gatewayWith([() => refusal(401, 'Who?')]);
    await gateway.ask();
    const at = gateway.bench.clock.now();
    expect(gateway.view('one,m')).toMatchObject({
      state: 'ok',
      lastFailure: { at, kind: 'auth', message: 'Who?', key: 1 },
      keys: [{ key: 1, retryAt: at + 60_000, isLimit: false }],
    });
    expect(gateway.status().status).toBe('healthy');
  });

  it('are off with their provider', () => {
    const off: ProviderStatus[] = [{ name: 'one', enabled: true }, { name: 'two', enabled: false, reason: 'no key' }]; // prettier-ignore
    expect(gatewayWith([], off).view('two,m')?.state).toBe('off');
    expect(gatewayWith([], []).status().status).toBe('down');
  });
});

describe('the status', () => {
  const limited = () => replyWith(429, { error: { message: 'Slow down.' } }, { 'retry-after': '30' });

  it('is degraded while a fallback has to answer, until the target answers again', async () => {
    const gateway = gatewayWith([limited, limited]);
    await gateway.ask();
    const { status, reasons } = gateway.status();
    expect([status, gateway.view('one,m')?.state, gateway.view('two,m')?.state]).toEqual(['degraded', 'cooldown', 'ok']);
    expect(reasons).toEqual([
      expect.stringMatching(/^one,m failed at .* UTC \(rate-limited\): Slow down\. Other targets are asked first until .* UTC\.$/),
    ]);
    await gateway.bench.clock.advance(30_000);
    expect([gateway.status().status, gateway.view('one,m')?.state]).toEqual(['degraded', 'failing']);
    await gateway.ask();
    expect([gateway.status().status, gateway.view('one,m')?.state]).toEqual(['healthy', 'ok']);
  }); // prettier-ignore

  it('is down while every target would fail, and unknown once one is asked again', async () => {
    const gateway = gatewayWith([limited, limited, limited]);
    await gateway.ask();
    expect(gateway.status().status).toBe('down');
    expect(gateway.status().reasons).toHaveLength(2);
    await gateway.bench.clock.advance(30_000);
    expect(gateway.status().status).toBe('degraded');
  });

  it('no longer counts a failure once the config has changed', async () => {
    const gateway = gatewayWith([limited, limited, limited]);
    await gateway.ask();
    gateway.bench.health.clearCooldowns();
    expect(gateway.status()).toEqual({ status: 'healthy', reasons: [] });
    expect(gateway.view('one,m')).toMatchObject({ state: 'untried', lastFailure: { message: 'Slow down.' } });
  });

  it("does not count a client's mistake", async () => {
    const gateway = gatewayWith([() => refusal(400, 'No such parameter.')]);
    await gateway.ask();
    expect(gateway.view('one,m')).toEqual({ target: 'one,m', tier: 'first', state: 'untried' });
  });

  it('has the reasons of the config first', () => {
    const gateway = gatewayWith([]);
    expect(gateway.status({ status: 'degraded', reasons: ['No key.'] })).toEqual({ status: 'degraded', reasons: ['No key.'] });
  }); // prettier-ignore
});
