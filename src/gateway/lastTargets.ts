import type { JsonObject } from '../canonical/request.ts';
import type { RouteDecision, Target } from '../routing/route.ts';

/** Conversations remembered; the one that was quiet for longest goes first. */
const maxConversations = 1000;

/** Which target answered a conversation last, and under which preset's parameters. */
export type LastTargets = {
  note(conversation: string, target: Target, parameters: JsonObject): void;
  /** The decision for a compaction: it stays where its conversation is, unless the client itself names a target. */
  stay(conversation: string, decision: RouteDecision, isUsable: (target: Target) => boolean): RouteDecision;
};

export function createLastTargets(): LastTargets {
  const last = new Map<string, { target: Target; parameters: JsonObject }>();
  return {
    note(conversation, target, parameters) {
      last.delete(conversation);
      last.set(conversation, { target, parameters });
      const [quietest] = last.keys();
      if (last.size > maxConversations && quietest !== undefined) last.delete(quietest);
    },
    stay(conversation, decision, isUsable) {
      const known = last.get(conversation);
      const isNamed = decision.reason === 'direct' || decision.reason === 'preset' || decision.reason === 'model';
      if (!known || isNamed || !isUsable(known.target)) return decision;
      const others = decision.targets.filter((target) => !isSame(target, known.target));
      return { targets: [known.target, ...others], reason: 'compaction', parameters: known.parameters };
    },
  };
}

function isSame(a: Target, b: Target): boolean {
  return a.provider === b.provider && a.model === b.model;
}
