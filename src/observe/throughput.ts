import { pushLatest } from '../canonical/pushLatest.ts';

/** How fast one answer was. */
export type SpeedSample = {
  ttft_seconds: number;
  tokens_per_second: number;
  output_tokens: number;
  /** From the first content to the end. */
  generation_seconds: number;
  /** RFC 3339, to the millisecond. */
  timestamp: string;
};

export type TierThroughput = {
  tier: string;
  samples: number;
  avg_ttft_seconds: number;
  p50_ttft_seconds: number;
  p90_ttft_seconds: number;
  p99_ttft_seconds: number;
  avg_tokens_per_second: number;
  p50_tokens_per_second: number;
  /** Oldest first. */
  recent: SpeedSample[];
};

export type ThroughputSnapshot = [tier: string, samples: SpeedSample[]][];

/** Of each tier. All figures are of these. */
const maxSamples = 256;

/** The speed of the latest answers of each tier. */
export type Throughput = {
  /** An answer that ended at `atMs`. @returns tokens per second; undefined if it came all at once */
  note(
    tier: string,
    answer: { atMs: number; firstContentMs: number; durationMs: number; outputTokens: number },
  ): number | undefined;
  tiers(): TierThroughput[];
  snapshot(): ThroughputSnapshot;
  restore(snapshot: ThroughputSnapshot): void;
  clear(): void;
};

export function createThroughput(): Throughput {
  const tiers = new Map<string, SpeedSample[]>();
  return {
    note(tier, { atMs, firstContentMs, durationMs, outputTokens }) {
      const seconds = (durationMs - firstContentMs) / 1000;
      if (seconds <= 0 || outputTokens <= 0) return undefined;
      const speed = outputTokens / seconds;
      const samples = tiers.get(tier) ?? [];
      tiers.set(tier, samples);
      const sample = {
        ttft_seconds: firstContentMs / 1000,
        tokens_per_second: Math.round(speed * 10) / 10,
        output_tokens: outputTokens,
        generation_seconds: seconds,
        timestamp: new Date(atMs).toISOString(),
      };
      pushLatest(samples, sample, maxSamples);
      return speed;
    },
    tiers: () =>
      [...tiers]
        .map(([tier, samples]) => summary(tier, samples.slice(-maxSamples)))
        .toSorted((a, b) => (a.tier < b.tier ? -1 : 1)),
    snapshot: () => [...tiers].map(([tier, samples]) => [tier, samples.slice(-maxSamples)]),
    restore: (snapshot) => snapshot.forEach(([tier, samples]) => tiers.set(tier, samples.slice(-maxSamples))),
    clear: () => tiers.clear(),
  };
}

function summary(tier: string, recent: SpeedSample[]): TierThroughput {
  const first = recent.map((each) => each.ttft_seconds).toSorted((a, b) => a - b);
  const speeds = recent.map((each) => each.tokens_per_second).toSorted((a, b) => a - b);
  return {
    tier,
    samples: recent.length,
    avg_ttft_seconds: average(first),
    p50_ttft_seconds: quantile(first, 0.5),
    p90_ttft_seconds: quantile(first, 0.9),
    p99_ttft_seconds: quantile(first, 0.99),
    avg_tokens_per_second: average(speeds),
    p50_tokens_per_second: quantile(speeds, 0.5),
    recent,
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Between two values, in proportion. `sorted` is not empty. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}
