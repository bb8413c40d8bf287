import * as z from 'zod';

/** The weight of the newest latency in the moving average. */
const newestWeight = 0.3;

/**
 * The weight of an answer that was slower since its prompt was not in the target's cache: reading it says little of the target, and
 * an outage elsewhere brings many such prompts at once.
 */
const coldWeight = 0.05;

const averageSchema = z.object({ ewmaMs: z.number().min(0), samples: z.int().min(1) });
type Average = z.output<typeof averageSchema>;

/** A failure counts as an answer this many times as slow as the target is, so that it gets fewer requests. */
const failureFactor = 2;

/** Failures in a row add up to at most this many times the usual latency: a target that works again is not slow for long. */
const greatestSlowness = 4;

/** How long it takes until half of what failures added to a latency is forgotten: a target may work again. Milliseconds. */
const penaltyHalfLifeMs = 60_000;

/** The least latency of a failure: a target that fails at once must not count as fast. Milliseconds. */
const shortestFailureMs = 1000;

export type Latency = { tier: string; ewma_seconds: number; sample_count: number };

/** What is measured of a target. */
export type LatencySnapshot = {
  /** With failures. */
  latency?: Average | undefined;
  answers?: Average | undefined;
};

export const latenciesSnapshotSchema = z.object({
  targets: z.array(
    z.tuple([z.string(), z.object({ latency: averageSchema.optional(), answers: averageSchema.optional() })]),
  ),
  tiers: z.array(z.tuple([z.string(), averageSchema])),
});

/** What a file keeps over a restart, by the names of targets and of tiers. */
export type LatenciesSnapshot = z.output<typeof latenciesSnapshotSchema>;

/** How fast targets and tiers are. */
export type Latencies = {
  /** `isCold`: the conversation's prompt was not in the target's cache. */
  succeeded(target: string, tier: string, latencyMs: number, isCold: boolean): void;
  /** Makes the target count as slower. */
  failed(target: string, durationMs: number): void;
  /** What failures added is the less the longer ago the last one was. Milliseconds. */
  latencyMs(target: string, failedAtMs: number | undefined, nowMs: number | undefined): number | undefined;
  firstContentMs(target: string): number | undefined;
  samples(target: string): number;
  all(): Latency[];
  snapshot(target: string): LatencySnapshot;
  adopt(target: string, snapshot: LatencySnapshot): void;
  adoptTier(latency: Latency): void;
  snapshotAll(): LatenciesSnapshot;
  /** Takes over what was measured before, as far as less is known now. */
  restoreAll(snapshot: LatenciesSnapshot): void;
};

export function createLatencies(): Latencies {
  const byTarget = createAverages();
  const byTier = createAverages();
  const answers = createAverages();
  const snapshot = (target: string): LatencySnapshot => ({
    latency: byTarget.get(target),
    answers: answers.get(target),
  });
  function adopt(target: string, known: LatencySnapshot): void {
    byTarget.adopt(target, known.latency);
    answers.adopt(target, known.answers);
  }

  return {
    succeeded(target, tier, latencyMs, isCold) {
      byTarget.add(target, latencyMs, isCold);
      byTier.add(tier, latencyMs);
      answers.add(target, latencyMs, isCold);
    },
    failed(target, durationMs) {
      const usualMs = Math.max(answers.get(target)?.ewmaMs ?? 0, durationMs, shortestFailureMs);
      const slowness = Math.max(byTarget.get(target)?.ewmaMs ?? 0, usualMs) * failureFactor;
      byTarget.add(target, Math.min(slowness, usualMs * greatestSlowness));
    },
    latencyMs: (target, failedAtMs, nowMs) => fadedMs(byTarget.get(target), answers.get(target), failedAtMs, nowMs),
    firstContentMs: (target) => answers.get(target)?.ewmaMs,
    samples: (target) => byTarget.get(target)?.samples ?? 0,
    all: () =>
      byTier.all().map(([tier, { ewmaMs, samples }]) => ({ tier, ewma_seconds: ewmaMs / 1000, sample_count: samples })),
    snapshot,
    adopt,
    adoptTier: ({ tier, ewma_seconds, sample_count }) =>
      byTier.adopt(tier, { ewmaMs: ewma_seconds * 1000, samples: sample_count }),
    snapshotAll: () => ({
      targets: byTarget.all().map(([name]) => [name, snapshot(name)]),
      tiers: byTier.all(),
    }),
    restoreAll({ targets, tiers }) {
      for (const [name, known] of targets) adopt(name, known);
      for (const [name, average] of tiers) byTier.adopt(name, average);
    },
  };
}

/** An average without what failures added to it, the more so the longer ago the last failure was. */
function fadedMs(
  all: Average | undefined,
  answers: Average | undefined,
  failedAtMs: number | undefined,
  nowMs: number | undefined,
): number | undefined {
  if (!all || !answers || failedAtMs === undefined || nowMs === undefined) return all?.ewmaMs;
  return answers.ewmaMs + (all.ewmaMs - answers.ewmaMs) * 0.5 ** ((nowMs - failedAtMs) / penaltyHalfLifeMs);
}

/** Moving averages of times by name. Milliseconds. */
type Averages = {
  add(name: string, newestMs: number, isCold?: boolean): void;
  get(name: string): Average | undefined;
  /** Takes over an average that another gateway has measured, if it has measured more often. */
  adopt(name: string, average: Average | undefined): void;
  all(): [name: string, average: Average][];
};

function createAverages(): Averages {
  const averages = new Map<string, Average>();
  return {
    add(name, newestMs, isCold = false) {
      const before = averages.get(name);
      const weight = isCold && before && newestMs > before.ewmaMs ? coldWeight : newestWeight;
      const ewmaMs = before ? before.ewmaMs + weight * (newestMs - before.ewmaMs) : newestMs;
      averages.set(name, { ewmaMs, samples: (before?.samples ?? 0) + 1 });
    },
    get: (name) => averages.get(name),
    adopt(name, average) {
      if (average && average.samples > (averages.get(name)?.samples ?? 0)) averages.set(name, { ...average });
    },
    all: () => [...averages],
  };
}
