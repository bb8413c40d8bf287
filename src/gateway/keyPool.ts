import { createBoundedMap } from '../canonical/boundedMap.ts';
import { rememberByObject } from '../canonical/remember.ts';
import { providerKeys } from '../config/providers.ts';
import type { ProviderConfig } from '../config/schema.ts';
import { digest } from '../reasoning/turnHash.ts';
import type { Health } from '../routing/health.ts';
import type { Target } from '../routing/route.ts';
import type { Clock } from './clock.ts';

/**
 * One of a provider's keys. Messages name it by its place, from 1, among the keys that are set, never by a part of its
 * text. `id`, a hash, identifies it in state.
 */
export type PoolKey = { id: string; text: string; place: number; of: number };

export type KeyChoice = {
  target: Target;
  /** All keys of its provider. */
  keys: readonly PoolKey[];
  conversation: string;
  /** The conversation has no key yet. One that starts with the same message may have: the two cannot be told apart. */
  isOpening: boolean;
  /** Ids of the keys that have failed for this request. */
  tried: ReadonlySet<string>;
};

/**
 * Chooses the key for a request. New conversations rotate through the keys; each keeps its key while that works, because
 * prompt caches and encrypted reasoning are bound to the account.
 */
export type KeyPool = {
  /**
   * A key that is not on cooldown, and not close to a limit if there is one; else the one whose cooldown ends first: it may work, which is better than no answer.
   * Prefers a rate-limited key over a revoked one: its error says how long to wait. Undefined for a provider without keys,
   * and if keys were tried and no other one is usable.
   */
  choose(choice: KeyChoice): PoolKey | undefined;
};

/** The least recently used conversation is evicted, and may get another key. */
const maxConversations = 5000;

export const poolOf = rememberByObject((provider: ProviderConfig): readonly PoolKey[] => {
  const texts = providerKeys(provider);
  return texts.map((text, index) => ({ id: digest(text), text, place: index + 1, of: texts.length }));
});

/** Identifies the account at a provider: what it stores under one key cannot be read with another. */
export function accountOf({ provider }: Target, key: PoolKey | undefined): string {
  return key ? `${provider} ${key.id}` : provider;
}

/** Which keys were chosen. Several gateways may have it in common. */
export type KeyMemory = {
  /** The next key's place, by provider. */
  turns: Pick<Map<string, number>, 'get' | 'set'>;
  /** Key ids by provider and conversation. */
  chosen: { get(conversation: string): string | undefined; set(conversation: string, key: string): void };
};

export function createKeyMemory(): KeyMemory {
  return { turns: new Map(), chosen: createBoundedMap(maxConversations) };
}

type KeyPoolParts = { health: Health; clock: Clock; keyMemory?: KeyMemory | undefined };

export function createKeyPool({ health, clock, keyMemory = createKeyMemory() }: KeyPoolParts): KeyPool {
  const { turns, chosen } = keyMemory;

  function rotate(provider: string, usable: readonly PoolKey[]): PoolKey | undefined {
    const turn = turns.get(provider) ?? 1;
    const key = usable.find(({ place }) => place >= turn) ?? usable[0];
    if (key) turns.set(provider, key.place + 1);
    return key;
  }

  return {
    choose({ target, keys, conversation, isOpening, tried }) {
      if (keys.length <= 1) return keys.find(({ id }) => !tried.has(id));
      const now = clock.now();
      const untilMs = (key: PoolKey): number => health.keyCooldownUntilMs(target, key.id);
      const usable = keys.filter((key) => !tried.has(key.id) && untilMs(key) <= now);
      const name = `${target.provider} ${conversation}`;
      // One that is close to a limit would be refused soon, so it is used only if all are.
      const ample = usable.filter(({ id }) => health.keyQuotaUntilMs(target, id) <= now);
      const free = ample.length > 0 ? ample : usable;
      const own = isOpening ? undefined : free.find(({ id }) => id === chosen.get(name));
      const rank = (key: PoolKey): number => Number(health.keyLimitUntilMs(target, key.id) <= now);
      const cooling = keys.toSorted((a, b) => rank(a) - rank(b) || untilMs(a) - untilMs(b));
      const soonest = tried.size === 0 ? cooling[0] : undefined;
      const key = own ?? rotate(target.provider, free) ?? soonest;
      if (key) chosen.set(name, key.id);
      return key;
    },
  };
}
