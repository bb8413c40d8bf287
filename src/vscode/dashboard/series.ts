// Figures over time: equal intervals, and in each what ended in it.
import type { RequestView } from '../../control/protocol.ts';
import { hitRate, isFailed, spreadOf, tierOf, totalsOf } from './figures.ts';

/** Unix time in ms: from `from` until before `until`, in `count` intervals. */
export type Span = { from: number; until: number; count: number };

export type TierSeries = {
  tier: string;
  firstP50: (number | null)[];
  firstP95: (number | null)[];
  durationP50: (number | null)[];
  durationP95: (number | null)[];
};

/** One value per interval; null without a measurement. */
export type Series = {
  /** Where each interval begins, in Unix time and seconds, as uPlot reads them. */
  times: number[];
  answered: number[];
  failed: number[];
  inputTokens: number[];
  outputTokens: number[];
  costUsd: number[];
  /** Percent. */
  cacheHits: (number | null)[];
  tiers: TierSeries[];
};

/** How a provider did in an interval: by its attempts, including those after which another target answered. */
export type HealthMark = 'none' | 'ok' | 'mixed' | 'failed';
export type ProviderHealth = { provider: string; marks: HealthMark[]; attempts: number; failures: number };

export function endOf({ startedAt, durationMs }: RequestView): number {
  return startedAt + durationMs;
}

export function within(requests: readonly RequestView[], { from, until }: Span): RequestView[] {
  return requests.filter((request) => endOf(request) >= from && endOf(request) < until);
}

export function seriesOf(requests: readonly RequestView[], span: Span): Series {
  const intervals = intervalsOf(requests, span);
  const totals = intervals.map(totalsOf);
  const tiers = [...new Set(requests.flatMap((request) => tierOf(request) ?? []))].toSorted();
  const step = (span.until - span.from) / span.count;
  return {
    times: intervals.map((_, index) => (span.from + index * step) / 1000),
    answered: totals.map(({ requests, failures }) => requests - failures),
    failed: totals.map(({ failures }) => failures),
    inputTokens: totals.map(({ inputTokens }) => inputTokens),
    outputTokens: totals.map(({ outputTokens }) => outputTokens),
    costUsd: totals.map(({ costUsd }) => costUsd),
    cacheHits: totals.map((total) => {
      const rate = hitRate(total);
      return rate === undefined ? null : rate * 100;
    }),
    tiers: tiers.map((tier) => tierSeries(tier, intervals)),
  };
}

function tierSeries(tier: string, intervals: readonly RequestView[][]): TierSeries {
  const answers = intervals.map((each) => each.filter((request) => tierOf(request) === tier && !isFailed(request)));
  const first = answers.map((each) => spreadOf(each.flatMap(({ firstContentMs }) => firstContentMs ?? [])));
  const whole = answers.map((each) => spreadOf(each.map(({ durationMs }) => durationMs)));
  return {
    tier,
    firstP50: first.map(({ p50 }) => p50 ?? null),
    firstP95: first.map(({ p95 }) => p95 ?? null),
    durationP50: whole.map(({ p50 }) => p50 ?? null),
    durationP95: whole.map(({ p95 }) => p95 ?? null),
  };
}

export function providerHealth(requests: readonly RequestView[], span: Span): ProviderHealth[] {
  const found = new Map<string, { good: number[]; bad: number[] }>();
  for (const { attempts } of requests) {
    for (const { target, startedAt, durationMs, error } of attempts) {
      const index = intervalOf(startedAt + durationMs, span);
      if (index === undefined) continue;
      const provider = target.split(',')[0] ?? target;
      const counts = found.get(provider) ?? { good: zeros(span), bad: zeros(span) };
      found.set(provider, counts);
      const list = error === undefined ? counts.good : counts.bad;
      list[index] = (list[index] ?? 0) + 1;
    }
  }
  return [...found]
    .map(([provider, { good, bad }]) => ({
      provider,
      marks: good.map((count, index) => markOf(count, bad[index] ?? 0)),
      attempts: sum(good) + sum(bad),
      failures: sum(bad),
    }))
    .toSorted((a, b) => (a.provider < b.provider ? -1 : 1));
}

function markOf(good: number, bad: number): HealthMark {
  if (bad === 0) return good === 0 ? 'none' : 'ok';
  return good === 0 ? 'failed' : 'mixed';
}

function intervalsOf(requests: readonly RequestView[], span: Span): RequestView[][] {
  const intervals: RequestView[][] = Array.from({ length: span.count }, () => []);
  for (const request of requests) {
    const index = intervalOf(endOf(request), span);
    if (index !== undefined) intervals[index]?.push(request);
  }
  return intervals;
}

function intervalOf(at: number, { from, until, count }: Span): number | undefined {
  return at < from || at >= until ? undefined : Math.floor(((at - from) / (until - from)) * count);
}

function zeros({ count }: Span): number[] {
  return Array.from({ length: count }, () => 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
