import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { OpenerMemory } from '../reasoning/openerMemory.ts';

/** Of all targets; the least recently used one is forgotten, and would be learnt again from its answers. */
const maxTargets = 500;

/** Which targets, by URL and model, omit the opening tag of their thinking, as their answers showed. */
export type LearntOpeners = {
  /** `note` receives a sentence when an answer contradicts what was assumed while it was shown. */
  of(target: string, note: (message: string) => void): OpenerMemory;
};

export function createLearntOpeners(): LearntOpeners {
  const learnt = createBoundedMap<string, boolean>(maxTargets);
  return {
    of(target, note) {
      let assumption = false;
      return {
        isOmitted: (unlessTold) => (assumption = learnt.touch(target) ?? unlessTold),
        learn(isOmitted) {
          learnt.set(target, isOmitted);
          if (isOmitted !== assumption) note(isOmitted ? omitted : notOmitted);
        },
      };
    },
  };
}

const omitted =
  'Thinking came without its opening tag and may have been shown as text. From now on, text before a closing tag is read as thinking.';
const notOmitted =
  'The answer was shown as thinking first, because the opening tag of thinking may be missing here. From now on, text without tags is the answer.';
