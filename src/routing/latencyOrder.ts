import type { RouterConfig } from '../config/schema.ts';
import type { RouteCandidate } from './route.ts';

/** Fewer samples say too little of a target. */
export const trustedSamples = 3;

/** A candidate whose place depends on its latency, with the number of measurements. */
export type MeasuredCandidate = RouteCandidate & { samples: number };

/**
 * Orders by latency; targets that were not measured often enough come last, in their configured order. With
 * `routingTemperature`, the first `topK` are drawn at random instead, faster ones more often: this measures slower ones again.
 * The others follow, since one of them may be the only one to answer.
 */
export function byLatency(
  candidates: readonly MeasuredCandidate[],
  { topK, routingTemperature = 0 }: Pick<RouterConfig, 'topK' | 'routingTemperature'>,
  random: (() => number) | undefined,
): RouteCandidate[] {
  if (random && routingTemperature > 0) {
    const sorted = sortByLatency(candidates);
    const best = topK ?? sorted.length;
    return [...drawn(sorted.slice(0, best), routingTemperature, random), ...sorted.slice(best)];
  }
  return sortByLatency(candidates);
}

function sortByLatency(candidates: readonly MeasuredCandidate[]): RouteCandidate[] {
  if (candidates.every((each) => trustedMs(each) === undefined)) return candidates.map(withoutSamples);
  return candidates
    .toSorted((a, b) => (trustedMs(a) ?? Number.MAX_VALUE) - (trustedMs(b) ?? Number.MAX_VALUE))
    .map((each) => ({
      ...withoutSamples(each),
      position: trustedMs(each) === undefined ? ('unmeasured' as const) : ('latency' as const),
    }));
}

function trustedMs({ latencyMs, samples }: MeasuredCandidate): number | undefined {
  return samples >= trustedSamples ? latencyMs : undefined;
}

function withoutSamples({ samples: _, ...candidate }: MeasuredCandidate): RouteCandidate {
  return candidate;
}

/** Softmax sampling without replacement. One that was never measured counts as the fastest, so that it is. */
function drawn(candidates: readonly RouteCandidate[], temperature: number, random: () => number): RouteCandidate[] {
  const known = candidates.flatMap(({ latencyMs }) => latencyMs ?? []);
  const fastestMs = known.length > 0 ? Math.min(...known) : 0;
  const left = candidates.map((candidate) => ({
    candidate,
    // Relative to the fastest, so that no weight is too small for a number.
    weight: Math.exp(-((candidate.latencyMs ?? fastestMs) - fastestMs) / 1000 / temperature),
  }));
  const order: RouteCandidate[] = [];
  while (left.length > 0) {
    let rest = random() * left.reduce((total, { weight }) => total + weight, 0);
    const found = left.findIndex(({ weight }) => (rest -= weight) < 0);
    const [chosen] = left.splice(found < 0 ? left.length - 1 : found, 1);
    if (chosen) order.push({ ...chosen.candidate, position: 'sampled' });
  }
  return order;
}
