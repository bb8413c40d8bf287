import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Usage } from '../canonical/events.ts';

/** What requests to a target are expected to use, learnt from its answers. In tokens. */
export type UsualUsage = {
  /** `estimate`: of the input. `maxTokens`: the most that the client wants of the output. */
  expect(target: string, estimate: number, maxTokens: number | undefined): Usage;
  learn(target: string, estimate: number, usage: Usage): void;
};

/** The output of a target that has not answered yet. */
const firstOutput = 1000;

/** Of the averages of a target, the share of its newest answer. */
const newestShare = 0.3;

const maxTargets = 1000;

/** `inputRatio`: what the target counts as input, by what was estimated. */
type Averages = { inputRatio: number; output: number };

export function createUsualUsage(): UsualUsage {
  const known = createBoundedMap<string, Averages>(maxTargets);
  return {
    expect(target, estimate, maxTokens = Infinity) {
      const { inputRatio, output } = known.get(target) ?? { inputRatio: 1, output: firstOutput };
      return { inputTokens: Math.round(estimate * inputRatio), outputTokens: Math.round(Math.min(output, maxTokens)) };
    },
    learn(target, estimate, { inputTokens, outputTokens }) {
      const newest = { inputRatio: inputTokens / Math.max(1, estimate), output: outputTokens };
      const before = known.get(target) ?? newest;
      known.set(target, {
        inputRatio: before.inputRatio + newestShare * (newest.inputRatio - before.inputRatio),
        output: before.output + newestShare * (newest.output - before.output),
      });
    },
  };
}
