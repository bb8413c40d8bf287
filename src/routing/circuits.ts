import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Target } from './route.ts';

/** More than the attempts of one request by default: a prompt that no provider can take opens no circuit by itself. */
const failuresToOpen = 5;

/** Milliseconds. */
const firstWaitMs = 10_000;
const longestWaitMs = 300_000;
const waitFactor = 2;

/**
 * - `closed`: requests are sent;
 * - `open`: it failed several times in a row, so other targets are asked first;
 * - `half-open`: the wait is over, so the next request finds out whether the target answers again;
 * - `probing`: a request is finding that out, and other targets are asked first.
 */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'probing';

/** Leave to send a request to a target. */
export type Pass = {
  /** The request finds out for all others whether the target answers again. */
  isProbe: boolean;
  /** To be called when the request is done with the target, whatever came of it. */
  leave(): void;
};

/** A circuit for each target: opens when the target fails again and again, and closes when it answers. */
export type Circuits = {
  state(target: Target, nowMs: number): CircuitState;
  /** When an open circuit half-opens, in Unix time and ms; undefined for one that is not open. */
  retryAtMs(target: Target, nowMs: number): number | undefined;
  /** Undefined if other targets are to be asked first. Only one request at a time gets to probe a half-open circuit. */
  enter(target: Target, nowMs: number): Pass | undefined;
  /** A failure that is the provider's. */
  failed(target: Target, nowMs: number): void;
  answered(target: Target): void;
  /** For a changed config. */
  clear(): void;
};

type Circuit = { failures: number; waitMs: number; openUntilMs: number; probe?: symbol | undefined };

/** Clients may ask for any model of a provider that lists none. */
const maxTargets = 1000;

export function createCircuits(): Circuits {
  const circuits = createBoundedMap<string, Circuit>(maxTargets);
  const nameOf = ({ provider, model }: Target): string => `${provider},${model}`;

  function state(target: Target, nowMs: number): CircuitState {
    const circuit = circuits.get(nameOf(target));
    if (!circuit || circuit.openUntilMs === 0) return 'closed';
    if (circuit.openUntilMs > nowMs) return 'open';
    return circuit.probe ? 'probing' : 'half-open';
  }

  function probe(name: string): Pass {
    const id = Symbol(name);
    const circuit = circuits.get(name);
    if (circuit) circuit.probe = id;
    return {
      isProbe: true,
      leave() {
        const current = circuits.get(name);
        if (current?.probe === id) current.probe = undefined;
      },
    };
  }

  return {
    state,
    retryAtMs: (target, nowMs) =>
      state(target, nowMs) === 'open' ? circuits.get(nameOf(target))?.openUntilMs : undefined,
    enter(target, nowMs) {
      const now = state(target, nowMs);
      if (now === 'closed') return { isProbe: false, leave: () => undefined };
      return now === 'half-open' ? probe(nameOf(target)) : undefined;
    },
    failed(target, nowMs) {
      const name = nameOf(target);
      const circuit = circuits.get(name) ?? { failures: 0, waitMs: 0, openUntilMs: 0 };
      const failures = circuit.failures + 1;
      // A request that was sent before it opened, or because nothing else was left, says nothing new.
      const isNews = circuit.openUntilMs <= nowMs;
      if (!isNews || failures < failuresToOpen) return circuits.set(name, { ...circuit, failures });
      const waitMs = Math.min(circuit.waitMs === 0 ? firstWaitMs : circuit.waitMs * waitFactor, longestWaitMs);
      circuits.set(name, { failures, waitMs, openUntilMs: nowMs + waitMs });
    },
    answered: (target) => void circuits.delete(nameOf(target)),
    clear: () => circuits.clear(),
  };
}
