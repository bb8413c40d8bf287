import { spokenAll } from '../../../src/canonical/wording.ts';
import { describe, expect, it } from 'vitest';
import type { UsableConfig } from '../../../src/config/load.ts';
import { configSchema, type ProviderConfig } from '../../../src/config/schema.ts';
import { poolOf } from '../../../src/gateway/keyPool.ts';
import { createHealth } from '../../../src/routing/health.ts';
import type { Target } from '../../../src/routing/route.ts';
import { serviceHealth, targetViews } from '../../../src/server/targetHealth.ts';

const config = configSchema.parse({
  Providers: ['a', 'b', 'off'].map((name) => ({ name, api_base_url: `http://${name}/v1`, models: ['m'] })),
  Router: { default: 'a,m', think: 'b,m', background: 'off,m' },
  Presets: { deep: { route: 'b,deep' } },
});
const current = {
  config,
  providers: [
    { name: 'a', enabled: true },
    { name: 'b', enabled: true },
    { name: 'off', enabled: false, reason: 'no key' },
  ],
} as unknown as UsableConfig;
const [a, b] = [
  { provider: 'a', model: 'm', tier: 'a' },
  { provider: 'b', model: 'm', tier: 'b' },
];
const failed = (atMs: number) => ({ result: 'failed', atMs, kind: 'upstream', message: 'No luck.' }) as const;
const limited = (atMs: number) => ({ result: 'limited', atMs, kind: 'auth', message: 'Bad key.' }) as const;

function after(act: (health: ReturnType<typeof createHealth>) => void, nowMs = 10_000) {
  const health = createHealth();
  act(health);
  const views = targetViews(current, health, nowMs);
  const states = Object.fromEntries(views.map(({ target, state }) => [target, state]));
  return { views, states, service: serviceHealth(current, { status: 'healthy' }, views, nowMs) };
}

describe('the targets', () => {
  it('are those of routes, tiers and presets', () => {
    expect(after(() => undefined)).toMatchObject({
      states: { 'a,m': 'unknown', 'b,m': 'unknown', 'off,m': 'off', 'b,deep': 'unknown' },
      service: { status: 'healthy', reasons: [] },
    });
  });

  it('have their last failure, in the words of the provider, until they answer', () => {
    const { views } = after((health) => health.note(a, failed(9000)));
    expect(views[0]).toMatchObject({
      state: 'failing',
      lastFailure: { at: 9000, kind: 'upstream', message: 'No luck.' },
    });
    const answered = after((health) => {
      health.note(a, failed(9000));
      health.note(a, { result: 'answered', atMs: 9500 });
    });
    expect([answered.states['a,m'], answered.service.status]).toEqual(['ok', 'healthy']);
  });

  it('fail no longer ten minutes after an attempt that was not repeated', () => {
    const { states, service } = after((health) => health.note(a, failed(0)), 600_000);
    expect([states['a,m'], service.status]).toEqual(['unknown', 'healthy']);
  });
});

describe('the service', () => {
  it('is degraded while a fallback answers for a failing target, and names the failure without its words', () => {
    const { service, views } = after((health) => {
      health.note(a, limited(9000));
      health.coolDown(a, 70_000);
    });
    expect(views[0]).toMatchObject({ state: 'cooldown', retryAt: 70_000 });
    const reason = 'a,m failed 1 s ago (auth); others are tried first for 60 s.';
    expect(service).toEqual({ status: 'degraded', reasons: [reason], wording: [expect.anything()] });
    expect(service.wording.map((sentences) => spokenAll(sentences))).toEqual([reason]);
  });

  it('is down while no target can answer', () => {
    const { states, service } = after((health) => {
      for (let count = 0; count < 5; count++) health.note(a, failed(9000));
      health.note(b, failed(9000));
    });
    expect(states).toMatchObject({ 'a,m': 'open', 'b,m': 'failing' });
    expect(service.status).toBe('down');
  });
});

describe('a changed config', () => {
  it('ends failures, whose words stay', () => {
    const { views, service } = after((health) => {
      health.note(a, { ...failed(9000), key: 2 });
      health.clearCooldowns();
    });
    expect(views[0]).toMatchObject({ state: 'unknown', lastFailure: { at: 9000, message: 'No luck.', key: 2 } });
    expect(service).toEqual({ status: 'healthy', reasons: [], wording: [] });
  });
});

describe('the keys of a target', () => {
  it('are listed by their places while they are on cooldown', () => {
    const provider = { ...config.Providers[0], api_keys: ['first', 'second'] };
    const pool = { ...current, config: configSchema.parse({ ...config, Providers: [provider, ...config.Providers.slice(1)] }) };
    const health = createHealth();
    const [, second] = poolOf(pool.config.Providers[0] as ProviderConfig);
    health.coolDownKey(a as Target, second?.id ?? '', { scope: 'provider', untilMs: 70_000, isLimit: false });
    expect(targetViews(pool, health, 10_000)[0]?.keys).toEqual([{ key: 2, retryAt: 70_000, isLimit: false }]);
    expect(targetViews(pool, health, 70_000)[0]).not.toHaveProperty('keys');
  }); // prettier-ignore
});
