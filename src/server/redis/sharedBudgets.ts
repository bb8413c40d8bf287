import { digest } from '../../reasoning/turnHash.ts';
import type { BudgetLedger, Spender, Spent, Standing } from '../../routing/budgets.ts';
import type { Call } from './outbox.ts';
import { createOwnSpending } from './ownSpending.ts';
import type { Share, SharedPart } from './share.ts';
import { createSpentWrites } from './spentWrites.ts';

/** Below this part of a budget a request does not ask, even if every other gateway spends as much as this one in the same moment. */
const askedFrom = 0.5;

/** What a gateway has reserved for one scope; null for requests without one. */
type Held = [scope: string | null, expected: Spent];

/**
 * Budgets, shared: what is spent is added up in Redis, by minute and by conversation, and what is reserved is told to the others.
 * Conversations go by a hash: their ids are the clients'.
 */
export function shareBudgets(
  local: BudgetLedger,
  share: Share,
  now: () => number,
): { ledger: BudgetLedger; part: SharedPart } {
  const kept = createSpentWrites(share.prefix);
  const own = createOwnSpending(local, share);
  /** Of other gateways, as one for each scope. */
  const others = new Map<string, (() => void)[]>();

  function holdFor(sender: string, held: readonly Held[]): void {
    for (const release of others.get(sender) ?? []) release();
    const conversation = `gateway ${sender}`;
    others.set(
      sender,
      held.map(([scope, expected]) => local.reserve({ conversation, scope: scope ?? undefined }, expected)),
    );
  }

  function repeat([, name, ...values]: Call, sender: string): void {
    if (name === 'held') holdFor(sender, values as Held[]);
    if (name !== 'charge') return;
    const [spender, spent, atMs] = values as [Spender, Spent, number];
    local.charge(spender, spent, share.fromShared(atMs));
  }

  return {
    ledger: {
      ...local,
      reserve(given, expected) {
        const spender = hashed(given);
        own.reserve(release, spender, expected, share.told() + 1);
        share.tell([own.held()]);
        function release(): void {
          if (own.release(release)) share.tell([own.held()]);
        }
        return release;
      },
      charge(given, spent, nowMs) {
        const spender = hashed(given);
        const atMs = Math.round(share.toShared(nowMs));
        local.charge(spender, spent, nowMs);
        share.tell([['budgets', 'charge', spender, spent, atMs]], kept.charge(spender, spent, atMs));
        own.charged(spender, spent, share.told());
      },
      standings: (budgets, spender, nowMs) => local.standings(budgets, spender && hashed(spender), nowMs),
      async standingsBefore(release, budgets, spender, nowMs) {
        const read = (): Standing[] => local.standings(budgets, hashed(spender), nowMs);
        const most = own.cautiously(read);
        if (most.every(({ budget, share }) => !budget.hard || share < askedFrom)) return most;
        const exact = await share.settle(() => own.before(release, read));
        return exact ?? own.before(release, () => own.cautiously(read));
      },
    },
    part: {
      reads: () => kept.reads(share.toShared(now())),
      restore(replies, waiting) {
        local.restore(kept.state(replies));
        for (const call of waiting) if (call[0] === 'budgets' && call[1] === 'charge') repeat(call, '');
      },
      apply: repeat,
      seed: () => kept.seed(local.snapshot(), share.toShared(now())),
      beat: () => own.held(),
      gone(sender) {
        holdFor(sender, []);
        others.delete(sender);
      },
    },
  };
}

function hashed({ conversation, scope }: Spender): Spender {
  return { conversation: digest(conversation), scope };
}
