import type { ControlEvent, GatewayState, RequestView } from '../control/protocol.ts';

/** How many finished requests are kept. */
const recentRequests = 200;

/** Sends events to the windows that follow the gateway, and keeps the latest requests for those that attach later. */
export type Subscribers = {
  subscribe(listener: (event: ControlEvent) => void): () => void;
  state(state: GatewayState): void;
  request(request: RequestView): void;
  /** The latest requests, oldest first. */
  recent(): readonly RequestView[];
};

export function createSubscribers(): Subscribers {
  const listeners = new Set<(event: ControlEvent) => void>();
  const recent: RequestView[] = [];
  const send = (event: ControlEvent): void => listeners.forEach((listener) => listener(event));
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: (state) => send({ type: 'state', state }),
    request(request) {
      recent.push(request);
      if (recent.length > recentRequests) recent.shift();
      send({ type: 'request', request });
    },
    recent: () => recent,
  };
}
