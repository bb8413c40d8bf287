import { createBoundedMap } from '../canonical/boundedMap.ts';
import { formatTarget, type ModelRef } from '../config/routes.ts';
import type { TokenEstimate } from './tokens.ts';

/** The weight of the newest answer. */
const newestWeight = 0.3;

/** The fixed parts of smaller requests would distort the ratio. Tokens. */
const smallestRequest = 500;

/** Beyond these bounds the provider counts something else than the input. */
const leastRatio = 0.25;
const greatestRatio = 4;

const maxTargets = 1000;

/** What is estimated, by kinds of text that tokenizers and providers count differently. */
export type Estimated = Pick<TokenEstimate, 'total' | 'tools' | 'cjk'>;

/**
 * How a provider's own counts of input tokens compare with CCR's estimates, for each target and each kind of text: Chinese,
 * Japanese and Korean, declarations of tools, and all else.
 */
export type Calibration = {
  /** The estimate as the target's provider would count it. Tokens. */
  at(target: ModelRef, estimated: Estimated): number;
  note(target: ModelRef, estimated: Estimated, counted: number): void;
};

/** A number for each kind of text: in words, CJK, tools. */
type Kinds = readonly [number, number, number];

export function createCalibration(): Calibration {
  const ratios = createBoundedMap<string, Kinds>(maxTargets);
  return {
    at: (target, estimated) => Math.round(total(scaled(kindsOf(estimated), ratios.get(formatTarget(target))))),
    note(target, estimated, counted) {
      const isCount = counted >= estimated.total * leastRatio && counted <= estimated.total * greatestRatio;
      if (estimated.total < smallestRequest || !isCount) return;
      const name = formatTarget(target);
      const before = ratios.get(name);
      ratios.set(name, corrected(before ?? [1, 1, 1], kindsOf(estimated), counted, before ? newestWeight : 1));
    },
  };
}

/** CJK in tools counts as CJK: there is little of it. */
function kindsOf({ total: all, tools, cjk }: Estimated): Kinds {
  const ofTools = Math.max(Math.min(tools, all - cjk), 0);
  return [Math.max(all - cjk - ofTools, 0), cjk, ofTools];
}

function scaled(kinds: Kinds, ratios: Kinds = [1, 1, 1]): Kinds {
  return [kinds[0] * ratios[0], kinds[1] * ratios[1], kinds[2] * ratios[2]];
}

function total(kinds: Kinds): number {
  return kinds[0] + kinds[1] + kinds[2];
}

/**
 * Moves the prediction by `weight` of its error, each kind by its part in it: one that a request has little of is not to blame. With
 * one kind alone this is a moving average of the ratio.
 */
function corrected(ratios: Kinds, kinds: Kinds, counted: number, weight: number): Kinds {
  const parts = scaled(kinds, ratios);
  const predicted = total(parts);
  const squares = parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2;
  const next = (ratio: number, part: number): number => {
    const factor = 1 + (weight * (counted - predicted) * part) / squares;
    return Math.min(Math.max(ratio * factor, leastRatio), greatestRatio);
  };
  return [next(ratios[0], parts[0]), next(ratios[1], parts[1]), next(ratios[2], parts[2])];
}
