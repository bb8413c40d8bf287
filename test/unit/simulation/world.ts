import { GatewayError } from '../../../src/canonical/errors.ts';
import type { Usage } from '../../../src/canonical/events.ts';
import type { Clock } from '../../../src/gateway/clock.ts';
import type { Prices } from '../../../src/providers/prices.ts';

/** A linear congruential generator, so that a failure can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

export const prices: Prices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

const minute = 60_000;

/** A tier's usual latency in ms, how it drifts, and when it is out or limited: from and until, in minutes of each hour. */
type Tier = { baseMs: number; drift: number; periodMs: number; outages: [number, number]; limits: [number, number] };

const tiers: Record<string, Tier> = {
  a: { baseMs: 900, drift: 0.5, periodMs: 170 * minute, outages: [10, 13], limits: [40, 41] },
  b: { baseMs: 1300, drift: 0.4, periodMs: 110 * minute, outages: [25, 29], limits: [11, 12] },
  c: { baseMs: 1800, drift: 0.3, periodMs: 90 * minute, outages: [50, 53], limits: [27, 28] },
};

/** Tokens that a provider reads in a millisecond without its cache. */
const readSpeed = 20;
const cacheLifetimeMs = 5 * minute;

/** Time that passes by waiting alone, so that nothing sleeps. */
export function createJumpingClock(): Clock & { jump(ms: number): void } {
  let now = 1_700_000_000_000;
  const jump = (ms: number): void => void (now += ms);
  return {
    now: () => now,
    jump,
    after(delayMs, callback) {
      let isCancelled = false;
      queueMicrotask(() => {
        if (isCancelled) return;
        jump(delayMs);
        callback();
      });
      return () => void (isCancelled = true);
    },
  };
}

/** Three providers with prompt caches, whose latency drifts and that fail at times. */
export function createWorld(seed: number, clock: Clock & { jump(ms: number): void }) {
  const random = seeded(seed);
  const start = clock.now();
  const caches = new Map<string, { tokens: number; atMs: number }>();
  const tierOf = (name: string): Tier => {
    const found = tiers[name];
    if (!found) throw new Error(`There is no tier ${name}.`);
    return found;
  };
  const within = ([from, until]: [number, number], nowMs: number): boolean => {
    const at = ((nowMs - start) / minute) % 60;
    return at >= from && at < until;
  };
  const isUp = (name: string): boolean =>
    !within(tierOf(name).outages, clock.now()) && !within(tierOf(name).limits, clock.now());

  return {
    names: Object.keys(tiers),
    isUp,
    hasHealthy: () => Object.keys(tiers).some(isUp),
    /** Answers after the tier's latency. @throws GatewayError during an outage or a limit */
    answer(name: string, conversation: string, inputTokens: number): Usage {
      const tier = tierOf(name);
      if (within(tier.limits, clock.now())) {
        clock.jump(80);
        throw new GatewayError('rate-limited', 'Too many requests.', { retryAfterMs: 15_000 });
      }
      if (within(tier.outages, clock.now())) {
        clock.jump(400);
        throw new GatewayError('upstream', 'The server is down.');
      }
      const key = `${name} ${conversation}`;
      const held = caches.get(key);
      const isWarm = held !== undefined && clock.now() - held.atMs <= cacheLifetimeMs;
      const cacheReadTokens = isWarm ? Math.min(inputTokens, held.tokens) : 0;
      const phase = ((clock.now() - start) / tier.periodMs) * 2 * Math.PI;
      const noise = 0.9 + random() * 0.2;
      clock.jump(
        Math.round(
          tier.baseMs * (1 + tier.drift * Math.sin(phase)) * noise + (inputTokens - cacheReadTokens) / readSpeed,
        ),
      );
      caches.set(key, { tokens: inputTokens, atMs: clock.now() });
      return { inputTokens, outputTokens: 300, cacheReadTokens, cacheWriteTokens: inputTokens - cacheReadTokens };
    },
  };
}
