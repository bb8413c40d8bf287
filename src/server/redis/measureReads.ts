import { own } from '../../canonical/json.ts';
import { measureLimits, type HistogramSums, type MeasureName, type MeasuresSnapshot } from '../../observe/measures.ts';
import { bucketName, figureKeys, keptMetrics, labelText } from './figureWrites.ts';
import type { Command } from './outbox.ts';
import { labelled } from './replies.ts';

/** Those with buckets in Redis. */
const histograms = [
  { metric: 'ccr_request_duration_seconds', measure: 'requestSeconds', label: 'tier' },
  { metric: 'ccr_frontend_request_duration_seconds', measure: 'frontendSeconds', label: 'frontend' },
  { metric: 'ccr_pre_request_tokens', measure: 'requestTokens', label: 'tier' },
] as const satisfies { metric: keyof typeof keptMetrics.histogram; measure: MeasureName; label: string }[];

const partsOf = (metric: (typeof histograms)[number]['metric']): string[] => [
  'sum',
  'count',
  ...keptMetrics.histogram[metric].map(bucketName),
];

/** Commands that read what `readMeasures` needs. */
export function measureReads(prefix: string): Command[] {
  const keys = figureKeys(prefix);
  return [
    ['HGETALL', keys.counter('ccr_rate_limit_hits_total')],
    ['HGETALL', keys.counter('ccr_pre_request_tokens_total')],
    ...histograms.flatMap(({ metric }) => partsOf(metric).map((part) => ['HGETALL', keys.histogram(metric, part)])),
  ];
}

/** The measures that are in Redis; `ours` are this gateway's, for the others. */
export function readMeasures(replies: readonly unknown[], ours: MeasuresSnapshot): MeasuresSnapshot {
  const [rateLimits, estimated, ...rest] = replies;
  const read = { ...ours.histograms };
  for (const { metric, measure, label } of histograms) {
    const parts = rest
      .splice(0, partsOf(metric).length)
      .map((reply) => new Map(labelled(reply).map(([labels, value]) => [own(labels, label) ?? '', value])));
    read[measure] = [...(parts[1]?.keys() ?? [])].map((value) => [
      value,
      sumsOf(
        measureLimits[measure],
        keptMetrics.histogram[metric],
        parts.map((part) => part.get(value) ?? 0),
      ),
    ]);
  }
  return {
    histograms: read,
    rateLimits: labelled(rateLimits).flatMap(([{ tier }, count]) => (tier === undefined ? [] : [[tier, count]])),
    estimated: estimatesOf(labelled(estimated)),
  };
}

/** In Redis there are fewer buckets, each with all that is below its limit: what is between two of ours counts in the higher one. */
function sumsOf(limits: readonly number[], kept: readonly number[], parts: readonly number[]): HistogramSums {
  const [sum = 0, count = 0, ...below] = parts;
  let before = 0;
  const counts = limits.map((limit) => {
    const at = kept.findLastIndex((each) => each <= limit);
    const all = Math.max(before, at < 0 ? 0 : (below[at] ?? 0));
    const inside = all - before;
    before = all;
    return inside;
  });
  return { counts, sum, count };
}

function estimatesOf(values: ReturnType<typeof labelled>): MeasuresSnapshot['estimated'] {
  const sums = new Map<string, { messages: number; system: number; tools: number }>();
  for (const [{ tier, component }, tokens] of values) {
    if (tier === undefined || (component !== 'messages' && component !== 'system' && component !== 'tools')) continue;
    const sum = sums.get(tier) ?? { messages: 0, system: 0, tools: 0 };
    sums.set(tier, { ...sum, [component]: tokens });
  }
  return [...sums];
}

/** All measures as totals, for a Redis that has lost its data. The sums and counts of durations are written with the figures. */
export function seedMeasures(prefix: string, { histograms: all, rateLimits, estimated }: MeasuresSnapshot): Command[] {
  const keys = figureKeys(prefix);
  const set = (key: string, labels: Record<string, string>, value: number): Command[] =>
    value > 0 ? [['HSET', key, labelText(labels), String(value)]] : [];
  return [
    ...histograms.flatMap(({ metric, measure, label }) =>
      all[measure].flatMap(([value, { counts, sum, count }]) => {
        const limits: readonly number[] = measureLimits[measure];
        const upTo = (bound: number): number =>
          counts.reduce((sum, each, at) => sum + ((limits[at] ?? Infinity) <= bound ? each : 0), 0);
        const parts = [sum, count, ...keptMetrics.histogram[metric].map(upTo)];
        return partsOf(metric).flatMap((part, at) =>
          set(keys.histogram(metric, part), { [label]: value }, parts[at] ?? 0),
        );
      }),
    ),
    ...rateLimits.flatMap(([tier, count]) =>
      ['ccr_rate_limit_hits_total', 'ccr_rate_limit_backoffs_total'].flatMap((name) =>
        set(keys.counter(name), { tier }, count),
      ),
    ),
    ...estimated.flatMap(([tier, sums]) =>
      Object.entries(sums).flatMap(([component, tokens]) =>
        set(keys.counter('ccr_pre_request_tokens_total'), { tier, component }, tokens),
      ),
    ),
  ];
}
