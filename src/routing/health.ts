import type { Target } from './route.ts';

/** The weight of the newest latency in the moving average. */
const newestWeight = 0.2;

export type Latency = { tier: string; ewma_seconds: number; sample_count: number };

/** How fast each target is, and which targets and keys are on cooldown. */
export type Health = {
  /**
   * A target answered: records its latency and ends the cooldowns of the target and of the key. `latencyMs` is the time to
   * the first content, `key` the id of the key that was sent.
   */
  succeeded(target: Target, latencyMs: number, key?: string): void;
  /** Routing puts the target behind the others until `untilMs` (Unix time). */
  coolDown(target: Target, untilMs: number): void;
  /** The key pool prefers other keys until the cooldown ends. */
  coolDownKey(target: Target, key: string, cooldown: KeyCooldown): void;
  /** For a changed config, with which what failed may work. */
  clearCooldowns(): void;
  /** Unix time in ms; 0 for a target that was never on cooldown. */
  cooldownUntilMs(target: Target): number;
  isOnCooldown(target: Target, nowMs: number): boolean;
  /** Unix time in ms; 0 for a key that was never on cooldown. */
  keyCooldownUntilMs(target: Target, key: string): number;
  /** Unix time in ms until which the key is rate-limited; 0 for a key that is not, or is on cooldown for another reason. */
  keyLimitUntilMs(target: Target, key: string): number;
  /** Moving average in ms; undefined before the first answer. */
  latencyMs(target: Target): number | undefined;
  latencies(): Latency[];
};

export type KeyCooldown = {
  /** Whether the key is unusable for this target alone or for every model of its provider. */
  scope: 'target' | 'provider';
  /** Unix time in ms. */
  untilMs: number;
  /** The key itself is fine, but rate-limited. */
  isLimit: boolean;
};

/** Kept in memory only: a restarted gateway starts without cooldowns and latencies. */
export function createHealth(): Health {
  const latencyByTarget = new Map<string, number>();
  const latencyByTier = new Map<string, { ewmaMs: number; samples: number }>();
  const cooldowns = new Map<string, number>();
  const keyCooldowns = new Map<string, KeyCooldown>();

  return {
    succeeded(target, latencyMs, key) {
      const name = targetName(target);
      latencyByTarget.set(name, movingAverage(latencyByTarget.get(name), latencyMs));
      const tier = latencyByTier.get(target.tier);
      latencyByTier.set(target.tier, {
        ewmaMs: movingAverage(tier?.ewmaMs, latencyMs),
        samples: (tier?.samples ?? 0) + 1,
      });
      cooldowns.delete(name);
      if (key === undefined) return;
      for (const scope of ['target', 'provider'] as const) keyCooldowns.delete(keyName(target, key, scope));
    },
    coolDown: (target, untilMs) => void cooldowns.set(targetName(target), untilMs),
    coolDownKey: (target, key, cooldown) => void keyCooldowns.set(keyName(target, key, cooldown.scope), cooldown),
    clearCooldowns() {
      cooldowns.clear();
      keyCooldowns.clear();
    },
    cooldownUntilMs: (target) => cooldowns.get(targetName(target)) ?? 0,
    isOnCooldown: (target, nowMs) => (cooldowns.get(targetName(target)) ?? 0) > nowMs,
    keyCooldownUntilMs: (target, key) =>
      Math.max(
        keyCooldowns.get(keyName(target, key, 'target'))?.untilMs ?? 0,
        keyCooldowns.get(keyName(target, key, 'provider'))?.untilMs ?? 0,
      ),
    keyLimitUntilMs(target, key) {
      const cooldown = keyCooldowns.get(keyName(target, key, 'target'));
      return cooldown?.isLimit ? cooldown.untilMs : 0;
    },
    latencyMs: (target) => latencyByTarget.get(targetName(target)),
    latencies: () =>
      [...latencyByTier].map(([tier, { ewmaMs, samples }]) => ({
        tier,
        ewma_seconds: ewmaMs / 1000,
        sample_count: samples,
      })),
  };
}

function targetName({ provider, model }: Target): string {
  return `${provider},${model}`;
}

function keyName(target: Target, key: string, scope: KeyCooldown['scope']): string {
  return `${scope === 'target' ? targetName(target) : target.provider} ${key}`;
}

function movingAverage(before: number | undefined, newest: number): number {
  return before === undefined ? newest : before + newestWeight * (newest - before);
}
