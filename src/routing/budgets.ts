import { createBoundedMap } from '../canonical/boundedMap.ts';
import { longestPeriodMs, periodMs, type Budget } from '../config/budgetSchema.ts';

export type Spent = { usd: number; tokens: number };

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

/** What was spent, and what the requests that are being answered are expected to cost. */
export type BudgetLedger = {
  /** Counts `expected` as used until the result is called. */
  reserve(conversation: string, expected: Spent): () => void;
  charge(conversation: string, spent: Spent, nowMs: number): void;
  /** The standing of each budget. Without a conversation, those of conversations are left out. */
  standings(budgets: readonly Budget[], conversation: string | undefined, nowMs: number): Standing[];
  /** What requests have cost on average of late; undefined before the first one. */
  typical(): Spent | undefined;
  /**
   * For a ledger that several gateways share: the standings without the reservation that `release` ends and those that came
   * after it, at any of them. Undefined if the others can't be asked at once.
   */
  standingsBefore?(
    release: () => void,
    budgets: readonly Budget[],
    conversation: string,
    nowMs: number,
  ): Promise<Standing[] | undefined>;
  snapshot(): LedgerState;
  /** Replaces what was spent. What is reserved stays. */
  restore(state: LedgerState): void;
};

/** What was spent by minute, oldest first, and by conversation. */
export type LedgerState = { minutes: (Spent & { atMs: number })[]; conversations: [name: string, spent: Spent][] };

/** The least recently used conversation is evicted, and its budget is whole again. */
const maxConversations = 5000;

/** What was spent is known to the minute. Milliseconds. */
const minuteMs = 60_000;

/** The weight of the newest request in the average. */
const newestWeight = 0.3;

type Minute = LedgerState['minutes'][number];

export function createBudgetLedger(): BudgetLedger {
  /** Oldest first. */
  let minutes: Minute[] = [];
  const conversations = createBoundedMap<string, Spent>(maxConversations);
  const reserved = new Map<string, Spent>();
  let typical: Spent | undefined;

  function usedSince(startMs: number): Spent {
    let sum: Spent = [...reserved.values()].reduce(add, nothing);
    for (let at = minutes.length - 1; at >= 0; at--) {
      const minute = minutes[at];
      if (!minute || minute.atMs < startMs) break;
      sum = add(sum, minute);
    }
    return sum;
  }

  function usedIn(conversation: string): Spent {
    return add(conversations.get(conversation) ?? nothing, reserved.get(conversation) ?? nothing);
  }

  function standing(budget: Budget, place: number, conversation: string | undefined, nowMs: number): Standing[] {
    const standingOf = (used: Spent, resetsAtMs?: number): Standing[] => [
      { budget, place, used, share: shareOf(budget, used), resetsAtMs },
    ];
    if (budget.per === 'conversation') return conversation === undefined ? [] : standingOf(usedIn(conversation));
    const lengthMs = periodMs(budget.per);
    if (lengthMs !== undefined) {
      const used = usedSince(nowMs - lengthMs);
      return standingOf(used, shareOf(budget, used) < 1 ? undefined : freeAgainMs(minutes, budget, lengthMs, nowMs));
    }
    const midnight = new Date(nowMs);
    midnight.setHours(0, 0, 0, 0);
    const next = new Date(midnight);
    next.setDate(next.getDate() + 1);
    return standingOf(usedSince(midnight.getTime()), next.getTime());
  }

  return {
    reserve(conversation, expected) {
      reserved.set(conversation, add(reserved.get(conversation) ?? nothing, expected));
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        const left = add(reserved.get(conversation) ?? nothing, { usd: -expected.usd, tokens: -expected.tokens });
        if (left.tokens > 0) reserved.set(conversation, left);
        else reserved.delete(conversation);
      };
    },
    charge(conversation, spent, nowMs) {
      typical = typical ? average(typical, spent) : spent;
      const atMs = nowMs - (nowMs % minuteMs);
      const last = minutes.at(-1);
      if (last && last.atMs >= atMs) Object.assign(last, add(last, spent));
      else minutes.push({ atMs, ...spent });
      while ((minutes[0]?.atMs ?? nowMs) < nowMs - longestPeriodMs) minutes.shift();
      conversations.set(conversation, add(conversations.get(conversation) ?? nothing, spent));
    },
    standings: (budgets, conversation, nowMs) =>
      budgets.flatMap((budget, index) => standing(budget, index + 1, conversation, nowMs)),
    typical: () => typical,
    snapshot: () => ({
      minutes: structuredClone(minutes),
      conversations: [...conversations.keys()].map((name) => [name, conversations.get(name) ?? nothing]),
    }),
    restore(state) {
      minutes = structuredClone(state.minutes);
      conversations.clear();
      for (const [name, spent] of state.conversations) conversations.set(name, spent);
    },
  };
}

/** When enough of what was spent in the last `lengthMs` is so long ago that the budget is not used up any more. */
function freeAgainMs(minutes: readonly Minute[], budget: Budget, lengthMs: number, nowMs: number): number {
  const inPeriod = minutes.filter(({ atMs }) => atMs >= nowMs - lengthMs);
  let left = inPeriod.reduce<Spent>(add, nothing);
  for (const minute of inPeriod) {
    left = { usd: left.usd - minute.usd, tokens: left.tokens - minute.tokens };
    if (shareOf(budget, left) < 1) return minute.atMs + lengthMs + minuteMs;
  }
  return nowMs + minuteMs;
}

function average(before: Spent, newest: Spent): Spent {
  const next = (old: number, value: number): number => old + newestWeight * (value - old);
  return { usd: next(before.usd, newest.usd), tokens: next(before.tokens, newest.tokens) };
}

const nothing: Spent = { usd: 0, tokens: 0 };

function add(a: Spent, b: Spent): Spent {
  return { usd: a.usd + b.usd, tokens: a.tokens + b.tokens };
}

function shareOf({ usd, tokens }: Budget, used: Spent): number {
  return Math.max(usd === undefined ? 0 : used.usd / usd, tokens === undefined ? 0 : used.tokens / tokens);
}

/** @example '5 USD per day', '200000 tokens in 5h' */
export function describeBudget({ usd, tokens, per }: Budget): string {
  const amounts = [...(usd === undefined ? [] : [`${usd} USD`]), ...(tokens === undefined ? [] : [`${tokens} tokens`])];
  return `${amounts.join(' or ')} ${per === 'day' || per === 'conversation' ? `per ${per}` : `in ${per}`}`;
}
