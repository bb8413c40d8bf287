import * as z from 'zod';
import { countsOf, type Figures, type FiguresSnapshot } from '../../observe/figures.ts';
import type { DriftSeverity, TierDrift } from '../../observe/tokenDrift.ts';
import { addTo, emptyCounts, type Cell, type Counts, type Labels } from '../../observe/usageLedger.ts';
import {
  clearFigures,
  driftEntry,
  driftWrites,
  figureChanges,
  figureKeys,
  figureWrites,
  labelText,
  type FigureChange,
} from './figureWrites.ts';
import type { Call, Command, KeptState } from './outbox.ts';
import { periodCounts } from './periodCounts.ts';
import { measureReads, readMeasures, seedMeasures } from './measureReads.ts';
import { labelled, pairsOf, parsed } from './replies.ts';
import type { Share, SharedPart } from './share.ts';

type SharedFiguresParts = { figures: Figures; share: Share; now(): number };

/** The counters that make up the totals of a tier, as scripts and dashboards of the format know them. */
const counters = {
  ccr_requests_total: 'requests',
  ccr_input_tokens_total: 'inputTokens',
  ccr_output_tokens_total: 'outputTokens',
  ccr_cache_read_tokens_total: 'cacheReadTokens',
  ccr_cache_creation_tokens_total: 'cacheWriteTokens',
} as const;

/**
 * Figures that all gateways have in common. Redis keeps the totals, under the names that earlier data has; calls of others are
 * repeated as they come.
 */
export function shareFigures({ figures: local, share, now }: SharedFiguresParts): {
  figures: Figures;
  part: SharedPart;
} {
  const keys = figureKeys(share.prefix);
  const periods = periodCounts(share.prefix);

  function repeat(call: Call): unknown {
    const [, name, ...values] = call;
    if (name === 'clear') return local.clear();
    const change = figureChanges.find((each) => each === name);
    return change && (local[change] as (...values: unknown[]) => unknown)(...values.map((value) => value ?? undefined));
  }

  function writesOf(name: FigureChange, values: unknown[], speed: number | undefined): Command[] {
    const [labels, second] = values as [Labels, never];
    const drift = name === 'answered' ? local.drift().find(({ tier }) => tier === labels.tier) : undefined;
    const counts = countsOfCall(name, second);
    return [
      ...figureWrites(share.prefix, name, values as never, { drift, speed }),
      ...(counts ? periods.writes(labels, counts, share.toShared(now())) : []),
    ];
  }

  const told = figureChanges.map((name) => [
    name,
    (...values: unknown[]) => {
      const result = (local[name] as (...values: unknown[]) => unknown)(...values);
      const states = statesOf(local, share.prefix, name, values[0]);
      share.tell([['figures', name, ...values]], writesOf(name, values, result as number | undefined), states);
      return result;
    },
  ]);

  function clear(): void {
    local.clear();
    share.tell([['figures', 'clear']], [...clearFigures(share.prefix), ...periods.clear(share.toShared(now()))]);
  }

  return {
    figures: { ...local, ...(Object.fromEntries(told) as Pick<Figures, FigureChange>), clear },
    part: {
      reads: () => [...periods.reads(), ...totalReads(share.prefix)],
      restore(replies, waiting) {
        const restored = readFigures(replies, (first) =>
          periods.snapshot(first, share.toShared(now()), share.fromShared),
        );
        const before = local.snapshot();
        const measures = readMeasures(replies.slice(-measureReads(share.prefix).length), local.measures());
        local.clear();
        local.restore({ ...before, ...restored, measures });
        // What waits to be written is not in it.
        for (const call of waiting) if (call[0] === 'figures') repeat(call);
      },
      apply(call) {
        repeat(call);
        statesOf(local, share.prefix, call[1], call[2]).forEach(share.changed);
      },
      seed: () => [
        ...seedOf(local.snapshot(), share, periods),
        ...seedMeasures(share.prefix, local.measures()),
        ...local.drift().map((drift) => ['HSET', keys.drift, drift.tier, JSON.stringify(driftEntry(drift))]),
      ],
    },
  };
}

/** Reads all but the counts of periods. */
function totalReads(prefix: string): Command[] {
  const keys = figureKeys(prefix);
  return [
    ...[
      ...Object.keys(counters),
      'ccr_cost_usd_total',
      'ccr_failures_total',
      'ccr_token_drift_alerts_total',
      'ccr_frontend_requests_total',
    ].map((name) => ['HGETALL', keys.counter(name)]),
    ...['sum', 'count'].map((part) => ['HGETALL', keys.histogram('ccr_frontend_request_duration_seconds', part)]),
    ...['sum', 'count'].map((part) => ['HGETALL', keys.histogram('ccr_request_duration_seconds', part)]),
    ['HGETALL', keys.drift],
    ['LRANGE', keys.audit, '-1024', '-1'],
    ...measureReads(prefix),
  ];
}

/** The states that a change contributes to. */
function statesOf(local: Figures, prefix: string, name: unknown, labels: unknown): KeptState[] {
  if (name !== 'answered') return [];
  const { tier } = labels as Labels;
  const drift = (): TierDrift[] => local.drift().filter((each) => each.tier === tier);
  return [[`drift ${tier}`, () => drift().flatMap((each) => driftWrites(prefix, each))]];
}

function countsOfCall(name: FigureChange, second: unknown): Partial<Counts> | undefined {
  if (name === 'attempted') return { requests: 1, failures: second === undefined ? 0 : 1 };
  if (name === 'interrupted') return { failures: 1 };
  return name === 'answered' ? countsOf(second as never) : undefined;
}

const driftSchema = z.looseObject({
  semantics_version: z.number(),
  local_sum: z.number(),
  upstream_sum: z.number(),
  samples: z.number(),
  last_local: z.number(),
  last_upstream: z.number(),
});

const auditSchema = z.object({
  timestamp: z.string(),
  tier: z.string(),
  message_tokens: z.number(),
  system_tokens: z.number(),
  tool_tokens: z.number().default(0),
  total_tokens: z.number(),
});

function readFigures(
  replies: readonly unknown[],
  ledgerOf: (first: readonly unknown[]) => FiguresSnapshot['usage'],
): Omit<FiguresSnapshot, 'throughput'> {
  const names = Object.values(counters);
  const usage = ledgerOf(replies.slice(0, 2));
  const [cost, failures, alerts, requests, frontendSum, frontendCount, durationSum, durationCount, drift, audit] =
    replies.slice(2 + names.length);
  const byTier = new Map<string, Counts>();
  const add = (reply: unknown, countsOf: (value: number) => Partial<Counts>): void => {
    for (const [{ tier }, value] of labelled(reply)) {
      if (tier === undefined) continue;
      const counts = byTier.get(tier) ?? emptyCounts();
      byTier.set(tier, counts);
      addTo(counts, countsOf(value));
    }
  };
  names.forEach((name, index) => add(replies[2 + index], (value) => ({ [name]: Math.round(value) })));
  add(cost, (value) => ({ nanoUsd: Math.round(value * 1e9) }));
  add(failures, (value) => ({ failures: Math.round(value) }));
  add(durationSum, (value) => ({ durationMs: Math.round(value * 1000) }));
  add(durationCount, (value) => ({ answers: Math.round(value) }));
  const frontends = (reply: unknown): Map<string, number> =>
    new Map(labelled(reply).map(([{ frontend = '' }, value]) => [frontend, value]));
  const [sums, finished] = [frontends(frontendSum), frontends(frontendCount)];
  return {
    usage: { ...usage, totals: [...usage.totals, ...remainders(byTier, usage.totals)] },
    failures: labelled(failures).map(([{ tier = '', reason = '' }, count]) => [tier, reason, count]),
    alerts: labelled(alerts).map(([{ tier = '', severity }, count]) => [tier, severity as DriftSeverity, count]),
    frontends: [...frontends(requests)].map(([frontend, count]) => [
      frontend,
      {
        requests: count,
        finished: finished.get(frontend) ?? 0,
        durationMs: Math.round((sums.get(frontend) ?? 0) * 1000),
      },
    ]),
    drift: pairsOf(drift).flatMap(([tier, text]) => {
      const { data } = driftSchema.safeParse(parsed(text));
      if (!data) return [];
      const { samples, last_local, last_upstream, local_sum, upstream_sum } = data;
      return [
        { tier, samples, cumulative_local: local_sum, cumulative_upstream: upstream_sum, last_local, last_upstream },
      ];
    }),
    audit: ((audit ?? []) as string[]).flatMap((text) => auditSchema.safeParse(parsed(text)).data ?? []),
  };
}

/** What the counters have that is not in the counts by label: data of another program. */
function remainders(byTier: ReadonlyMap<string, Counts>, cells: readonly Cell[]): Cell[] {
  return [...byTier].flatMap(([tier, counts]) => {
    const known = emptyCounts();
    for (const cell of cells) if (cell.labels.tier === tier) addTo(known, cell.counts);
    const left = emptyCounts();
    const names = [...Object.values(counters), 'failures', 'nanoUsd', 'answers', 'durationMs'] as const;
    for (const name of names) left[name] = Math.max(0, counts[name] - known[name]);
    // A sum of USD in decimals may be off by some billionths.
    if (left.nanoUsd < 1000) left.nanoUsd = 0;
    if (names.every((name) => left[name] === 0)) return [];
    return [{ labels: { tier, model: '', class: '', client: '', preset: '', conversation: '' }, counts: left }];
  });
}

/** Everything, as totals. */
function seedOf(snapshot: FiguresSnapshot, share: Share, periods: ReturnType<typeof periodCounts>): Command[] {
  const keys = figureKeys(share.prefix);
  const byTier = new Map<string, Counts>();
  for (const { labels, counts } of snapshot.usage.totals) {
    const sum = byTier.get(labels.tier) ?? emptyCounts();
    byTier.set(labels.tier, sum);
    addTo(sum, counts);
  }
  const set = (name: string, labels: Record<string, string>, value: number): Command[] =>
    value > 0 ? [['HSET', keys.counter(name), labelText(labels), String(value)]] : [];
  const histogram = (name: string, labels: Record<string, string>, sum: number, count: number): Command[] => [
    ['HSET', keys.histogram(name, 'sum'), labelText(labels), String(sum)],
    ['HSET', keys.histogram(name, 'count'), labelText(labels), String(count)],
  ];
  return [
    ...periods.seed(snapshot.usage, (ms) => share.toShared(ms)),
    ...[...byTier].flatMap(([tier, counts]) => [
      ...Object.entries(counters).flatMap(([name, count]) => set(name, { tier }, counts[count])),
      ...set('ccr_cost_usd_total', { tier }, counts.nanoUsd / 1e9),
      ...histogram('ccr_request_duration_seconds', { tier }, counts.durationMs / 1000, counts.answers),
    ]),
    ...snapshot.failures.flatMap(([tier, reason, count]) => set('ccr_failures_total', { tier, reason }, count)),
    ...snapshot.alerts.flatMap(([tier, severity, count]) =>
      set('ccr_token_drift_alerts_total', { tier, severity }, count),
    ),
    ...snapshot.frontends.flatMap(([frontend, { requests, finished, durationMs }]) => [
      ...set('ccr_frontend_requests_total', { frontend }, requests),
      ...histogram('ccr_frontend_request_duration_seconds', { frontend }, durationMs / 1000, finished),
    ]),
    ...snapshot.audit.map((entry) => ['RPUSH', keys.audit, JSON.stringify(entry)]),
  ];
}
