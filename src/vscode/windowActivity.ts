import type { RequestView } from '../control/protocol.ts';
import { addTo, totalsOf, type Totals } from './dashboard/figures.ts';
import type { RequestFeed } from './requestFeed.ts';

/** What the status bar shows of the gateway's requests. */
export type WindowActivity = {
  /** This window's latest request. */
  last(): RequestView | undefined;
  /** The requests of all windows, since midnight here. */
  today(): Totals;
};

export type WindowActivityParts = {
  feed: Pick<RequestFeed, 'onChange'>;
  scope: string;
  /** Unix time in ms. */
  now(): number;
  onChange(): void;
};

/** Follows the gateway's requests, those from before this window connected included. Keeps one of them, and sums. */
export function createWindowActivity({ feed, scope, now, onChange }: WindowActivityParts): WindowActivity {
  let last: RequestView | undefined;
  let totals = totalsOf([]);
  let day = '';
  let seen = -1;

  function startDay(): void {
    const today = new Date(now()).toDateString();
    if (today === day) return;
    day = today;
    totals = totalsOf([]);
  }

  function add(request: RequestView): void {
    if (request.cursor <= seen) return;
    seen = request.cursor;
    if (request.scope === scope) last = request;
    startDay();
    if (new Date(request.startedAt).toDateString() === day) addTo(totals, request);
  }

  feed.onChange(({ added }) => {
    for (const request of added) add(request);
    onChange();
  });

  return {
    last: () => last,
    today() {
      startDay();
      return totals;
    },
  };
}
