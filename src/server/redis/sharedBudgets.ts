import { digest } from '../../reasoning/turnHash.ts';
import type { BudgetLedger, Spent } from '../../routing/budgets.ts';
import type { Call } from './outbox.ts';
import type { Share, SharedPart } from './share.ts';
import { createSpentWrites } from './spentWrites.ts';

type Reservation = { conversation: string; expected: Spent; release(): void };

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
  /** Of this gateway, in their order. */
  const own = new Map<() => void, Reservation>();
  /** Of other gateways, as one each. */
  const others = new Map<string, () => void>();

  function holdFor(sender: string, spent: Spent): void {
    others.get(sender)?.();
    others.delete(sender);
    if (spent.usd > 0 || spent.tokens > 0) others.set(sender, local.reserve(`gateway ${sender}`, spent));
  }

  function repeat([, name, ...values]: Call, sender: string): void {
    if (name === 'held') holdFor(sender, values[0] as Spent);
    if (name !== 'charge') return;
    const [conversation, spent, atMs] = values as [string, Spent, number];
    local.charge(conversation, spent, share.fromShared(atMs));
  }

  /** Without the reservations of this gateway from `release` on. */
  function before(release: () => void, read: () => ReturnType<BudgetLedger['standings']>) {
    const all = [...own];
    const later = all.slice(all.findIndex(([each]) => each === release));
    for (const [, reservation] of later) reservation.release();
    const standings = read();
    for (const [, reservation] of later)
      reservation.release = local.reserve(reservation.conversation, reservation.expected);
    return standings;
  }

  return {
    ledger: {
      ...local,
      reserve(conversation, expected) {
        const name = digest(conversation);
        own.set(release, { conversation: name, expected, release: local.reserve(name, expected) });
        share.tell([heldIn(own)]);
        function release(): void {
          own.get(release)?.release();
          if (own.delete(release)) share.tell([heldIn(own)]);
        }
        return release;
      },
      charge(conversation, spent, nowMs) {
        const name = digest(conversation);
        const atMs = Math.round(share.toShared(nowMs));
        local.charge(name, spent, nowMs);
        share.tell([['budgets', 'charge', name, spent, atMs]], kept.charge(name, spent, atMs));
      },
      standings: (budgets, conversation, nowMs) =>
        local.standings(budgets, conversation === undefined ? undefined : digest(conversation), nowMs),
      standingsBefore: (release, budgets, conversation, nowMs) =>
        share.settle(() => before(release, () => local.standings(budgets, digest(conversation), nowMs))),
    },
    part: {
      reads: () => kept.reads(share.toShared(now())),
      restore(replies, waiting) {
        local.restore(kept.state(replies));
        for (const call of waiting) if (call[0] === 'budgets' && call[1] === 'charge') repeat(call, '');
      },
      apply: repeat,
      seed: () => kept.seed(local.snapshot(), share.toShared(now())),
      beat: () => heldIn(own),
      gone: (sender) => holdFor(sender, { usd: 0, tokens: 0 }),
    },
  };
}

/** What a gateway has reserved now. */
function heldIn(own: ReadonlyMap<unknown, Reservation>): Call {
  const sum = { usd: 0, tokens: 0 };
  for (const { expected } of own.values()) {
    sum.usd += expected.usd;
    sum.tokens += expected.tokens;
  }
  return ['budgets', 'held', sum];
}
