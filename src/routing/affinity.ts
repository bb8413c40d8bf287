import * as z from 'zod';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import type { Usage } from '../canonical/events.ts';
import { formatTarget, type ModelRef } from '../config/routes.ts';
import { isInterim, isMovePaid, isWarm, predictGain, type Gain, type Pricing, type Seat } from './affinityGain.ts';
import type { RouteCandidate, RouteDecision, Target } from './route.ts';

/** The least recently used conversation is evicted. With the longest ids, this is some 2 MB. */
const maxConversations = 4000;

/** A conversation that moves more often has left no prompt worth returning to. */
const maxSeats = 3;

/** Why a conversation stays with the target that answered it last, or leaves it. */
export type AffinityChoice = {
  /** `provider,model` of the last answer. */
  from: string;
  /** The candidate that it was compared with, or that it moves to. */
  other?: string | undefined;
  /** `route`: the rule that applies names a target, which goes first. */
  outcome: 'stayed' | 'moved' | 'unavailable' | 'route';
  /** What a move to `other` would save, in money and time. Absent if there was no choice. */
  gain?: Gain | undefined;
};

const seatSchema = z.object({ target: z.string(), tokens: z.number(), output: z.number(), atMs: z.number() });

/** Of a snapshot that was in a file. */
export const affinitySnapshotSchema = z.array(z.tuple([z.string(), z.array(seatSchema)]));

/** What a file keeps over a restart: conversations from the least to the most recently used. */
export type AffinitySnapshot = [conversation: string, seats: Seat[]][];

/**
 * Which targets hold the prompt of which conversation in their caches. The newest seat of a conversation is that of its last
 * answer.
 */
export type Affinity = {
  note(conversation: string, target: ModelRef, usage: Usage, nowMs: number): void;
  /**
   * Puts the target of the last answer first, unless a move to the first candidate pays. A target that was named by the
   * client or the config stays before it.
   */
  apply(
    conversation: string,
    decision: RouteDecision,
    turn: { inputTokens: number; fixedTokens: number; nowMs: number; pricing: Pricing },
  ): RouteDecision;
  has(conversation: string): boolean;
  /** Whether the conversation is known, and its prompt not in the target's cache. */
  isCold(conversation: string, target: ModelRef, nowMs: number): boolean;
  /** `provider,model` of the last answer; undefined for a conversation that is new or forgotten. */
  last(conversation: string): string | undefined;
  snapshot(): AffinitySnapshot;
  restore(snapshot: AffinitySnapshot): void;
};

export function createAffinity(limit = maxConversations): Affinity {
  const conversations = createBoundedMap<string, Seat[]>(limit);

  return {
    note(conversation, target, usage, nowMs) {
      const name = formatTarget(target);
      const seat = { target: name, tokens: usage.inputTokens, output: usage.outputTokens, atMs: nowMs };
      const others = (conversations.get(conversation) ?? []).filter((each) => each.target !== name);
      conversations.set(conversation, [seat, ...others].slice(0, maxSeats));
    },

    apply(conversation, decision, turn) {
      const seats = conversations.touch(conversation);
      const last = seats?.[0];
      if (!seats || !last) return decision;
      const { candidates } = decision;
      const place = candidates.findIndex(({ target }) => formatTarget(target) === last.target);
      const own = candidates[place];
      const free = decision.isFree || candidates[0]?.position !== 'matched' ? 0 : 1;
      const first = candidates[free];
      const from = last.target;
      if (!own || !isReady(own))
        return { ...decision, affinity: { from, other: named(candidates[0]?.target), outcome: 'unavailable' } };
      if (place === 0) return { ...decision, affinity: { from, outcome: 'stayed' } };
      if (!first) return decision;
      const gain = predictGain(own, first, seats, turn, isInterim(candidates, own, first));
      const other = named(first.target);
      if (isReady(first) && isMovePaid(gain, own))
        return { ...decision, affinity: { from, other, outcome: 'moved', gain } };
      const ordered = [
        ...candidates.slice(0, free),
        { ...own, position: 'affinity' as const },
        ...candidates.slice(free).filter((each) => each !== own),
      ];
      return {
        ...decision,
        candidates: ordered,
        targets: ordered.map(({ target }) => target),
        affinity:
          free > 0
            ? { from, other: named(candidates[0]?.target), outcome: 'route' }
            : { from, other, outcome: 'stayed', gain },
      };
    },

    has: (conversation) => conversations.has(conversation),

    isCold(conversation, target, nowMs) {
      const seats = conversations.get(conversation);
      return seats !== undefined && !seats.some((seat) => seat.target === formatTarget(target) && isWarm(seat, nowMs));
    },

    last: (conversation) => conversations.get(conversation)?.[0]?.target,

    snapshot: () => [...conversations.keys()].map((key) => [key, conversations.get(key) ?? []]),

    restore(snapshot) {
      for (const [conversation, seats] of snapshot) conversations.set(conversation, seats.slice(0, maxSeats));
    },
  };
}

const unready: readonly RouteCandidate['position'][] = ['too-small', 'quota-last', 'failed-test', 'off'];

function isReady({ cooldownUntilMs, position }: RouteCandidate): boolean {
  return cooldownUntilMs === undefined && !unready.includes(position);
}

function named(target: Target | undefined): string | undefined {
  return target && formatTarget(target);
}
