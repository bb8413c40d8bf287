// The dashboard's page: receives requests from the extension and draws what has changed.
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import 'uplot/dist/uPlot.min.css';
import './dashboard.css';
import { summarize } from '../../src/vscode/dashboard/figures.ts';
import { readToPage, type FromPage, type ToPage } from '../../src/vscode/dashboard/protocol.ts';
import { seriesOf } from '../../src/vscode/dashboard/series.ts';
import { createCharts, forgetTheme } from './charts.ts';
import { make, replace } from './dom.ts';
import { createFrames } from './frames.ts';
import { createRequestList } from './requestList.ts';
import { renderRoute } from './routePicture.ts';
import { createStore, ranges, readSaved } from './store.ts';
import { renderFailures, renderHealth, renderMoney } from './tables.ts';
import { renderTiles, type Open } from './tiles.ts';
import { useTexts, word } from './words.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

/** Windows of time move on without requests, too. Milliseconds. */
const tickMs = 15_000;

const code = acquireVsCodeApi();
const store = createStore(readSaved(code.getState()), Date.now);
const send = (message: FromPage): void => code.postMessage(message);
const charts = createCharts();
const list = createRequestList(select);
const tiles = make('dl', { class: 'tiles' });
const failures = make('section', { class: 'card' });
const health = make('section', { class: 'card' });
const spending = make('section', { class: 'card' });
const route = make('section', { class: 'card', 'aria-live': 'polite' });
const toolbar = make('header', { class: 'toolbar' });
const listHeading = make('h2');
const filter = make('vscode-textfield');
let gateway: Extract<ToPage, { type: 'gateway' }> | undefined;

const parts: Record<string, () => void> = {
  tiles: () => renderTiles(tiles, summarize(store.inSpan()), openNow()),
  list: () => list.render(store.inSpan(), store.saved.filter, store.saved.selected),
  failures: () => renderFailures(failures, store.inSpan()),
  health: () => renderHealth(health, store.inSpan(), store.span()),
  money: () => renderMoney(spending, store.inSpan()),
  ...Object.fromEntries(
    Object.entries(charts).map(([name, chart]) => [name, () => chart.draw(seriesOf(store.inSpan(), store.span()))]),
  ),
};
const frames = createFrames(parts, (callback) => void requestAnimationFrame(callback));
const markAll = (): void => frames.mark(...Object.keys(parts));

function openNow(): Open {
  return { streams: gateway?.streams ?? 0, active: gateway?.active ?? 0 };
}

function save(): void {
  code.setState(store.saved);
}

function select(id: string): void {
  store.saved.selected = id;
  save();
  renderRoute(route, store.selected());
  frames.mark('list');
}

function renderToolbar(): void {
  const range = make('vscode-single-select', { label: word('range') });
  for (const name of Object.keys(ranges))
    range.append(
      make('vscode-option', { value: name, selected: name === store.saved.range }, word(`range${name}` as 'range1h')),
    );
  range.addEventListener('change', () => {
    store.saved.range = readSaved({ range: Reflect.get(range, 'value') }).range;
    save();
    markAll();
  });
  const exporter = (format: 'csv' | 'json'): HTMLElement => {
    const button = make('vscode-button', { secondary: true }, word(format === 'csv' ? 'exportCsv' : 'exportJson'));
    button.addEventListener('click', () => send({ type: 'export', format, ids: store.inSpan().map(({ id }) => id) }));
    return button;
  };
  replace(toolbar, make('h1', {}, word('dashboard')), statusOf(), range, exporter('csv'), exporter('json'));
}

function statusOf(): HTMLElement {
  if (gateway?.isRunning) {
    const key = (['healthy', 'degraded', 'down'] as const).find((name) => name === gateway?.status);
    return make('span', { class: `badge ${gateway.status}`, role: 'status' }, key ? word(key) : '');
  }
  const button = make('vscode-button', {}, word('start'));
  button.addEventListener('click', () => send({ type: 'start' }));
  return make('span', { role: 'status' }, word('stopped'), ' ', button);
}

function renderTexts(): void {
  renderToolbar();
  listHeading.textContent = word('latest');
  filter.setAttribute('label', word('filter'));
  filter.setAttribute('placeholder', word('filter'));
  renderRoute(route, store.selected());
  markAll();
}

function receive(message: ToPage): void {
  switch (message.type) {
    case 'texts':
      useTexts(message.texts);
      return renderTexts();
    case 'requests':
      store.add(message.requests, message.isWhole);
      if (message.isWhole) renderRoute(route, store.selected());
      return markAll();
    case 'gateway': {
      const isSame = gateway?.isRunning === message.isRunning && gateway.status === message.status;
      gateway = message;
      if (!isSame) renderToolbar();
      return frames.mark('tiles');
    }
    case 'select':
      select(message.id);
      return route.scrollIntoView();
    default:
      return message satisfies never;
  }
}

filter.setAttribute('value', store.saved.filter);
filter.addEventListener('input', () => {
  store.saved.filter = String(Reflect.get(filter, 'value') ?? '');
  save();
  frames.mark('list');
});
document
  .getElementById('dashboard')
  ?.append(
    toolbar,
    tiles,
    make('div', { class: 'charts' }, ...Object.values(charts).map(({ element }) => element)),
    make('div', { class: 'columns' }, failures, health),
    spending,
    make('section', { class: 'card' }, listHeading, filter, list.element),
    route,
  );
new MutationObserver(() => {
  forgetTheme();
  for (const chart of Object.values(charts)) chart.refresh();
}).observe(document.body, { attributes: true, attributeFilter: ['class'] });
window.addEventListener('message', ({ data }) => {
  const message = readToPage(data);
  if (message) receive(message);
});
setInterval(markAll, tickMs);
renderTexts();
send({ type: 'ready' });
