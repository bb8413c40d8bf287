import type { Estimate } from './tokenAudit.ts';

/** Seconds: from a cached first token to the longest agent turn. */
const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** The upper limits of the buckets of each histogram. */
export const measureLimits = {
  requestSeconds: seconds,
  frontendSeconds: seconds,
  firstContentSeconds: seconds,
  tokensPerSecond: [1, 5, 10, 20, 40, 60, 80, 100, 150, 200, 400, 1000],
  requestTokens: [100, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 200_000, 500_000, 1_000_000],
} as const satisfies Record<string, readonly number[]>;

export type MeasureName = keyof typeof measureLimits;
const names = Object.keys(measureLimits) as MeasureName[];

/** `counts`: of each bucket by itself; what is above all limits is in `count` alone. */
export type HistogramSums = { counts: number[]; sum: number; count: number };

type EstimatedSums = { messages: number; system: number; tools: number };

export type MeasuresSnapshot = {
  /** By tier, or by client. */
  histograms: Record<MeasureName, [label: string, sums: HistogramSums][]>;
  /** Tokens, by tier. */
  estimated: [tier: string, sums: EstimatedSums][];
  rateLimits: [tier: string, count: number][];
};

/** Histograms and sums that the metrics alone have. */
export type Measures = {
  observe(name: MeasureName, label: string, value: number): void;
  estimated(tier: string, estimate: Estimate): void;
  rateLimited(tier: string): void;
  snapshot(): MeasuresSnapshot;
  /** Histograms with other limits, which another version has written, are left out. */
  restore(snapshot: MeasuresSnapshot): void;
  clear(): void;
};

export function createMeasures(): Measures {
  const histograms = new Map(names.map((name) => [name, new Map<string, HistogramSums>()]));
  const estimates = new Map<string, EstimatedSums>();
  const rateLimits = new Map<string, number>();

  return {
    observe(name, label, value) {
      const limits: readonly number[] = measureLimits[name];
      const byLabel = histograms.get(name);
      const sums = byLabel?.get(label) ?? { counts: limits.map(() => 0), sum: 0, count: 0 };
      if (sums.count === 0) byLabel?.set(label, sums);
      sums.sum += value;
      sums.count++;
      let at = 0;
      while (at < limits.length && value > (limits[at] ?? 0)) at++;
      if (at < limits.length) sums.counts[at] = (sums.counts[at] ?? 0) + 1;
    },
    estimated(tier, { messages, system, tools }) {
      const sums = estimates.get(tier) ?? { messages: 0, system: 0, tools: 0 };
      estimates.set(tier, sums);
      sums.messages += messages;
      sums.system += system;
      sums.tools += tools;
    },
    rateLimited: (tier) => void rateLimits.set(tier, (rateLimits.get(tier) ?? 0) + 1),
    snapshot: () => ({
      histograms: Object.fromEntries(
        names.map((name) => [
          name,
          [...(histograms.get(name) ?? [])].map(([label, sums]) => [label, { ...sums, counts: [...sums.counts] }]),
        ]),
      ) as MeasuresSnapshot['histograms'],
      estimated: [...estimates].map(([tier, sums]) => [tier, { ...sums }]),
      rateLimits: [...rateLimits],
    }),
    restore(snapshot) {
      for (const name of names)
        for (const [label, { counts, ...sums }] of snapshot.histograms[name] ?? [])
          if (counts.length === measureLimits[name].length)
            histograms.get(name)?.set(label, { ...sums, counts: [...counts] });
      for (const [tier, sums] of snapshot.estimated) estimates.set(tier, { ...sums });
      for (const [tier, count] of snapshot.rateLimits) rateLimits.set(tier, count);
    },
    clear() {
      for (const byLabel of histograms.values()) byLabel.clear();
      estimates.clear();
      rateLimits.clear();
    },
  };
}
