import type { LinkStatus } from './linkStatus.ts';

/** The current status of this window's gateway, and who listens for changes. */
export type StatusBoard = {
  status(): LinkStatus;
  show(next: LinkStatus): void;
  onStatus(listener: (status: LinkStatus) => void): () => void;
  /** Resolves with the first status other than `starting`. */
  settled(): Promise<LinkStatus>;
  removeListeners(): void;
};

export function createStatusBoard(): StatusBoard {
  const listeners = new Set<(status: LinkStatus) => void>();
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
    removeListeners: () => listeners.clear(),
  };
}
