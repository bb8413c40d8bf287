import { translateRequest } from './displayLanguage.ts';
import type { RequestView } from '../control/protocol.ts';
import type { GatewayLink } from './gatewayLink.ts';

/** What a change added. `isWhole`: the requests before it are to be forgotten. */
export type FeedChange = { added: readonly RequestView[]; isWhole: boolean };

/** The latest requests of the gateway, oldest first. They stay when the gateway stops. */
export type RequestFeed = {
  requests(): readonly RequestView[];
  find(id: string): RequestView | undefined;
  onChange(listener: (change: FeedChange) => void): () => void;
};

type FeedLink = Pick<GatewayLink, 'status' | 'client' | 'onStatus' | 'onRequest'>;

/** As many as a gateway keeps. */
export const longestFeed = 1000;

/** A client may have sent an id before. */
function keyOf({ id, cursor }: RequestView): string {
  return `${cursor} ${id}`;
}

/**
 * Follows the gateway's requests: those that it kept from before this window connected, and each one that ends. `onFailure`
 * gets a sentence when the kept ones can't be read.
 */
export function createRequestFeed(link: FeedLink, onFailure: (error: unknown) => void): RequestFeed {
  const listeners = new Set<(change: FeedChange) => void>();
  let requests: RequestView[] = [];
  let known: number | undefined;
  /** Those that ended while the kept ones are read. */
  let pending: RequestView[] | undefined;

  function tell(change: FeedChange): void {
    for (const listener of listeners) listener(change);
  }

  function add(request: RequestView): void {
    requests.push(request);
    if (requests.length > longestFeed) requests = requests.slice(-longestFeed);
    tell({ added: [request], isWhole: false });
  }

  /** Requests that end in the meantime follow the kept ones, so that those of one gateway arrive in their order. */
  async function readKept(): Promise<void> {
    const arrived: RequestView[] = [];
    pending = arrived;
    let kept: RequestView[] = [];
    try {
      kept = ((await link.client()?.requests()) ?? []).map(translateRequest);
    } catch (error) {
      onFailure(error);
    }
    if (pending !== arrived) return arrived.forEach(add);
    pending = undefined;
    const have = new Set(requests.map(keyOf));
    const missing = [...kept, ...arrived].filter((each) => !have.has(keyOf(each)) && have.add(keyOf(each)));
    if (missing.length === 0) return;
    requests = [...requests, ...missing].toSorted((a, b) => a.cursor - b.cursor).slice(-longestFeed);
    tell({ added: requests, isWhole: true });
  }

  link.onRequest((request) => {
    if (pending) pending.push(request);
    else add(request);
  });
  link.onStatus((status) => {
    if (status.kind !== 'running' || status.state.startedAt === known) return;
    known = status.state.startedAt;
    void readKept();
  });

  return {
    requests: () => requests,
    find: (id) => requests.findLast((request) => request.id === id),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
