import type { LinkStatus } from '../linkStatus.ts';
import type { RequestFeed } from '../requestFeed.ts';
import { readFromPage, toShown, type FromPage, type ToPage } from './protocol.ts';

/** One page that is open: an editor tab, or the panel. */
export type PageSession = {
  receive(message: unknown): void;
  show(status: LinkStatus): void;
  /** Shows a request's route, once the page listens. */
  select(id: string): void;
  close(): void;
};

export type PageSessionParts = {
  feed: RequestFeed;
  post(message: ToPage): void;
  texts: Record<string, string>;
  onExport(message: Extract<FromPage, { type: 'export' }>): void;
  onStart(): void;
  /** Calls back once after a delay in ms. Returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
};

/** Requests that end within this time go to the page in one message. Milliseconds. */
const batchMs = 50;

/** Answers a page's messages, and keeps it up to date while it is shown. */
export function createPageSession(parts: PageSessionParts): PageSession {
  const { feed, post, after } = parts;
  let isReady = false;
  let selected: string | undefined;
  let status: LinkStatus = { kind: 'stopped' };
  let waiting: ReturnType<typeof toShown>[] = [];
  let cancel: (() => void) | undefined;

  function flush(): void {
    cancel = undefined;
    const requests = waiting;
    waiting = [];
    if (requests.length > 0) post({ type: 'requests', requests, isWhole: false });
  }

  function sendWhole(): void {
    waiting = [];
    post({ type: 'requests', requests: feed.requests().map(toShown), isWhole: true });
  }

  function sendStatus(): void {
    if (isReady) post(gatewayMessage(status));
  }

  function begin(): void {
    isReady = true;
    post({ type: 'texts', texts: parts.texts });
    sendStatus();
    sendWhole();
    if (selected !== undefined) post({ type: 'select', id: selected });
    selected = undefined;
  }

  const unsubscribe = feed.onChange(({ added, isWhole }) => {
    if (!isReady) return;
    if (isWhole) return sendWhole();
    waiting.push(...added.map(toShown));
    cancel ??= after(batchMs, flush);
  });

  return {
    receive(message) {
      const read = readFromPage(message);
      if (read?.type === 'ready') begin();
      if (read?.type === 'export') parts.onExport(read);
      if (read?.type === 'start') parts.onStart();
    },
    show(next) {
      status = next;
      sendStatus();
    },
    select(id) {
      if (isReady) post({ type: 'select', id });
      else selected = id;
    },
    close() {
      unsubscribe();
      cancel?.();
    },
  };
}

function gatewayMessage(status: LinkStatus): ToPage {
  const state = status.kind === 'running' ? status.state : undefined;
  return {
    type: 'gateway',
    isRunning: state !== undefined,
    streams: state?.active.streams ?? 0,
    active: state?.active.requests ?? 0,
    status: state?.status ?? status.kind,
  };
}
