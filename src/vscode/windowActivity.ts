import type { RequestView } from '../control/protocol.ts';
import type { GatewayLink } from './gatewayLink.ts';

/** Today's requests of all windows, since midnight here. */
export type Totals = { requests: number; failed: number; inputTokens: number; outputTokens: number; costUsd: number };

/** What the status bar shows of the gateway's requests. */
export type WindowActivity = {
  /** This window's latest request. */
  last(): RequestView | undefined;
  today(): Totals;
};

export type WindowActivityParts = {
  link: Pick<GatewayLink, 'client' | 'onStatus' | 'onRequest'>;
  scope: string;
  /** Unix time in ms. */
  now(): number;
  onChange(): void;
};

const none: Totals = { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

/** Follows the gateway's requests, those from before this window connected included. Keeps one of them, and sums. */
export function createWindowActivity({ link, scope, now, onChange }: WindowActivityParts): WindowActivity {
  let last: RequestView | undefined;
  let totals = none;
  let day = '';
  let seen = -1;
  let known: number | undefined;
  let pending: RequestView[] | undefined;

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

  /** Those that end in the meantime are added after the kept ones, in the order of their cursors. */
  async function addKept(): Promise<void> {
    const arrived: RequestView[] = [];
    pending = arrived;
    const kept =
      (await link
        .client()
        ?.requests()
        .catch(() => [])) ?? []; // none if the gateway ended meanwhile
    if (pending === arrived) pending = undefined;
    for (const request of [...kept, ...arrived]) add(request);
    onChange();
  }

  link.onRequest((request) => {
    if (pending) pending.push(request);
    else add(request);
    onChange();
  });
  link.onStatus((status) => {
    if (status.kind !== 'running' || status.state.startedAt === known) return;
    known = status.state.startedAt;
    void addKept();
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
