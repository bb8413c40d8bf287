import type { RequestView } from '../control/protocol.ts';
import type { RequestFeed } from './requestFeed.ts';

/** Today's requests of all windows, since midnight here. */
export type Totals = { requests: number; failed: number; inputTokens: number; outputTokens: number; costUsd: number };

/** What the status bar shows of the gateway's requests. */
export type WindowActivity = {
  /** This window's latest request. */
  last(): RequestView | undefined;
  today(): Totals;
};

export type WindowActivityParts = {
  feed: Pick<RequestFeed, 'onChange'>;
  scope: string;
  /** Unix time in ms. */
  now(): number;
  onChange(): void;
};

const none: Totals = { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

/** Follows the gateway's requests, those from before this window connected included. Keeps one of them, and sums. */
export function createWindowActivity({ feed, scope, now, onChange }: WindowActivityParts): WindowActivity {
  let last: RequestView | undefined;
  let totals = none;
  let day = '';
  let seen = -1;

  function startDay(): void {
    const today = new Date(now()).toDateString();
    if (today === day) return;
    day = today;
    totals = none;
  }

  function add(request: RequestView): void {
    if (request.cursor <= seen) return;
    seen = request.cursor;
    if (request.scope === scope) last = request;
    startDay();
    if (new Date(request.startedAt).toDateString() === day) totals = plus(totals, request);
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

function plus(totals: Totals, { error, inputTokens = 0, outputTokens = 0, costUsd = 0 }: RequestView): Totals {
  return {
    requests: totals.requests + 1,
    failed: totals.failed + (error === undefined ? 0 : 1),
    inputTokens: totals.inputTokens + inputTokens,
    outputTokens: totals.outputTokens + outputTokens,
    costUsd: totals.costUsd + costUsd,
  };
}
