import { createCircuits, type Circuits } from './circuits.ts';
import { createOutcomes, type Outcomes } from './outcomes.ts';
import type { Target } from './route.ts';

/** The weight of the newest latency in the moving average. */
const newestWeight = 0.3;

/** A failure counts as an answer this many times as slow as the target is, so that it is asked less. */
const failureFactor = 2;

/** A target that fails at once is not a fast one. Milliseconds. */
const shortestFailureMs = 1000;

export type Latency = { tier: string; ewma_seconds: number; sample_count: number };

/** How fast each target is, which targets and keys are on cooldown, and which targets fail again and again. */
export type Health = {
  circuits: Circuits;
  outcomes: Outcomes;
  /**
   * A target answered: records its latency and ends the cooldowns of the target and of the key, and closes its circuit. `latencyMs` is the time to
   * the first content, `key` the id of the key that was sent.
   */
  succeeded(target: Target, latencyMs: number, key?: string): void;
  /** A target failed, and not because of the request: makes it count as slower. `durationMs` is the time until it failed. */
  failed(target: Target, durationMs: number): void;
  /** Routing puts the target behind the others until `untilMs` (Unix time). */
  coolDown(target: Target, untilMs: number): void;
  /** The key pool prefers other keys until the cooldown ends. */
  coolDownKey(target: Target, key: string, cooldown: KeyCooldown): void;
  /** Also closes the circuits: for a changed config, with which what failed may work. */
  clearCooldowns(): void;
  /** Unix time in ms; 0 for a target that was never on cooldown. */
  cooldownUntilMs(target: Target): number;
  isOnCooldown(target: Target, nowMs: number): boolean;
  /** Neither on cooldown nor behind an open circuit. */
  isReady(target: Target, nowMs: number): boolean;
  /** Unix time in ms; 0 for a key that was never on cooldown. */
  keyCooldownUntilMs(target: Target, key: string): number;
  /** Unix time in ms until which the key is rate-limited; 0 for a key that is not, or is on cooldown for another reason. */
  keyLimitUntilMs(target: Target, key: string): number;
  /** Moving average in ms; undefined before the first answer. */
  latencyMs(target: Target): number | undefined;
  /** The number of answers and failures in the average. */
  samples(target: Target): number;
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
  const latencyByTarget = new Map<string, Average>();
  const latencyByTier = new Map<string, Average>();
  const cooldowns = new Map<string, number>();
  const keyCooldowns = new Map<string, KeyCooldown>();
  const circuits = createCircuits();
  const outcomes = createOutcomes();
  const isOnCooldown = (target: Target, nowMs: number): boolean => (cooldowns.get(targetName(target)) ?? 0) > nowMs;

  return {
    circuits,
    outcomes,
    succeeded(target, latencyMs, key) {
      const name = targetName(target);
      add(latencyByTarget, name, latencyMs);
      add(latencyByTier, target.tier, latencyMs);
      cooldowns.delete(name);
      circuits.answered(target);
      if (key === undefined) return;
      for (const scope of ['target', 'provider'] as const) keyCooldowns.delete(keyName(target, key, scope));
    },
    failed(target, durationMs) {
      const name = targetName(target);
      const slowness = Math.max(latencyByTarget.get(name)?.ewmaMs ?? 0, durationMs, shortestFailureMs) * failureFactor;
      add(latencyByTarget, name, slowness);
    },
    coolDown: (target, untilMs) => void cooldowns.set(targetName(target), untilMs),
    coolDownKey: (target, key, cooldown) => void keyCooldowns.set(keyName(target, key, cooldown.scope), cooldown),
    clearCooldowns() {
      cooldowns.clear();
      keyCooldowns.clear();
      circuits.clear();
      outcomes.forgive();
    },
    cooldownUntilMs: (target) => cooldowns.get(targetName(target)) ?? 0,
    isOnCooldown,
    isReady: (target, nowMs) =>
      !isOnCooldown(target, nowMs) && ['closed', 'half-open'].includes(circuits.state(target, nowMs)),
    keyCooldownUntilMs: (target, key) =>
      Math.max(
        keyCooldowns.get(keyName(target, key, 'target'))?.untilMs ?? 0,
        keyCooldowns.get(keyName(target, key, 'provider'))?.untilMs ?? 0,
      ),
    keyLimitUntilMs(target, key) {
      const cooldown = keyCooldowns.get(keyName(target, key, 'target'));
      return cooldown?.isLimit ? cooldown.untilMs : 0;
    },
    latencyMs: (target) => latencyByTarget.get(targetName(target))?.ewmaMs,
    samples: (target) => latencyByTarget.get(targetName(target))?.samples ?? 0,
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

type Average = { ewmaMs: number; samples: number };

function add(averages: Map<string, Average>, name: string, newestMs: number): void {
  const before = averages.get(name);
  const ewmaMs = before ? before.ewmaMs + newestWeight * (newestMs - before.ewmaMs) : newestMs;
  averages.set(name, { ewmaMs, samples: (before?.samples ?? 0) + 1 });
}
