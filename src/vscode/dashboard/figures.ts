// The one aggregation of request records: the dashboard, the views and the status bar show its numbers.
import type { RequestView } from '../../control/protocol.ts';

/** Counts of requests, tokens and USD. */
export type Totals = {
  requests: number;
  failures: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  costUsd: number;
  /** Answers whose price is unknown, so that `costUsd` lacks them. */
  unpriced: number;
};

/** Milliseconds; undefined without a measurement. */
export type Spread = { p50: number | undefined; p95: number | undefined };

export type Summary = Totals & {
  /** Of the input tokens, those read from providers' caches: 0 to 1. */
  cacheHitRate: number | undefined;
  firstContentMs: Spread;
  durationMs: Spread;
  savedUsd: number;
};

export type Group = Totals & { name: string };

export function summarize(requests: readonly RequestView[]): Summary {
  const totals = totalsOf(requests);
  const answered = requests.filter(isAnswered);
  return {
    ...totals,
    cacheHitRate: hitRate(totals),
    firstContentMs: spreadOf(answered.flatMap(({ firstContentMs }) => firstContentMs ?? [])),
    durationMs: spreadOf(answered.map(({ durationMs }) => durationMs)),
    savedUsd: requests.reduce((sum, request) => sum + savingOf(request), 0),
  };
}

export function totalsOf(requests: readonly RequestView[]): Totals {
  const totals: Totals = {
    requests: 0,
    failures: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    costUsd: 0,
    unpriced: 0,
  };
  for (const request of requests) addTo(totals, request);
  return totals;
}

/** The groups of requests, the dearest first, then the largest. */
export function groupBy(
  requests: readonly RequestView[],
  nameOf: (request: RequestView) => string | undefined,
): Group[] {
  const groups = new Map<string, Group>();
  for (const request of requests) {
    const name = nameOf(request);
    if (name === undefined) continue;
    const group = groups.get(name) ?? { name, ...totalsOf([]) };
    groups.set(name, group);
    addTo(group, request);
  }
  return [...groups.values()].toSorted(
    (a, b) => b.costUsd - a.costUsd || b.inputTokens - a.inputTokens || b.requests - a.requests,
  );
}

/** Errors that clients received, by kind, the most frequent first. */
export function failuresByReason(requests: readonly RequestView[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const request of requests.filter(isFailed)) {
    const reason = request.errorKind ?? 'unknown';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).toSorted((a, b) => b.count - a.count);
}

/** The fraction `part` (0 to 1) of the values is not greater than the result; the nearest rank, so it is one of them. */
export function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

export function spreadOf(values: readonly number[]): Spread {
  return { p50: percentile(values, 0.5), p95: percentile(values, 0.95) };
}

/** What the answer would have cost at the most expensive target that could have given it, less what it cost. USD. */
export function savingOf({ costUsd, route }: RequestView): number {
  if (costUsd === undefined || !route) return 0;
  const costs = route.candidates
    .filter(({ position }) => position !== 'too-small' && position !== 'failed-test' && position !== 'off')
    .flatMap((candidate) => candidate.costUsd ?? []);
  return Math.max(0, ...costs.map((cost) => cost - costUsd));
}

export function isFailed({ error }: RequestView): boolean {
  return error !== undefined;
}

export function tierOf({ tier, target }: RequestView): string | undefined {
  return tier ?? target?.split(',')[0];
}

export function hitRate({ cacheReadTokens, inputTokens }: Totals): number | undefined {
  return inputTokens > 0 ? cacheReadTokens / inputTokens : undefined;
}

function isAnswered(request: RequestView): boolean {
  return request.target !== undefined && !isFailed(request);
}

export function addTo(totals: Totals, request: RequestView): void {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, costUsd } = request;
  totals.requests += 1;
  if (isFailed(request)) totals.failures += 1;
  totals.inputTokens += inputTokens;
  totals.outputTokens += outputTokens;
  totals.cacheReadTokens += cacheReadTokens;
  totals.costUsd += costUsd ?? 0;
  if (costUsd === undefined && inputTokens + outputTokens > 0) totals.unpriced += 1;
}
