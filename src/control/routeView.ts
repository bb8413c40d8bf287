import type { Wording } from '../canonical/wording.ts';
import type { AffinityChoice } from '../routing/affinity.ts';
import type { ConversationLength, RouteCandidate, SkippedChoice } from '../routing/route.ts';

/** `reason` in RequestView is the rule that named `matched`. */
export type RouteView = {
  matched: string;
  /** The configured name that the client's model was taken for, if it was written differently. */
  readAs?: string | undefined;
  /** The one of `Router.rules` that applied: its place, from 1, and the reason in the config. */
  rule?: { place: number; reason?: string | undefined } | undefined;
  /** Why the conversation stayed with the target of its last answer, or left it. */
  affinity?: AffinityChoice | undefined;
  /** Targets that a route, a rule or the model named, but whose provider is off; absent if there are none. */
  skipped?: SkippedChoice[] | undefined;
  /** For the reason `long-context`: tokens, and above how many the conversation is long. */
  length?: ConversationLength | undefined;
  /** Why another target than `matched` answered. */
  detour?: string | undefined;
  /** Of `detour`, for a window's own language. Absent from older gateways. */
  detourWording?: Wording | undefined;
  /** In the order in which they are tried; see routing/route.ts for the positions. */
  candidates: (Omit<RouteCandidate, 'target'> & {
    target: string;
    /** USD per million tokens; absent if unknown. */
    prices?: { input: number; output: number; cacheRead?: number | undefined } | undefined;
    /** What this answer would have cost at the target's prices, with the same tokens and the same cache. USD. */
    costUsd?: number | undefined;
  })[];
};
