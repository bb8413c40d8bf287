import uPlot from 'uplot';
import type { Series } from '../../src/vscode/dashboard/series.ts';
import { shortCount } from '../../src/vscode/dashboard/words.ts';
import { make } from './dom.ts';
import { word } from './words.ts';

type Line = { label: string; color: number; values: (number | null)[]; isDashed?: boolean };

export type Chart = {
  element: HTMLElement;
  draw(series: Series): void;
  /** After a change of theme or size. */
  refresh(): void;
};

/** The theme's colours for charts, told apart in high contrast by dashes and by the legend too. */
const colors = ['blue', 'red', 'green', 'orange', 'purple', 'yellow'];
const height = 150;
const narrowest = 120;
const dayS = 24 * 3600;

/** `read` gives the lines of a chart; their number may change with the tiers. */
export function createChart(title: () => string, read: (series: Series) => Line[], isBars = false): Chart {
  const heading = make('h2', {}, title());
  const picture = make('div', { class: 'chart-picture', role: 'img' });
  const legend = make('ul', { class: 'legend' });
  const element = make('section', { class: 'card chart' }, heading, picture, legend);
  let plot: { chart: uPlot; shape: string } | undefined;
  let width = 0;

  function draw(series: Series): void {
    heading.textContent = title();
    const lines = read(series);
    const shape = lines.map(({ label, isDashed }) => `${label}${isDashed ? '~' : ''}`).join('|');
    const data = [series.times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
    if (plot?.shape === shape) plot.chart.setData(data);
    else {
      plot?.chart.destroy();
      plot = { shape, chart: new uPlot(options(lines, isBars, width || picture.clientWidth), data, picture) };
      legend.replaceChildren(...lines.map(legendItem));
    }
    picture.setAttribute('aria-label', word('chartLabel', title(), lines.map(latestOf).join(', ') || word('noData')));
  }

  new ResizeObserver(([entry]) => {
    width = Math.max(narrowest, Math.floor(entry?.contentRect.width ?? 0));
    plot?.chart.setSize({ width, height });
  }).observe(picture);

  return { element, draw, refresh: () => plot?.chart.redraw(false) };
}

function options(lines: readonly Line[], isBars: boolean, width: number): uPlot.Options {
  const axis = { stroke: () => themed('--vscode-descriptionForeground'), size: 44, font: '11px sans-serif' };
  const grid = { stroke: () => themed('--vscode-editorWidget-border'), width: 1 };
  return {
    width: Math.max(narrowest, width),
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 28, 0, 0],
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.05] } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 76, // a time, with AM or PM
        grid: { show: false },
        ticks: { show: false },
        values: (_, times) => timeTexts(times),
      },
      { ...axis, grid, ticks: { show: false }, values: (_, ticks) => ticks.map(tickText) },
    ],
    series: [
      {},
      ...lines.map(({ label, color, isDashed, values }) => ({
        label,
        stroke: () => colorOf(color),
        width: 1.5,
        spanGaps: true,
        // A value without neighbours has no line.
        points: { show: !isBars && values.includes(null), size: 4, fill: () => colorOf(color) },
        ...(isDashed && { dash: [4, 3] }),
        ...(isBars && uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.8, 20] }), fill: () => colorOf(color) }),
      })),
    ],
  };
}

function legendItem({ label, color, isDashed }: Line): HTMLElement {
  const swatch = make('span', { class: `swatch color-${color % colors.length}${isDashed ? ' dashed' : ''}` });
  return make('li', {}, swatch, label);
}

function latestOf({ label, values }: Line): string {
  const latest = values.findLast((value) => value !== null && value !== 0);
  return `${label} ${latest === undefined || latest === null ? word('noData') : tickText(latest)}`;
}

function tickText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return String(Number(value.toPrecision(2)));
  return value < 1000 ? String(Number(value.toFixed(1))) : shortCount(value);
}

/** @param times in seconds, as uPlot has them */
function timeTexts(times: readonly number[]): string[] {
  const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) > dayS;
  const format = isLong
    ? new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' })
    : new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
  return times.map((time) => format.format(time * 1000));
}

function colorOf(index: number): string {
  return themed(`--vscode-charts-${colors[index % colors.length] ?? 'blue'}`);
}

function themed(name: string): string {
  return themeValues.get(name) ?? readTheme(name);
}

/** A read of a computed style for each stroke would cost more than the stroke. */
const themeValues = new Map<string, string>();

function readTheme(name: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim() || 'currentcolor';
  const color = value === 'currentcolor' ? getComputedStyle(document.body).color : value;
  themeValues.set(name, color);
  return color;
}

export function forgetTheme(): void {
  themeValues.clear();
}

/** Every chart of the dashboard, by name. */
export function createCharts(): Record<string, Chart> {
  const perTier =
    (key: 'first' | 'duration') =>
    (series: Series): Line[] =>
      series.tiers.flatMap((tier, color) => [
        { label: `${tier.tier} ${word('p50')}`, color, values: key === 'first' ? tier.firstP50 : tier.durationP50 },
        {
          label: `${tier.tier} ${word('p95')}`,
          color,
          values: key === 'first' ? tier.firstP95 : tier.durationP95,
          isDashed: true,
        },
      ]);
  return {
    requestsChart: createChart(
      () => word('requests'),
      ({ answered, failed }) => [
        { label: word('answered'), color: 0, values: answered },
        { label: word('failed'), color: 1, values: failed, isDashed: true },
      ],
    ),
    tokensChart: createChart(
      () => word('tokens'),
      ({ inputTokens, outputTokens }) => [
        { label: word('input'), color: 0, values: inputTokens },
        { label: word('output'), color: 2, values: outputTokens, isDashed: true },
      ],
    ),
    costChart: createChart(
      () => word('costUsd'),
      ({ costUsd }) => [{ label: word('cost'), color: 3, values: costUsd }],
      true,
    ),
    cacheChart: createChart(
      () => word('cacheHitsPercent'),
      ({ cacheHits }) => [{ label: word('cacheHits'), color: 4, values: cacheHits }],
    ),
    firstChart: createChart(() => word('perTier', word('firstTokenMs')), perTier('first')),
    durationChart: createChart(() => word('perTier', word('durationMs')), perTier('duration')),
  };
}
