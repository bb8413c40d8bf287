import type { AnswerFigures, Figures } from '../../observe/figures.ts';
import type { Estimate } from '../../observe/tokenAudit.ts';
import type { TierDrift } from '../../observe/tokenDrift.ts';
import type { Labels } from '../../observe/usageLedger.ts';
import type { Command } from './outbox.ts';

/** The bounds of the histograms whose buckets are kept, as existing data has them. Seconds, and tokens. */
const seconds = [0.1, 0.5, 1, 2, 5, 10, 30, 60];
const tokens = [100, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 200_000];

/** Entries of the list of estimates. */
const maxAudit = 1024;

/** The calls of the figures that are written to Redis. */
export const figureChanges = ['requested', 'finished', 'attempted', 'interrupted', 'estimated', 'answered'] as const;
export type FigureChange = (typeof figureChanges)[number];

/** Where a key's figures are: `P:counter:NAME` and so on, with the labels as JSON by name. */
export function figureKeys(prefix: string) {
  return {
    counter: (metric: string) => `${prefix}:counter:${metric}`,
    gauge: (metric: string) => `${prefix}:gauge:${metric}`,
    histogram: (metric: string, part: string) => `${prefix}:hist:${metric}:${part}`,
    drift: `${prefix}:state:token-drift`,
    audit: `${prefix}:list:token-audit`,
  };
}

/** What is kept of which metrics. Of the last two histograms no buckets are, as in existing data. */
export const keptMetrics = {
  counter: [
    'ccr_requests_total',
    'ccr_failures_total',
    'ccr_frontend_requests_total',
    'ccr_input_tokens_total',
    'ccr_output_tokens_total',
    'ccr_cache_read_tokens_total',
    'ccr_cache_creation_tokens_total',
    'ccr_cost_usd_total',
    'ccr_pre_request_tokens_total',
    'ccr_rate_limit_hits_total',
    'ccr_rate_limit_backoffs_total',
    'ccr_token_drift_alerts_total',
  ],
  gauge: ['ccr_token_drift_absolute', 'ccr_token_drift_pct'],
  histogram: {
    ccr_frontend_request_duration_seconds: seconds,
    ccr_request_duration_seconds: seconds,
    ccr_pre_request_tokens: tokens,
    ccr_ttft_seconds: [],
    ccr_output_tokens_per_second: [],
  },
} as const;

/** Deletes all that `figureWrites` writes. */
export function clearFigures(prefix: string): Command[] {
  const keys = figureKeys(prefix);
  const histograms = Object.entries(keptMetrics.histogram).flatMap(([name, bounds]) =>
    ['sum', 'count', ...bounds.map(bucketName)].map((part) => keys.histogram(name, part)),
  );
  return [
    ...keptMetrics.counter.map(keys.counter),
    ...keptMetrics.gauge.map(keys.gauge),
    ...histograms,
    keys.drift,
    keys.audit,
  ].map((key) => ['DEL', key]);
}

/** The part of a histogram's key. */
export function bucketName(bound: number): string {
  return `bucket:${bound.toFixed(6)}`;
}

export function labelText(labels: Record<string, string>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

type Values = { [Name in FigureChange]: Parameters<Figures[Name]> };

/**
 * What a call of the figures adds to the counters and histograms in Redis, which have the names of the metrics. After the call:
 * `drift` is that of its tier.
 */
export function figureWrites<Name extends FigureChange>(
  prefix: string,
  name: Name,
  values: Values[Name],
  after: { drift: TierDrift | undefined; speed: number | undefined },
): Command[] {
  const writes = createWrites(prefix);
  switch (name) {
    case 'requested': {
      const [frontend] = values as Values['requested'];
      writes.count('ccr_frontend_requests_total', { frontend });
      break;
    }
    case 'finished': {
      const [frontend, durationMs] = values as Values['finished'];
      writes.observe('ccr_frontend_request_duration_seconds', { frontend }, durationMs / 1000);
      break;
    }
    case 'attempted':
    case 'interrupted': {
      const [{ tier }, failure] = values as Values['attempted'];
      if (name === 'attempted') writes.count('ccr_requests_total', { tier });
      if (failure !== undefined) writes.count('ccr_failures_total', { tier, reason: failure });
      if (name === 'attempted' && failure === 'rate_limited') {
        writes.count('ccr_rate_limit_hits_total', { tier });
        writes.count('ccr_rate_limit_backoffs_total', { tier });
      }
      break;
    }
    case 'estimated':
      writeEstimate(writes, ...(values as Values['estimated']));
      break;
    default:
      writeAnswer(writes, ...(values as Values['answered']), after);
  }
  return writes.all;
}

type Writes = ReturnType<typeof createWrites>;

function createWrites(prefix: string) {
  const all: Command[] = [];
  const keys = figureKeys(prefix);
  return {
    all,
    keys,
    count(metric: string, labels: Record<string, string>, by = 1): void {
      if (by > 0) all.push(['HINCRBYFLOAT', keys.counter(metric), labelText(labels), String(by)]);
    },
    observe(metric: keyof typeof keptMetrics.histogram, labels: Record<string, string>, value: number): void {
      const label = labelText(labels);
      all.push(['HINCRBYFLOAT', keys.histogram(metric, 'sum'), label, String(value)]);
      all.push(['HINCRBYFLOAT', keys.histogram(metric, 'count'), label, '1']);
      const bounds: readonly number[] = keptMetrics.histogram[metric];
      for (const bound of bounds.filter((each) => value <= each))
        all.push(['HINCRBYFLOAT', keys.histogram(metric, bucketName(bound)), label, '1']);
    },
  };
}

function writeEstimate(writes: Writes, tier: string, atMs: number, estimate: Estimate): void {
  const { messages, system, tools, total } = estimate;
  for (const [component, count] of Object.entries({ messages, system, tools }))
    writes.count('ccr_pre_request_tokens_total', { tier, component }, count);
  writes.observe('ccr_pre_request_tokens', { tier }, total);
  const entry = {
    timestamp: new Date(atMs).toISOString(),
    tier,
    message_tokens: messages,
    system_tokens: system,
    tool_tokens: tools,
    total_tokens: total,
  };
  writes.all.push(['RPUSH', writes.keys.audit, JSON.stringify(entry)]);
  writes.all.push(['LTRIM', writes.keys.audit, String(-maxAudit), '-1']);
}

function writeAnswer(
  writes: Writes,
  { tier }: Labels,
  { durationMs, firstContentMs, usage, isEstimated, cost, estimate }: AnswerFigures,
  { drift, speed }: { drift: TierDrift | undefined; speed: number | undefined },
): void {
  writes.observe('ccr_request_duration_seconds', { tier }, durationMs / 1000);
  writes.observe('ccr_ttft_seconds', { tier }, firstContentMs / 1000);
  if (speed !== undefined) writes.observe('ccr_output_tokens_per_second', { tier }, speed);
  writes.count('ccr_input_tokens_total', { tier }, usage?.inputTokens ?? 0);
  writes.count('ccr_output_tokens_total', { tier }, usage?.outputTokens ?? 0);
  writes.count('ccr_cache_read_tokens_total', { tier }, usage?.cacheReadTokens ?? 0);
  writes.count('ccr_cache_creation_tokens_total', { tier }, usage?.cacheWriteTokens ?? 0);
  writes.count('ccr_cost_usd_total', { tier }, cost?.usd ?? 0);
  if (!drift || !usage || isEstimated || estimate === undefined || usage.inputTokens <= 0) return;
  const { last_local, last_upstream } = drift;
  const percent = Math.abs(((last_local - last_upstream) / last_upstream) * 100);
  if (percent >= 10)
    writes.count('ccr_token_drift_alerts_total', { tier, severity: percent >= 25 ? 'critical' : 'warning' });
}

/** What is written of a tier's drift, of which only the last value counts. */
export function driftWrites(prefix: string, drift: TierDrift): Command[] {
  const keys = figureKeys(prefix);
  const { tier, last_local, last_upstream, last_drift_pct } = drift;
  const set = (metric: string, value: number): Command => [
    'HSET',
    keys.gauge(metric),
    labelText({ tier }),
    String(value),
  ];
  return [
    set('ccr_token_drift_absolute', last_local - last_upstream),
    set('ccr_token_drift_pct', last_drift_pct),
    ['HSET', keys.drift, tier, JSON.stringify(driftEntry(drift))],
  ];
}

/** As existing data has it. Version 2 compares with all input tokens of the provider, the cached ones included. */
export function driftEntry(drift: TierDrift): object {
  return {
    semantics_version: 2,
    local_sum: drift.cumulative_local,
    upstream_sum: drift.cumulative_upstream,
    samples: drift.samples,
    last_drift_pct: drift.last_drift_pct,
    last_local: drift.last_local,
    last_upstream: drift.last_upstream,
  };
}
