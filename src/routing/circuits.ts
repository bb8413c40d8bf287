/** How many failures in a row open a circuit. */
const failuresToOpen = 5;

/** The first wait of an open circuit; each failed probe doubles it, up to the longest. Milliseconds. */
const firstWaitMs = 30_000;
const longestWaitMs = 300_000;

/**
 * A circuit for each target: after several failures in a row, requests prefer other targets for a while. Then one request at a
 * time is the probe: it is sent there first, while others still go elsewhere.
 */
export type Circuits = {
  /** Whether a request may be sent now. Once the wait is over, the first caller gets true, and its outcome decides. */
  admit(name: string, nowMs: number): boolean;
  /** Closes the circuit. */
  succeeded(name: string): void;
  failed(name: string, nowMs: number): void;
  /**
   * The outcome of a request that was sent at `sinceMs` says nothing of the target. If it was the probe, another one may be: one
   * that was sent before the probe was not.
   */
  released(name: string, sinceMs: number): void;
  /** Unix time in ms until which an open circuit waits for its probe; 0 for a closed one. */
  openUntilMs(name: string): number;
  /** Undefined for a circuit without failures since the last answer. */
  snapshot(name: string): Circuit | undefined;
  /** Takes over a circuit of another gateway, if it is open for longer or has seen more failures. */
  adopt(name: string, circuit: Circuit): void;
  /** Sets it to what an earlier process knew; undefined closes it. */
  restore(name: string, circuit: Circuit | undefined): void;
  clear(): void;
};

export type Circuit = {
  failures: number;
  waitMs: number;
  openUntilMs?: number | undefined;
  /** When this gateway sent its probe. */
  probedAtMs?: number | undefined;
};

export function createCircuits(): Circuits {
  /** Only of targets that have failed since they last answered. */
  const circuits = new Map<string, Circuit>();
  return {
    admit(name, nowMs) {
      const circuit = circuits.get(name);
      if (circuit?.openUntilMs === undefined) return true;
      if (circuit.probedAtMs !== undefined || circuit.openUntilMs > nowMs) return false;
      circuit.probedAtMs = nowMs;
      return true;
    },
    succeeded: (name) => void circuits.delete(name),
    failed(name, nowMs) {
      const circuit = circuits.get(name) ?? {
        failures: 0,
        waitMs: firstWaitMs,
        openUntilMs: undefined,
        probedAtMs: undefined,
      };
      circuits.set(name, circuit);
      circuit.failures++;
      if (circuit.failures < failuresToOpen) return;
      // Failures of requests that were sent before the circuit opened are not those of a probe.
      if ((circuit.openUntilMs ?? nowMs) > nowMs) return;
      if (circuit.openUntilMs !== undefined) circuit.waitMs = Math.min(circuit.waitMs * 2, longestWaitMs);
      circuit.openUntilMs = nowMs + circuit.waitMs;
      circuit.probedAtMs = undefined;
    },
    released(name, sinceMs) {
      const circuit = circuits.get(name);
      if (circuit?.probedAtMs !== undefined && circuit.probedAtMs <= sinceMs) circuit.probedAtMs = undefined;
    },
    openUntilMs: (name) => circuits.get(name)?.openUntilMs ?? 0,
    snapshot: (name) => circuits.get(name),
    adopt(name, { failures, waitMs, openUntilMs }) {
      const known = circuits.get(name);
      const isNews = (openUntilMs ?? 0) > (known?.openUntilMs ?? 0) || failures > (known?.failures ?? 0);
      if (isNews) circuits.set(name, { failures, waitMs, openUntilMs, probedAtMs: known?.probedAtMs });
    },
    restore(name, circuit) {
      if (circuit) circuits.set(name, { ...circuit });
      else circuits.delete(name);
    },
    clear: () => circuits.clear(),
  };
}
