import type { ControlEvent, GatewayState, RequestView } from '../control/protocol.ts';

/** Requests that are kept for whoever looks later. */
const recentRequests = 200;

/** Who follows the gateway, and what they missed. */
export type Subscribers = {
  subscribe(listener: (event: ControlEvent) => void): () => void;
  state(state: GatewayState): void;
  request(request: RequestView): void;
  /** Oldest first. */
  recent(): readonly RequestView[];
};

export function createSubscribers(): Subscribers {
  const listeners = new Set<(event: ControlEvent) => void>();
  const recent: RequestView[] = [];
  const tell = (event: ControlEvent): void => listeners.forEach((listener) => listener(event));
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: (state) => tell({ type: 'state', state }),
    request(request) {
      recent.push(request);
      if (recent.length > recentRequests) recent.shift();
      tell({ type: 'request', request });
    },
    recent: () => recent,
  };
}
