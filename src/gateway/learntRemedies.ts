import { createBoundedMap } from '../canonical/boundedMap.ts';
import { describePath } from '../canonical/refusedFields.ts';
import type { Remedy } from '../canonical/remedies.ts';

/** Of all targets; the least recently used one is forgotten, and would be learnt again from its next refusal. */
const maxTargets = 500;

/** Of one target. */
const maxRemedies = 30;

/** What refusals have taught about targets, so that later requests need no second attempt. */
export type LearntRemedies = {
  of(target: string): readonly Remedy[];
  /** Keeps those of `remedies` that hold for every request. Called once they have helped. */
  keep(target: string, remedies: readonly Remedy[]): void;
};

export function createLearntRemedies(): LearntRemedies {
  const learnt = createBoundedMap<string, readonly Remedy[]>(maxTargets);
  return {
    of: (target) => learnt.touch(target) ?? [],
    keep(target, remedies) {
      const lasting = remedies.filter((remedy) => remedy.lasting);
      if (lasting.length === 0) return;
      const known = new Map([...(learnt.get(target) ?? []), ...lasting].map((remedy) => [nameOf(remedy), remedy]));
      learnt.set(target, [...known.values()].slice(-maxRemedies));
    },
  };
}

/** Of two with one name, the later one counts. */
function nameOf(remedy: Remedy): string {
  return remedy.type === 'leave-out' ? `leave-out ${describePath(remedy.path)}` : remedy.type;
}
