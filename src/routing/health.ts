import type { Target } from './route.ts';

/** How much the newest latency counts in the moving average. */
const newestWeight = 0.2;

export type Latency = { tier: string; ewma_seconds: number; sample_count: number };

export type Health = {
  /** A target answered; `latencyMs` is the time to its first content. */
  succeeded(target: Target, latencyMs: number): void;
  /** Asks others first until `untilMs` (Unix time). */
  coolDown(target: Target, untilMs: number): void;
  /** The config changed: what failed may work now. */
  clearCoolDowns(): void;
  isCooling(target: Target, nowMs: number): boolean;
  /** Moving average in ms; undefined before the first answer. */
  latencyMs(target: Target): number | undefined;
  latencies(): Latency[];
};

/** What is known of each target while the gateway runs: how fast it is, and whether it should be left alone for a while. */
export function createHealth(): Health {
  const latencyByTarget = new Map<string, number>();
  const byTier = new Map<string, { ewmaMs: number; samples: number }>();
  const coolUntil = new Map<string, number>();
  const keyOf = ({ provider, model }: Target): string => `${provider},${model}`;
  const average = (before: number | undefined, newest: number): number =>
    before === undefined ? newest : before + newestWeight * (newest - before);

  return {
    succeeded(target, latencyMs) {
      const key = keyOf(target);
      latencyByTarget.set(key, average(latencyByTarget.get(key), latencyMs));
      const tier = byTier.get(target.tier);
      byTier.set(target.tier, { ewmaMs: average(tier?.ewmaMs, latencyMs), samples: (tier?.samples ?? 0) + 1 });
      coolUntil.delete(key);
    },
    coolDown: (target, untilMs) => void coolUntil.set(keyOf(target), untilMs),
    clearCoolDowns: () => coolUntil.clear(),
    isCooling: (target, nowMs) => (coolUntil.get(keyOf(target)) ?? 0) > nowMs,
    latencyMs: (target) => latencyByTarget.get(keyOf(target)),
    latencies: () =>
      [...byTier].map(([tier, { ewmaMs, samples }]) => ({ tier, ewma_seconds: ewmaMs / 1000, sample_count: samples })),
  };
}
