import type { RequestView, TargetView } from '../../control/protocol.ts';
import type { Snapshot } from './snapshot.ts';
import { writeTable, type Column, type Table } from './table.ts';
import { cell, fit, length, money, paint, short, type Cell, type Colour } from './text.ts';

export type View = {
  url: string;
  /** Undefined before the first answer. */
  snapshot: Snapshot | undefined;
  /** Why there is no newer one. */
  problem: string | undefined;
  /** Where the user is, for the last line. */
  place: string;
  version: string;
  /** Unix time in ms. */
  now: number;
};

export type Size = { columns: number; rows: number };

/** The screen: `rows` lines of `columns` columns. */
export function render(view: View, { columns, rows }: Size, hasColour: boolean): string[] {
  const { snapshot } = view;
  const head = [titleLine(view, columns, hasColour), ...(snapshot ? [totalLine(snapshot, columns)] : [])];
  const foot = fit(`q or Esc quits · ${view.place} · CCR ${view.version}`, columns);
  const room = Math.max(0, rows - head.length - 1);
  const body = snapshot ? bodyLines(snapshot, columns, room, hasColour) : [];
  const filled = [...body, ...Array.from({ length: room }, () => ' '.repeat(columns))].slice(0, room);
  return [...head, ...filled, paint(foot, 'dim', hasColour)].slice(0, rows);
}

function titleLine({ url, snapshot, problem, now }: View, columns: number, hasColour: boolean): string {
  const time = new Date(now).toTimeString().slice(0, 8);
  const status = problem ?? statusOf(snapshot);
  const colour: Colour = problem ? 'red' : (statusColours[snapshot?.state?.status ?? ''] ?? 'bold');
  return `${paint(fit(`CCR ${url}  ${status}`, columns - 9), colour, hasColour)} ${time}`;
}

const statusColours: Partial<Record<string, Colour>> = { healthy: 'green', degraded: 'yellow', down: 'red' };

function statusOf(snapshot: Snapshot | undefined): string {
  if (!snapshot) return 'connecting';
  const { status, reasons = [] } = snapshot.state ?? {};
  return [status, ...reasons].filter(Boolean).join(': ');
}

function totalLine({ usage }: Snapshot, columns: number): string {
  const { total_requests: all, total_failures: failed } = usage;
  const success = all === 0 ? '' : `, ${((100 * (all - failed)) / all).toFixed(1)} % ok`;
  const parts = [
    `${usage.active_streams} streams, ${usage.active_requests} active`,
    `${short(all)} requests${success}`,
    money(usage.total_cost_usd),
    `${short(usage.total_input_tokens)} in, ${short(usage.total_output_tokens)} out`,
  ];
  // No number is cut in the middle. The tokens are in the tiers' rows, too.
  while (parts.length > 1 && parts.join(' · ').length > columns) parts.pop();
  return fit(parts.join(' · '), columns);
}

/** Tiers first, then drift beside clients, then what came last, as far as there is room. */
function bodyLines(snapshot: Snapshot, columns: number, room: number, hasColour: boolean): string[] {
  const blank = ' '.repeat(columns);
  const lines: string[] = [];
  const add = (more: readonly string[]): void => void lines.push(...(more.length > 0 ? [blank, ...more] : []));
  const left = (): number => room - lines.length - 1;
  const recent = snapshot.recent;
  const tiers = tierTable(snapshot);
  add(writeTable(tiers, columns, Math.min(left(), Math.max(4, Math.floor(room / 2.5))), hasColour));
  add(sideBySide(driftTable(snapshot), frontendTable(snapshot), columns, Math.min(left(), Math.max(3, Math.floor(room / 4))), hasColour)); // prettier-ignore
  const troubled = targetTable(snapshot);
  if (troubled.rows.length > 0) add(writeTable(troubled, columns, Math.min(left(), 4), hasColour));
  if (recent) add(writeTable(requestTable(recent), columns, left(), hasColour));
  return lines;
}

function sideBySide(one: Table, other: Table, columns: number, height: number, hasColour: boolean): string[] {
  const [first, second] = [Math.floor((columns - 2) / 2), Math.ceil((columns - 2) / 2)];
  const a = writeTable(one, first, height, hasColour);
  const b = writeTable(other, second, height, hasColour);
  return Array.from(
    { length: Math.max(a.length, b.length) },
    (_, index) => `${a[index] ?? ' '.repeat(first)}  ${b[index] ?? ' '.repeat(second)}`,
  );
}

const right = (title: string, width: number): Column => ({ title, width, align: 'right' });

function tierTable({ usage, latencies, throughput, state }: Snapshot): Table {
  const names = new Set(
    [...usage.tiers, ...latencies, ...throughput, ...(state?.targets ?? [])].map(({ tier }) => tier),
  );
  const rows = [...names].toSorted().map((tier): Cell[] => {
    const counts = usage.tiers.find((each) => each.tier === tier);
    const speed = throughput.find((each) => each.tier === tier);
    const latency = latencies.find((each) => each.tier === tier);
    const failed = counts?.failures ?? 0;
    return [
      cell(tier),
      ...(state ? [conditionOf(state.targets.filter((each) => each.tier === tier))] : []),
      cell(latency ? length(latency.ewma_seconds * 1000) : '–'),
      cell(speed ? length(speed.avg_ttft_seconds * 1000) : '–'),
      cell(speed ? speed.avg_tokens_per_second.toFixed(1) : '–'),
      cell(`${short((counts?.requests ?? 0) - failed)}/${short(failed)}`, failed > 0 ? 'yellow' : undefined),
      cell(short(counts?.input_tokens ?? 0)),
      cell(short(counts?.output_tokens ?? 0)),
      cell(money(counts?.cost_usd ?? 0)),
      cell(short(counts?.cache_read_tokens ?? 0)),
    ];
  });
  return {
    columns: [
      { title: 'Tier', width: 8, grow: 1 },
      ...(state ? [{ title: 'State', width: 8 }] : []),
      right('EWMA', 7),
      right('TTFT', 7),
      right('Tok/s', 6),
      right('OK/Failed', 9),
      right('In', 6),
      right('Out', 6),
      right('Cost', 8),
      right('Cached', 6),
    ],
    rows,
    empty: 'No requests yet.',
  };
}

const conditions: readonly (readonly [TargetView['state'], Colour | undefined])[] = [
  ['off', 'red'],
  ['open', 'red'],
  ['cooldown', 'yellow'],
  ['failing', 'yellow'],
  ['ok', 'green'],
  ['unknown', 'dim'],
];

/** The worst of a tier's targets. */
function conditionOf(targets: readonly TargetView[]): Cell {
  const [state, colour] = conditions.find(([name]) => targets.some((each) => each.state === name)) ?? ['', undefined];
  return cell(state, colour);
}

/** Percent, by which an estimate is off. */
const [driftWarning, driftCritical] = [10, 25];

function driftCell(percent: number): Cell {
  const off = Math.abs(percent);
  return cell(`${percent.toFixed(1)} %`, off > driftCritical ? 'red' : off > driftWarning ? 'yellow' : undefined);
}

function driftTable({ drift }: Snapshot): Table {
  return {
    columns: [{ title: 'Token drift', width: 11, grow: 1 }, right('Samples', 7), right('Total', 8), right('Last', 8)],
    rows: drift.map(({ tier, samples, cumulative_drift_pct: total, last_drift_pct: last }) => [
      cell(tier),
      cell(short(samples)),
      driftCell(total),
      driftCell(last),
    ]),
    empty: 'No estimates to compare yet.',
  };
}

function frontendTable({ frontends }: Snapshot): Table {
  return {
    columns: [{ title: 'Client', width: 11, grow: 1 }, right('Requests', 8), right('Average', 9)],
    rows: frontends.map(({ frontend, requests, avg_latency_ms: average }) => [
      cell(frontend),
      cell(short(requests)),
      cell(length(average)),
    ]),
    empty: 'No clients yet.',
  };
}

/** Those that do not answer now. */
function targetTable({ state }: Snapshot): Table {
  const troubled = (state?.targets ?? []).filter(({ state: now }) => now !== 'ok' && now !== 'unknown');
  return {
    columns: [
      { title: 'Target in trouble', width: 20, grow: 1 },
      { title: 'State', width: 8 },
      { title: 'Until', width: 8 },
      { title: 'Why', width: 12, grow: 2 },
    ],
    rows: troubled.map(({ target, state: now, retryAt, lastFailure }) => [
      cell(target),
      cell(now, conditions.find(([name]) => name === now)?.[1]),
      cell(retryAt === undefined ? '' : timeOf(retryAt)),
      cell(lastFailure ? `${lastFailure.kind}: ${lastFailure.message}` : ''),
    ]),
    empty: '',
  };
}

function requestTable(recent: readonly RequestView[]): Table {
  return {
    columns: [
      { title: 'Latest', width: 8 },
      { title: 'Client', width: 11 },
      { title: 'Target', width: 14, grow: 1 },
      right('First', 6),
      right('Total', 6),
      right('In/Out', 10),
      right('Cost', 8),
      { title: 'Note', width: 8, grow: 2 },
    ],
    rows: recent.map((request) => [
      cell(timeOf(request.startedAt)),
      cell(request.client),
      cell(request.target ?? request.model ?? '', request.target === undefined ? 'red' : undefined),
      cell(request.firstContentMs === undefined ? '–' : length(request.firstContentMs)),
      cell(length(request.durationMs)),
      cell(`${short(request.inputTokens ?? 0)}/${short(request.outputTokens ?? 0)}`),
      cell(request.costUsd === undefined ? '–' : money(request.costUsd)),
      noteOf(request),
    ]),
    empty: 'No requests yet.',
  };
}

function noteOf({ errorKind, attempts, fallback }: RequestView): Cell {
  if (errorKind !== undefined) return cell(errorKind, errorKind === 'cancelled' ? 'dim' : 'red');
  if (fallback) return cell(`instead of ${fallback.from}`, 'yellow');
  return attempts.length > 1 ? cell(`attempt ${attempts.length}`, 'yellow') : cell('');
}

function timeOf(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
