import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Target } from './route.ts';

/** A failure that was not the request's fault. Unix time in ms. */
export type TargetFailure = {
  at: number;
  kind: string;
  /** The provider's words, without secrets and without the prompt. */
  message: string;
  /** The place of the key that was sent, from 1, if the provider has several. */
  key?: number | undefined;
};

/** What the latest requests to a target came to. */
export type TargetOutcome = {
  target: Target;
  /** The latest attempt failed, and the config has not changed since. */
  isFailing: boolean;
  lastFailure?: TargetFailure | undefined;
  /** Unix time in ms. */
  lastSuccessAt?: number | undefined;
  /** From the last successful attempt's start to its first content. */
  firstTokenMs?: number | undefined;
};

/** Remembers how each target did last, for people and windows; nothing is decided by it. */
export type Outcomes = {
  answered(target: Target, at: number, firstTokenMs: number): void;
  failed(target: Target, failure: TargetFailure): void;
  of(target: Pick<Target, 'provider' | 'model'>): TargetOutcome | undefined;
  /** The target that was asked last comes last. */
  all(): TargetOutcome[];
  /** For a changed config, with which what failed may work: no target counts as failing. */
  forgive(): void;
};

/** Clients may ask for any model of a provider that lists none. */
const maxTargets = 200;

export function createOutcomes(): Outcomes {
  const outcomes = createBoundedMap<string, TargetOutcome>(maxTargets);
  const note = (target: Target, newest: Omit<TargetOutcome, 'target'>): void => {
    const name = `${target.provider},${target.model}`;
    outcomes.set(name, { ...outcomes.get(name), target, ...newest });
  };
  const all = (): TargetOutcome[] => [...outcomes.keys()].flatMap((name) => outcomes.get(name) ?? []);
  return {
    answered: (target, at, firstTokenMs) => note(target, { isFailing: false, lastSuccessAt: at, firstTokenMs }),
    failed: (target, lastFailure) => note(target, { isFailing: true, lastFailure }),
    of: ({ provider, model }) => outcomes.get(`${provider},${model}`),
    all,
    forgive: () => all().forEach((outcome) => note(outcome.target, { ...outcome, isFailing: false })),
  };
}
