import type { Usage } from '../canonical/events.ts';
import { formatTarget, type ModelRef } from '../config/routes.ts';
import type { RouteCandidate } from './route.ts';

/** Where a conversation was answered: how long its prompt and its last answer were, and when. Tokens and Unix time in ms. */
export type Seat = { target: string; tokens: number; output: number; atMs: number };

/** The cost of an answer in USD; undefined if a price is unknown. */
export type Pricing = (target: ModelRef, usage: Usage) => number | undefined;

/** Providers keep an unused prompt for about this long. */
const cacheLifetimeMs = 5 * 60_000;

/** A prompt that lost more than this part was compacted: only its system prompt and tools may still be cached. */
const compactedBelow = 0.7;

/** Over how many further turns a move has to pay. */
const horizon = 10;

/** The same for a move to a target that the conversation will probably leave again soon. */
const interimHorizon = 1;

/** What a person's waiting is worth, so that time and money compare. USD per second. */
const secondUsd = 0.02;

/** How fast a prompt is read that is not in the cache. Tokens per ms. */
const readSpeed = 20;

/** Averages fluctuate, so a move must save this part of the wait at the present target, or as much in money. */
const leastPart = 0.25;

/** What a move would save per turn, what it costs once, and what is left after `turns`. USD and ms. */
export type Gain = {
  /** Absent if a price is unknown; then only time counts. */
  savedUsd?: number | undefined;
  savedMs: number;
  onceUsd?: number | undefined;
  onceMs: number;
  turns: number;
  /** Time counted as money. */
  totalUsd: number;
};

/** Predicts what the conversation gains by a move from its target to another one, whose prompt cache may not have it. */
export function predictGain(
  own: RouteCandidate,
  other: RouteCandidate,
  seats: readonly Seat[],
  turn: { inputTokens: number; fixedTokens: number; nowMs: number; pricing: Pricing },
  isInterim = false,
): Gain {
  const turns = isInterim ? interimHorizon : horizon;
  const output = seats[0]?.output ?? 0;
  const of = (candidate: RouteCandidate) => {
    const { target, latencyMs } = candidate;
    const tokens = candidate.inputTokens ?? turn.inputTokens;
    const cached = cachedAt(seats, formatTarget(target), tokens, turn);
    const usd = (cacheReadTokens: number): number | undefined =>
      turn.pricing(target, { inputTokens: tokens, outputTokens: output, cacheReadTokens });
    const [now, later] = [usd(cached), usd(tokens)];
    return { now, later, latencyMs, readMs: (tokens - cached) / readSpeed };
  };
  const [a, b] = [of(own), of(other)];
  // A target without a measured latency is not known to be faster.
  const savedMs = a.latencyMs === undefined || b.latencyMs === undefined ? 0 : a.latencyMs - b.latencyMs;
  const onceMs = b.readMs - a.readMs;
  const time = ((savedMs * turns - onceMs) / 1000) * secondUsd;
  if (a.now === undefined || a.later === undefined || b.now === undefined || b.later === undefined)
    return { savedMs, onceMs, turns, totalUsd: time };
  const savedUsd = a.later - b.later;
  const onceUsd = b.now - b.later - (a.now - a.later);
  return { savedUsd, savedMs, onceUsd, onceMs, turns, totalUsd: time + savedUsd * turns - onceUsd };
}

/** Whether a third target that has failed lately is usually faster than `other`, so that the conversation would soon move again. */
export function isInterim(candidates: readonly RouteCandidate[], own: RouteCandidate, other: RouteCandidate): boolean {
  const usualMs = other.usualMs ?? other.latencyMs ?? 0;
  return candidates.some((each) => each !== own && each !== other && (each.usualMs ?? Infinity) < usualMs);
}

export function isMovePaid({ totalUsd, savedUsd = 0, savedMs }: Gain, { latencyMs = 0 }: RouteCandidate): boolean {
  const saved = savedUsd + (savedMs / 1000) * secondUsd;
  return totalUsd > 0 && saved > (latencyMs / 1000) * secondUsd * leastPart;
}

/** Whether a prompt that was sent then is probably still in the cache. */
export function isWarm({ atMs }: Seat, nowMs: number): boolean {
  return nowMs - atMs <= cacheLifetimeMs;
}

function cachedAt(
  seats: readonly Seat[],
  target: string,
  tokens: number,
  { fixedTokens, nowMs }: { fixedTokens: number; nowMs: number },
): number {
  const seat = seats.find((each) => each.target === target);
  if (!seat || !isWarm(seat, nowMs)) return 0;
  const isCompacted = tokens < seat.tokens * compactedBelow;
  return Math.min(tokens, isCompacted ? fixedTokens : seat.tokens);
}
