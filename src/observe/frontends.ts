export type FrontendFigures = { frontend: string; requests: number; avg_latency_ms: number };

export type FrontendSums = { requests: number; finished: number; durationMs: number };

/** Requests by client, and how long they took. */
export function createFrontends() {
  const frontends = new Map<string, FrontendSums>();

  function sumsOf(frontend: string): FrontendSums {
    const known = frontends.get(frontend) ?? { requests: 0, finished: 0, durationMs: 0 };
    frontends.set(frontend, known);
    return known;
  }

  return {
    requested: (frontend: string): void => void sumsOf(frontend).requests++,
    finished(frontend: string, durationMs: number): void {
      const sums = sumsOf(frontend);
      sums.finished++;
      sums.durationMs += durationMs;
    },
    all: (): FrontendFigures[] =>
      [...frontends].map(([frontend, { requests, finished, durationMs }]) => ({
        frontend,
        requests,
        avg_latency_ms: finished === 0 ? 0 : durationMs / finished,
      })),
    snapshot: (): [string, FrontendSums][] => [...frontends],
    restore: (snapshot: readonly [string, FrontendSums][]): void =>
      snapshot.forEach(([frontend, sums]) => frontends.set(frontend, { ...sums })),
    clear: (): void => frontends.clear(),
  };
}
