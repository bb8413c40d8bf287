import type { RequestView } from '../../src/control/protocol.ts';
import type { ShownRequest } from '../../src/vscode/dashboard/protocol.ts';
import { within, type Span } from '../../src/vscode/dashboard/series.ts';

/** What the page remembers while it is hidden, and over a restart of VS Code. */
export type Saved = { range: RangeName; filter: string; selected?: string | undefined };

const minute = 60_000;
/** In ms. */
export const ranges = {
  '15m': 15 * minute,
  '1h': 60 * minute,
  '6h': 360 * minute,
  '24h': 1440 * minute,
  '7d': 10_080 * minute,
};
export type RangeName = keyof typeof ranges;

/** Of a chart. */
const intervals = 60;
/** As many as the extension keeps. */
const mostRequests = 1000;

export type Store = {
  saved: Saved;
  requests(): readonly RequestView[];
  add(requests: readonly ShownRequest[], isWhole: boolean): void;
  /** The time that the charts show. It ends with the current interval. */
  span(): Span;
  inSpan(): readonly RequestView[];
  selected(): RequestView | undefined;
};

export function createStore(saved: Saved, now: () => number): Store {
  let requests: RequestView[] = [];
  let shown: { key: string; requests: RequestView[] } | undefined;

  function span(): Span {
    const length = ranges[saved.range];
    const step = length / intervals;
    const until = (Math.floor(now() / step) + 1) * step;
    return { from: until - length, until, count: intervals };
  }

  return {
    saved,
    requests: () => requests,
    add(added, isWhole) {
      // The schema has every field of a record that the page reads.
      const views = added as unknown as RequestView[];
      requests = (isWhole ? [...views] : [...requests, ...views]).slice(-mostRequests);
      shown = undefined;
    },
    span,
    inSpan() {
      const current = span();
      const key = `${current.from} ${current.until}`;
      if (shown?.key !== key) shown = { key, requests: within(requests, current) };
      return shown.requests;
    },
    selected: () => requests.findLast(({ id }) => id === saved.selected),
  };
}

/** From the page's state, which an older version may have written. */
export function readSaved(state: unknown): Saved {
  const found: { range?: unknown; filter?: unknown; selected?: unknown } =
    typeof state === 'object' && state !== null ? state : {};
  const range = (Object.keys(ranges) as RangeName[]).find((name) => name === found.range) ?? '1h';
  return {
    range,
    filter: typeof found.filter === 'string' ? found.filter : '',
    selected: typeof found.selected === 'string' ? found.selected : undefined,
  };
}
