import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isSameTarget } from '../config/routes.ts';
import type { RouteCandidate, RouteDecision, Target } from '../routing/route.ts';

/** The least recently used conversation is evicted. */
const maxConversations = 1000;

/** Which target last answered a conversation, and with which preset's parameters. */
export type CompactionAffinity = {
  note(conversation: string, target: Target, parameters: JsonObject): void;
  /** Routes a compaction to the target that last answered its conversation, unless the client itself named a target. */
  apply(conversation: string, decision: RouteDecision, isUsable: (target: Target) => boolean): RouteDecision;
};

export function createCompactionAffinity(): CompactionAffinity {
  const last = createBoundedMap<string, { target: Target; parameters: JsonObject }>(maxConversations);
  return {
    note: (conversation, target, parameters) => last.set(conversation, { target, parameters }),
    apply(conversation, decision, isUsable) {
      const known = last.get(conversation);
      const isNamed = decision.reason === 'direct' || decision.reason === 'preset' || decision.reason === 'model';
      if (!known || isNamed || !isUsable(known.target)) return decision;
      const candidates = putFirst(known.target, decision.candidates);
      return {
        targets: candidates.map(({ target }) => target),
        candidates,
        matched: known.target,
        isFree: decision.isFree,
        reason: 'compaction',
        readAs: decision.readAs,
        parameters: known.parameters,
      };
    },
  };
}

function putFirst(target: Target, candidates: readonly RouteCandidate[]): RouteCandidate[] {
  const same = candidates.find((each) => isSameTarget(each.target, target));
  const others = candidates
    .filter((each) => each !== same)
    .map((each) => (each.position === 'matched' ? { ...each, position: 'fallback' as const } : each));
  return [{ ...same, target, position: 'matched' }, ...others];
}
