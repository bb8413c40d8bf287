import { modelTestsStoredAt, readModelTests } from '../control/modelTests.ts';
import { formatTarget } from '../config/routes.ts';
import type { TestVerdict, TestVerdicts } from '../routing/unfit.ts';

/** How long a test by another process may take to count. Milliseconds. */
const lookMs = 5_000;

/** The stored contract tests of models: `ccr test-model` and windows write them. */
export function createTestVerdicts(homeDirectory: string, now: () => number): TestVerdicts {
  let lookedAt = -Infinity;
  let storedAt: number | undefined;
  let verdicts = new Map<string, TestVerdict>();
  return (target) => {
    if (now() - lookedAt >= lookMs) {
      lookedAt = now();
      const changedAt = modelTestsStoredAt(homeDirectory);
      if (changedAt !== storedAt) verdicts = readVerdicts(homeDirectory);
      storedAt = changedAt;
    }
    return verdicts.get(formatTarget(target));
  };
}

function readVerdicts(homeDirectory: string): Map<string, TestVerdict> {
  return new Map(
    readModelTests(homeDirectory).map(({ target, testedAt, results }) => {
      const failed = results.flatMap(({ name, outcome }) => (outcome === 'failed' ? name : []));
      return [target, { failed, testedAtMs: testedAt }];
    }),
  );
}
