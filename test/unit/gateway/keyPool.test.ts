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

  it('evicts the least recently used conversation, and drops a key that was removed', () => {
    const pool = createKeyPool({ health: createHealth(), clock: createFakeClock() });
    const choose = (conversation: string, keys = all): number | undefined =>
      pool.choose({ target, keys, conversation, isOpening: false, tried: none })?.place;
    expect([choose('busy'), choose('quiet')]).toEqual([1, 2]);
    for (let index = 0; index < 4999; index++) {
      choose(`c${index}`);
      choose('busy');
    }
    expect(choose('busy')).toBe(1);
    // 5001 turns later, the rotation is not at the second key.
    expect(choose('quiet')).not.toBe(2);
    const others = all.slice(1);
    expect(others.map(({ place }) => place)).toContain(choose('busy', others));
  });

  it('never offers a key that failed for the request, even if it is not on cooldown', () => {
    const pool = createKeyPool({ health: createHealth(), clock: createFakeClock() });
    const choose = (keys: typeof all, ...tried: (typeof all)[number][]): number | undefined =>
      pool.choose({ target, keys, conversation: 'c', isOpening: false, tried: new Set(tried.map(({ id }) => id)) })
        ?.place;
    const [first, second, third] = all;
    if (!first || !second || !third) throw new Error('The provider should have three keys.');
    expect([choose(all), choose(all, first), choose(all, first, second)]).toEqual([1, 2, 3]);
    expect(choose(all, first, second, third)).toBeUndefined();
    expect([choose([first]), choose([first], first)]).toEqual([1, undefined]);
  });

  it('is usable again after a reload, which ends all cooldowns', () => {
    const health = createHealth();
    health.coolDownKey(target, 'k', { scope: 'target', untilMs: 5, isLimit: true });
    health.coolDownKey(target, 'k', { scope: 'provider', untilMs: 9, isLimit: false });
    expect(health.keyCooldownUntilMs(target, 'k')).toBe(9);
    health.clearCooldowns();
    expect(health.keyCooldownUntilMs(target, 'k')).toBe(0);
  });
});

describe('while all keys are on cooldown', () => {
  const target = { provider: 'one', model: 'm', tier: 'one' };
  const keys = poolOf(
    providerSchema.parse({ name: 'one', api_base_url: 'https://one.test', api_keys: ['a', 'b', 'c'], models: [] }),
  );
  const none = new Set<string>();

  /** By the keys' places: how many ms each is on cooldown, and whether by a rate limit. */
  function chosen(cooldowns: [ms: number, isLimit: boolean][]): number | undefined {
    const health = createHealth();
    const clock = createFakeClock();
    for (const [index, [ms, isLimit]] of cooldowns.entries())
      health.coolDownKey(target, keys[index]?.id ?? '', { scope: 'target', untilMs: clock.now() + ms, isLimit });
    const pool = createKeyPool({ health, clock });
    return pool.choose({ target, keys, conversation: 'c', isOpening: false, tried: none })?.place;
  }

  it.each<[[number, boolean][], number]>([
    [
      [
        [5, false],
        [9, true],
        [7, true],
      ],
      3,
    ],
    [
      [
        [7, true],
        [9, true],
        [5, false],
      ],
      1,
    ],
    [
      [
        [9, true],
        [5, false],
        [7, true],
      ],
      3,
    ],
    [
      [
        [9, true],
        [7, true],
        [5, false],
      ],
      2,
    ],
    [
      [
        [9, false],
        [7, false],
        [8, false],
      ],
      2,
    ],
    [
      [
        [7, false],
        [8, false],
        [9, false],
      ],
      1,
    ],
    [
      [
        [9, false],
        [8, false],
        [7, false],
      ],
      3,
    ],
  ])('a rate-limited one comes before a revoked one, then the one that works first: %j', (cooldowns, place) => {
    expect(chosen(cooldowns)).toBe(place);
  });

  it('the only key of a provider is sent, also after a reload that replaced the others', () => {
    const health = createHealth();
    const clock = createFakeClock();
    const [only] = keys;
    health.coolDownKey(target, only?.id ?? '', { scope: 'target', untilMs: clock.now() + 9, isLimit: false });
    const pool = createKeyPool({ health, clock });
    const one = keys.slice(0, 1);
    expect(pool.choose({ target, keys: one, conversation: 'c', isOpening: false, tried: new Set(['old']) })).toBe(only);
  });
});
