import {
  addTo,
  countNames,
  dimensions,
  emptyCounts,
  type Cell,
  type Counts,
  type Labels,
} from '../../observe/usageLedger.ts';
import type { LedgerSnapshot } from '../../observe/usageLedger.ts';
import type { Command } from './outbox.ts';
import { pairsOf, parsed } from './replies.ts';
import { readPeriods } from './scripts.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Hours are kept for a week, days for a quarter. Milliseconds. */
const periods = [
  { lengthMs: hourMs, keptMs: 8 * dayMs },
  { lengthMs: dayMs, keptMs: 93 * dayMs },
] as const;

/** Within this age hours are read, beyond it days. Milliseconds. */
const hoursMs = 7 * dayMs;

/** Counts by labels in Redis: in all, by hour and by day. Conversations are not kept there. */
export function periodCounts(prefix: string) {
  const totalKey = `${prefix}:usage:total`;
  const periodSet = `${prefix}:usage:periods`;

  const periodKey = (lengthMs: number, startMs: number): string => `${prefix}:usage:${lengthMs}:${startMs}`;

  /** What to write for counts at `atMs`, by the clock of Redis. */
  function writes(labels: Labels, counts: Partial<Counts>, atMs: number): Command[] {
    const fields = countNames.flatMap((name) => (counts[name] ? [[fieldOf(labels, name), String(counts[name])]] : []));
    const into = (key: string): Command[] => fields.map(([field = '', by = '0']) => ['HINCRBYFLOAT', key, field, by]);
    return [
      ...into(totalKey),
      ...periods.flatMap(({ lengthMs, keptMs }): Command[] => {
        const startMs = atMs - (atMs % lengthMs);
        const key = periodKey(lengthMs, startMs);
        const end = String(startMs + lengthMs + keptMs);
        return [...into(key), ['PEXPIREAT', key, end], ['ZADD', periodSet, end, key]];
      }),
    ];
  }

  return {
    writes,
    reads: (): Command[] => [
      ['HGETALL', totalKey],
      ['EVAL', readPeriods, '1', periodSet],
    ],
    /** All that a gateway has counted, for a Redis that lost its data. `toShared`: to the clock of Redis. */
    seed({ totals, buckets }: LedgerSnapshot, toShared: (ms: number) => number): Command[] {
      const byPeriod = buckets.flatMap(({ atMs, cells }) =>
        cells.flatMap(({ labels, counts }) => writes(labels, counts, toShared(atMs))),
      );
      const whole = totals.flatMap(({ labels, counts }) =>
        countNames.flatMap((name): Command[] =>
          counts[name] ? [['HSET', totalKey, fieldOf(labels, name), String(counts[name])]] : [],
        ),
      );
      return [...byPeriod.filter(([, key]) => key !== totalKey), ...whole];
    },
    snapshot([total, found]: readonly unknown[], nowMs: number, fromShared: (ms: number) => number): LedgerSnapshot {
      const keys = (found ?? []) as unknown[];
      const buckets = keys.flatMap((key, index) => {
        if (index % 2 === 1) return [];
        const [lengthMs = 0, startMs = 0] = String(key).split(':').slice(-2).map(Number);
        const atMs = fromShared(startMs);
        const isDay = lengthMs === dayMs;
        // Where hours are known, the day would count twice.
        if (isDay === startMs + lengthMs > nowMs - hoursMs - (nowMs % dayMs)) return [];
        return [{ atMs, lengthMs, cells: cellsOf(keys[index + 1]) }];
      });
      return { totals: cellsOf(total), buckets: buckets.toSorted((a, b) => a.atMs - b.atMs) };
    },
    /** Deletes all counts. `nowMs`: by the clock of Redis. */
    clear(nowMs: number): Command[] {
      const kept = periods.flatMap(({ lengthMs, keptMs }) =>
        Array.from({ length: Math.ceil(keptMs / lengthMs) + 1 }, (_, age) =>
          periodKey(lengthMs, nowMs - (nowMs % lengthMs) - age * lengthMs),
        ),
      );
      return [totalKey, periodSet, ...kept].map((key) => ['DEL', key]);
    },
  };
}

function fieldOf(labels: Labels, name: string): string {
  return JSON.stringify([name, ...dimensions.map((each) => (each === 'conversation' ? '' : labels[each]))]);
}

function cellsOf(reply: unknown): Cell[] {
  const cells = new Map<string, Cell>();
  for (const [field, value] of pairsOf(reply)) {
    const [name, ...values] = (parsed(field) ?? []) as string[];
    const count = countNames.find((each) => each === name);
    if (!count || values.length !== dimensions.length) continue;
    const labels = Object.fromEntries(dimensions.map((each, index) => [each, values[index]])) as Labels;
    const key = JSON.stringify(values);
    const cell = cells.get(key) ?? { labels, counts: emptyCounts() };
    cells.set(key, cell);
    addTo(cell.counts, { [count]: Number(value) });
  }
  return [...cells.values()];
}
