import { describe, expect, it } from 'vitest';
import { providerSchema } from '../../../src/config/schema.ts';
import { createKeyPool, poolOf } from '../../../src/gateway/keyPool.ts';
import { createHealth } from '../../../src/routing/health.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

describe('createKeyPool', () => {
  const target = { provider: 'one', model: 'm', tier: 'one' };
  const all = poolOf(
    providerSchema.parse({
      name: 'one',
      api_base_url: 'https://one.test',
      api_key: 'a',
      api_keys: ['b', 'b', 'c'],
      models: [],
    }),
  );
  const none = new Set<string>();

  it('spreads conversations evenly over the keys that work', () => {
    const health = createHealth();
    const clock = createFakeClock();
    const pool = createKeyPool({ health, clock });
    const [, dead] = all;
    health.coolDownKey(target, dead?.id ?? '', { scope: 'provider', untilMs: clock.now() + 1, isLimit: false });
    const places = Array.from(
      { length: 100 },
      (_, index) => pool.choose({ target, keys: all, conversation: `c${index}`, isOpening: false, tried: none })?.place,
    );
    expect([1, 2, 3].map((place) => places.filter((each) => each === place).length)).toEqual([50, 0, 50]);
  });

  it('forgets the conversation that was quiet for longest, and a key that was taken out', () => {
    const pool = createKeyPool({ health: createHealth(), clock: createFakeClock() });
    const ask = (conversation: string, keys = all): number | undefined =>
      pool.choose({ target, keys, conversation, isOpening: false, tried: none })?.place;
    expect([ask('busy'), ask('quiet')]).toEqual([1, 2]);
    for (let index = 0; index < 4999; index++) {
      ask(`c${index}`);
      ask('busy');
    }
    expect(ask('busy')).toBe(1);
    // 5001 have had a turn since: it is not the second key's.
    expect(ask('quiet')).not.toBe(2);
    const others = all.slice(1);
    expect(others.map(({ place }) => place)).toContain(ask('busy', others));
  });

  it('has everything forgiven by a reload', () => {
    const health = createHealth();
    health.coolDownKey(target, 'k', { scope: 'target', untilMs: 5, isLimit: true });
    health.coolDownKey(target, 'k', { scope: 'provider', untilMs: 9, isLimit: false });
    expect(health.keyCooldownUntilMs(target, 'k')).toBe(9);
    health.clearCooldowns();
    expect(health.keyCooldownUntilMs(target, 'k')).toBe(0);
  });
});
