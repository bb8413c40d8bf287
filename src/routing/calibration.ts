import { createBoundedMap } from '../canonical/boundedMap.ts';
import { formatTarget, type ModelRef } from '../config/routes.ts';

/** The weight of the newest answer. */
const newestWeight = 0.3;

/** The fixed parts of smaller requests would distort the ratio. Tokens. */
const smallestRequest = 500;

/** Beyond these bounds the provider counts something else than the input. */
const leastRatio = 0.25;
const greatestRatio = 4;

const maxTargets = 1000;

/** How a provider's own counts of input tokens compare with CCR's estimates, for each target. */
export type Calibration = {
  /** The estimate as the target's provider would count it. Tokens. */
  at(target: ModelRef, estimated: number): number;
  note(target: ModelRef, estimated: number, counted: number): void;
};

export function createCalibration(): Calibration {
  const ratios = createBoundedMap<string, number>(maxTargets);
  return {
    at: (target, estimated) => Math.round(estimated * (ratios.get(formatTarget(target)) ?? 1)),
    note(target, estimated, counted) {
      const ratio = counted / estimated;
      if (estimated < smallestRequest || !(ratio >= leastRatio && ratio <= greatestRatio)) return;
      const name = formatTarget(target);
      const before = ratios.get(name);
      ratios.set(name, before === undefined ? ratio : before + newestWeight * (ratio - before));
    },
  };
}
