import { describe, expect, it } from 'vitest';
import { createPlaces } from '../../../src/gateway/places.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';

/** How many places a client gets at most. */
function fill(places: ReturnType<typeof createPlaces>, client: string): number {
  for (let count = 0; ; count++) {
    try {
      places.take(client);
    } catch {
      return count;
    }
  }
}

describe('createPlaces', () => {
  it('gives all places of a small limit to one client, and a place back once', () => {
    const places = createPlaces(2, 'streams');
    const leave = places.take('a');
    places.take('a');
    expect(() => places.take('b')).toThrow('CCR is already answering 2 streams. Try again, or raise --max-streams.');
    leave();
    places.take('b');
    expect(() => places.take('b')).toThrow('2 streams');
  });

  it('keeps places for other clients', () => {
    const places = createPlaces(100, 'streams');
    expect(fill(places, 'greedy')).toBe(75);
    expect(() => places.take('greedy')).toThrow('75 streams of this client and keeps the remaining places for others');
    expect(fill(places, 'second')).toBe(25);
    expect(() => places.take('third')).toThrow('100 streams');
  });

  it('says when to try again', () => {
    const places = createPlaces(1, 'streams');
    places.take('a');
    expect(() => places.take('a')).toThrow(
      expect.objectContaining({ kind: 'overloaded', details: { retryAfterMs: 2_000 } }),
    );
  });
});

describe('the gateway', () => {
  it('limits requests for whole answers apart from streams, and frees the place of one that has ended', async () => {
    const config = {
      Providers: [{ name: 'a', api_base_url: 'https://a.test/v1', api_key: 'key-of-a', models: ['m'] }],
      Router: { default: 'a,m' },
    };
    const bench = createGatewayBench(
      config,
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const ask = (stream: boolean) =>
      bench.ask({
        dialect: 'openai-chat',
        body: { model: 'auto', stream, messages: [{ role: 'user', content: 'Hello' }] },
      });
    const [first] = [ask(false), ask(false)];
    const third = ask(false);
    await third.done;
    expect(third.received.status).toBe(503);
    expect(third.received.headers).toMatchObject({ 'retry-after': '2' });
    expect(third.received.text).toContain('already answering 2 requests for whole answers');
    ask(true);
    first?.hangUp();
    await first?.done;
    ask(false);
    expect(bench.calls).toHaveLength(4);
    expect(await bench.metrics.text()).toContain('ccr_rejected_streams_total 1');
  });
});
