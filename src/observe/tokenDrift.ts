/** How our estimate of a tier's input tokens compares with the provider's own count. */
export type TierDrift = {
  tier: string;
  samples: number;
  cumulative_local: number;
  cumulative_upstream: number;
  /** Of the provider's count: 100 is twice as much. Rounded to a tenth, as the next but two. */
  cumulative_drift_pct: number;
  last_local: number;
  last_upstream: number;
  last_drift_pct: number;
};

export type DriftSeverity = 'warning' | 'critical';

export type DriftSnapshot = Omit<TierDrift, 'cumulative_drift_pct' | 'last_drift_pct'>[];

/** Percent, either way. */
const warnedFrom = 10;
const criticalFrom = 25;

export type TokenDrift = {
  /** Compares an estimate with a provider's count. Tokens. */
  note(tier: string, local: number, upstream: number): DriftSeverity | undefined;
  tiers(): TierDrift[];
  snapshot(): DriftSnapshot;
  restore(snapshot: DriftSnapshot): void;
  clear(): void;
};

export function createTokenDrift(): TokenDrift {
  const tiers = new Map<string, DriftSnapshot[number]>();
  return {
    note(tier, local, upstream) {
      if (upstream <= 0) return undefined;
      const before = tiers.get(tier);
      tiers.set(tier, {
        tier,
        samples: (before?.samples ?? 0) + 1,
        cumulative_local: (before?.cumulative_local ?? 0) + local,
        cumulative_upstream: (before?.cumulative_upstream ?? 0) + upstream,
        last_local: local,
        last_upstream: upstream,
      });
      const drift = Math.abs(percent(local, upstream));
      if (drift >= criticalFrom) return 'critical';
      return drift >= warnedFrom ? 'warning' : undefined;
    },
    tiers: () =>
      [...tiers.values()]
        .map(({ tier, samples, cumulative_local, cumulative_upstream, last_local, last_upstream }) => ({
          tier,
          samples,
          cumulative_local,
          cumulative_upstream,
          cumulative_drift_pct: tenths(percent(cumulative_local, cumulative_upstream)),
          last_local,
          last_upstream,
          last_drift_pct: tenths(percent(last_local, last_upstream)),
        }))
        .toSorted((a, b) => (a.tier < b.tier ? -1 : 1)),
    snapshot: () => [...tiers.values()],
    restore: (snapshot) => snapshot.forEach((each) => tiers.set(each.tier, each)),
    clear: () => tiers.clear(),
  };
}

/** Positive: the estimate is too high. */
export function percent(local: number, upstream: number): number {
  return ((local - upstream) / upstream) * 100;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
