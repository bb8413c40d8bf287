import { readDuration } from '../canonical/duration.ts';
import { usdOf, type Figures } from '../observe/figures.ts';
import { addTo, dimensions, emptyCounts, type Counts, type Dimension } from '../observe/usageLedger.ts';

export type UsagePagesParts = {
  figures: Figures;
  active(): { requests: number; streams: number };
  /** Unix time in ms. */
  now(): number;
};

/**
 * `GET /v1/usage`. Without a query as dashboards of the format know it; with `since` or `by` also what is estimated and what has
 * no price.
 * @returns an error for the caller if the query can't be read
 */
export function usagePage(parts: UsagePagesParts, query: URLSearchParams): { page: object } | { error: string } {
  const { figures, active, now } = parts;
  const since = query.get('since');
  const sinceMs = since === null ? undefined : readSince(since, now());
  if (since !== null && sinceMs === undefined)
    return { error: 'since: must be a length such as 30m, 24h or 7d, a date, or a Unix time in seconds.' };
  const by = query.get('by');
  const dimension = dimensions.find((name) => name === by);
  if (by !== null && !dimension) return { error: `by: must be one of ${dimensions.join(', ')}.` };
  const tiers = figures.groups('tier', sinceMs);
  const total = emptyCounts();
  for (const { counts } of tiers) addTo(total, counts);
  const { requests, streams } = active();
  return {
    page: {
      total_requests: total.requests,
      total_failures: total.failures,
      total_input_tokens: total.inputTokens,
      total_output_tokens: total.outputTokens,
      total_cost_usd: usdOf(total.nanoUsd),
      active_streams: streams,
      active_requests: requests,
      tiers: tiers.map(({ name, counts }) => ({ tier: name, ...row(counts) })),
      ...((since !== null || dimension) && {
        ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
        ...estimates(total),
        ...(dimension && { by: dimension, groups: groupRows(figures, dimension, sinceMs) }),
      }),
    },
  };
}

function groupRows(figures: Figures, by: Dimension, sinceMs: number | undefined): object[] {
  return figures.groups(by, sinceMs).map(({ name, counts }) => ({ [by]: name, ...row(counts), ...estimates(counts) }));
}

function row(counts: Counts): object {
  return {
    requests: counts.requests,
    failures: counts.failures,
    input_tokens: counts.inputTokens,
    output_tokens: counts.outputTokens,
    cache_read_tokens: counts.cacheReadTokens,
    cache_creation_tokens: counts.cacheWriteTokens,
    cost_usd: usdOf(counts.nanoUsd),
    avg_duration_seconds: counts.answers === 0 ? 0 : counts.durationMs / counts.answers / 1000,
  };
}

function estimates(counts: Counts): object {
  return {
    answers: counts.answers,
    estimated_cost_usd: usdOf(counts.estimatedNanoUsd),
    estimated_answers: counts.estimated,
    unpriced_answers: counts.unpriced,
  };
}

/** Unix time in ms of `24h` ago, of a date or of a Unix time in seconds; undefined for anything else. */
function readSince(text: string, nowMs: number): number | undefined {
  const lengthMs = readDuration(text);
  if (lengthMs !== undefined) return nowMs - lengthMs;
  if (/^\d{1,11}$/.test(text)) return Number(text) * 1000;
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}
