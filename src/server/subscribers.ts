import { pushLatest } from '../canonical/pushLatest.ts';
import type { ControlEvent, GatewayState, LogLine, RequestsQuery, RequestView } from '../control/protocol.ts';

/** How many finished requests are kept. */
const recentRequests = 1000;
/** How many lines of the log are kept for windows that attach later. */
const recentLines = 200;

/** Sends events to the windows that follow the gateway, and keeps the latest requests for those that attach later. */
export type Subscribers = {
  subscribe(listener: (event: ControlEvent) => void): () => void;
  state(state: GatewayState): void;
  /** @returns the request with its cursor */
  request(request: Omit<RequestView, 'cursor'>): RequestView;
  /** Takes over requests of earlier gateways, oldest first. */
  restore(requests: readonly RequestView[]): void;
  log(line: LogLine): void;
  /** The latest lines, oldest first. */
  logLines(): readonly LogLine[];
  /** The latest requests, oldest first. */
  recent(query: RequestsQuery): readonly RequestView[];
};

/** `startedAt`, in Unix time and ms, is where the cursors begin, so that those of an earlier gateway are smaller. */
export function createSubscribers(startedAt: number): Subscribers {
  let cursor = startedAt;
  let lineCursor = startedAt;
  const listeners = new Set<(event: ControlEvent) => void>();
  const recent: RequestView[] = [];
  const lines: LogLine[] = [];
  const send = (event: ControlEvent): void => listeners.forEach((listener) => listener(event));
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: (state) => send({ type: 'state', state }),
    request(given) {
      const request = { ...given, cursor: ++cursor };
      pushLatest(recent, request, recentRequests);
      if (listeners.size > 0) send({ type: 'request', request });
      return request;
    },
    restore(earlier) {
      const known = new Set(recent.map(({ cursor: each }) => each));
      const all = [...earlier.filter(({ cursor: each }) => !known.has(each)), ...recent];
      recent.splice(0, recent.length, ...all.toSorted((a, b) => a.cursor - b.cursor).slice(-recentRequests));
      cursor = Math.max(cursor, recent.at(-1)?.cursor ?? 0);
    },
    log(given) {
      const line = { ...given, cursor: ++lineCursor };
      pushLatest(lines, line, recentLines);
      if (listeners.size > 0) send({ type: 'log', ...line });
    },
    logLines: () => lines.slice(-recentLines),
    recent: ({ after = 0, limit = recentRequests }) =>
      recent
        .slice(-recentRequests)
        .filter((request) => request.cursor > after)
        .slice(0, limit),
  };
}
