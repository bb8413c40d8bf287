import * as z from 'zod';
import { createBoundedMap } from '../canonical/boundedMap.ts';
import { longestPeriodMs, periodMs, type Budget } from '../config/budgetSchema.ts';

export type Spent = { usd: number; tokens: number };

/** Who spends: a key for the conversation, and the scope in the URL, which is a window. */
export type Spender = { conversation: string; scope?: string | undefined };

/** How much of a budget is used. `share`: 1 is all of it. */
export type Standing = {
  budget: Budget;
  /** Its position in the config, from 1. */
  place: number;
  used: Spent;
  share: number;
  /** Unix time in ms: the end of the day, or when a budget that is used up is free again. Undefined for a conversation's. */
  resetsAtMs?: number | undefined;
};

const amount = z.number().min(0);
const minuteSchema = z.object({ atMs: z.number(), scope: z.string().optional(), usd: amount, tokens: amount });
export const spendingSnapshotSchema = z.object({
  minutes: z.array(minuteSchema),
  conversations: z.array(z.tuple([z.string(), z.object({ usd: amount, tokens: amount })])),
});

/** What a file keeps over a restart: minutes from the oldest on, conversations from the least recently used one. */
export type SpendingSnapshot = z.output<typeof spendingSnapshotSchema>;

/** What was spent, and what the requests that are being answered are expected to cost. */
export type BudgetLedger = {
  /** Counts `expected` as used until the result is called. */
  reserve(spender: Spender, expected: Spent): () => void;
  charge(spender: Spender, spent: Spent, nowMs: number): void;
  /** The standing of each budget that concerns the spender. Without one, those of conversations and of each window are left out. */
  standings(budgets: readonly Budget[], spender: Spender | undefined, nowMs: number): Standing[];
  /**
   * For a ledger that several gateways share: the standings without the reservation that `release` ends and those that came
   * after it, at any of them. If the others can't be asked at once, as if each had spent as much as this one since it heard of them.
   */
  standingsBefore?(
    release: () => void,
    budgets: readonly Budget[],
    spender: Spender,
    nowMs: number,
  ): Promise<Standing[]>;
  snapshot(): SpendingSnapshot;
  /** Replaces what was spent. What is reserved stays. */
  restore(snapshot: SpendingSnapshot): void;
};

/** The least recently used conversation is evicted, and its budget is whole again. */
const maxConversations = 5000;

/** What was spent is known to the minute. Milliseconds. */
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What one scope spent in one minute, or in an hour. */
type Minute = z.output<typeof minuteSchema>;

type Counts = (each: { scope?: string | undefined }) => boolean;

/** What was spent in the last days, by minute and scope, and the same by hour: a month has tens of thousands of minutes. */
function createMinutes() {
  /** Oldest first. */
  let minutes: Minute[] = [];
  let hours: Minute[] = [];

  /** That of this scope, in the order of time even if the clock was set back. */
  function bucketOf(buckets: Minute[], lengthMs: number, scope: string | undefined, nowMs: number): Minute {
    const atMs = Math.max(nowMs - (nowMs % lengthMs), buckets.at(-1)?.atMs ?? 0);
    for (let at = buckets.length - 1; buckets[at]?.atMs === atMs; at--) {
      const bucket = buckets[at];
      if (bucket && bucket.scope === scope) return bucket;
    }
    const bucket: Minute = { atMs, scope, ...nothing };
    buckets.push(bucket);
    return bucket;
  }

  function addMinute(minute: Minute): void {
    addTo(bucketOf(hours, hourMs, minute.scope, minute.atMs), minute);
  }

  return {
    addUsedSince(sum: Spent, startMs: number, counts: Counts): void {
      const wholeMs = Math.ceil(startMs / hourMs) * hourMs;
      for (let at = firstSince(hours, wholeMs); at < hours.length; at++) {
        const hour = hours[at] as Minute;
        if (counts(hour)) addTo(sum, hour);
      }
      for (let at = firstSince(minutes, startMs); at < minutes.length; at++) {
        const minute = minutes[at] as Minute;
        if (minute.atMs >= wholeMs) break;
        if (counts(minute)) addTo(sum, minute);
      }
    },
    /** When enough of what was spent in the last `lengthMs` is so long ago that the budget is not used up any more. */
    freeAgainMs(budget: Budget, lengthMs: number, counts: Counts, nowMs: number): number {
      const left = { ...nothing };
      this.addUsedSince(left, nowMs - lengthMs, counts);
      for (let at = firstSince(minutes, nowMs - lengthMs); at < minutes.length; at++) {
        const minute = minutes[at] as Minute;
        if (!counts(minute)) continue;
        addTo(left, { usd: -minute.usd, tokens: -minute.tokens });
        if (shareOf(budget, left) < 1) return minute.atMs + lengthMs + minuteMs;
      }
      return nowMs + minuteMs;
    },
    charge(scope: string | undefined, spent: Spent, nowMs: number): void {
      const minute = bucketOf(minutes, minuteMs, scope, nowMs);
      addTo(minute, spent);
      addMinute({ atMs: minute.atMs, scope, ...spent });
      while ((minutes[0]?.atMs ?? nowMs) < nowMs - longestPeriodMs) minutes.shift();
      while ((hours[0]?.atMs ?? nowMs) < nowMs - longestPeriodMs) hours.shift();
    },
    snapshot: () => minutes.map((minute) => ({ ...minute })),
    restore(snapshot: readonly Minute[]): void {
      minutes = snapshot.map((minute) => ({ ...minute }));
      hours = [];
      minutes.forEach(addMinute);
    },
  };
}

/** The index of the first one that began at that time or later. */
function firstSince(buckets: readonly Minute[], startMs: number): number {
  let [from, to] = [0, buckets.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((buckets[middle]?.atMs ?? 0) < startMs) from = middle + 1;
    else to = middle;
  }
  return from;
}

export function createBudgetLedger(): BudgetLedger {
  const minutes = createMinutes();
  const conversations = createBoundedMap<string, Spent>(maxConversations);
  const reservations = new Set<Spender & Spent>();

  function usedSince(startMs: number, counts: Counts): Spent {
    const sum = { ...nothing };
    for (const each of reservations) if (counts(each)) addTo(sum, each);
    minutes.addUsedSince(sum, startMs, counts);
    return sum;
  }

  function usedIn(conversation: string): Spent {
    const sum = { ...(conversations.get(conversation) ?? nothing) };
    for (const each of reservations) if (each.conversation === conversation) addTo(sum, each);
    return sum;
  }

  function standing(budget: Budget, place: number, spender: Spender | undefined, nowMs: number): Standing[] {
    const counts = countsOf(budget, spender);
    if (!counts || (spender && !counts(spender))) return [];
    const standingOf = (used: Spent, resetsAtMs?: number): Standing[] => [
      { budget, place, used, share: shareOf(budget, used), resetsAtMs },
    ];
    if (budget.per === 'conversation') return spender === undefined ? [] : standingOf(usedIn(spender.conversation));
    const lengthMs = periodMs(budget.per);
    if (lengthMs !== undefined) {
      const used = usedSince(nowMs - lengthMs, counts);
      const isFree = shareOf(budget, used) < 1;
      return standingOf(used, isFree ? undefined : minutes.freeAgainMs(budget, lengthMs, counts, nowMs));
    }
    const midnight = new Date(nowMs);
    midnight.setHours(0, 0, 0, 0);
    const next = new Date(midnight);
    next.setDate(next.getDate() + 1);
    return standingOf(usedSince(midnight.getTime(), counts), next.getTime());
  }

  return {
    reserve(spender, expected) {
      const reservation = { ...spender, ...expected };
      reservations.add(reservation);
      return () => void reservations.delete(reservation);
    },
    charge({ conversation, scope }, spent, nowMs) {
      minutes.charge(scope, spent, nowMs);
      const sum = { ...(conversations.get(conversation) ?? nothing) };
      addTo(sum, spent);
      conversations.set(conversation, sum);
    },
    standings: (budgets, spender, nowMs) =>
      budgets.flatMap((budget, index) => standing(budget, index + 1, spender, nowMs)),
    snapshot: () => ({
      minutes: minutes.snapshot(),
      conversations: [...conversations.keys()].map((key) => [key, { ...(conversations.get(key) ?? nothing) }]),
    }),
    restore(snapshot) {
      minutes.restore(snapshot.minutes);
      conversations.clear();
      for (const [key, spent] of snapshot.conversations) conversations.set(key, spent);
    },
  };
}

/** Whose spending counts for a budget; undefined if that depends on the window and there is none. */
function countsOf({ scope }: Budget, spender: Spender | undefined): Counts | undefined {
  if (scope === undefined) return () => true;
  if (scope === '*') {
    const own = spender?.scope;
    return own === undefined ? undefined : (each) => each.scope === own;
  }
  const scopes = [scope].flat();
  return (each) => each.scope !== undefined && scopes.includes(each.scope);
}

const nothing: Spent = { usd: 0, tokens: 0 };

function addTo(sum: Spent, { usd, tokens }: Spent): void {
  sum.usd += usd;
  sum.tokens += tokens;
}

function shareOf({ usd, tokens }: Budget, used: Spent): number {
  return Math.max(usd === undefined ? 0 : used.usd / usd, tokens === undefined ? 0 : used.tokens / tokens);
}

/** @example '5 USD per day', '200000 tokens in 5h', '5 USD per day and window' */
export function describeBudget({ usd, tokens, per, scope }: Budget): string {
  const amounts = [...(usd === undefined ? [] : [`${usd} USD`]), ...(tokens === undefined ? [] : [`${tokens} tokens`])];
  const period = per === 'day' || per === 'conversation' ? `per ${per}` : `in ${per}`;
  const whose = scope === undefined ? '' : scope === '*' ? ' and window' : ` for ${[scope].flat().join(', ')}`;
  return `${amounts.join(' or ')} ${period}${whose}`;
}
