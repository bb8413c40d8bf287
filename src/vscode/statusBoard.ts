import type { RequestView } from '../control/protocol.ts';
import type { LinkStatus } from './linkStatus.ts';

/** The current status of this window's gateway, and who listens for changes. */
export type StatusBoard = {
  status(): LinkStatus;
  show(next: LinkStatus): void;
  onStatus(listener: (status: LinkStatus) => void): () => void;
  /** A request has ended. */
  report(request: RequestView): void;
  onRequest(listener: (request: RequestView) => void): () => void;
  /** Resolves with the first status other than `starting`. */
  settled(): Promise<LinkStatus>;
  removeListeners(): void;
};

export function createStatusBoard(): StatusBoard {
  const listeners = new Set<(status: LinkStatus) => void>();
  const requestListeners = new Set<(request: RequestView) => void>();
  let status: LinkStatus = { kind: 'stopped' };

  function onStatus(listener: (status: LinkStatus) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  return {
    status: () => status,
    onStatus,
    show(next) {
      status = next;
      for (const listener of listeners) listener(next);
    },
    report(request) {
      for (const listener of requestListeners) listener(request);
    },
    onRequest(listener) {
      requestListeners.add(listener);
      return () => requestListeners.delete(listener);
    },
    settled() {
      if (status.kind !== 'starting') return Promise.resolve(status);
      return new Promise((resolve) => {
        const unsubscribe = onStatus((next) => {
          if (next.kind === 'starting') return;
          unsubscribe();
          resolve(next);
        });
      });
    },
    removeListeners() {
      listeners.clear();
      requestListeners.clear();
    },
  };
}
