import { digest } from '../../reasoning/turnHash.ts';
import type { BudgetLedger, Spender, Spent } from '../../routing/budgets.ts';
import type { Call } from './outbox.ts';
import type { Share, SharedPart } from './share.ts';
import { createSpentWrites } from './spentWrites.ts';

type Reservation = { spender: Spender; expected: Spent; release(): void };

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
  /** Of this gateway, in their order. */
  const own = new Map<() => void, Reservation>();
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

  /** Without the reservations of this gateway from `release` on. */
  function before(release: () => void, read: () => ReturnType<BudgetLedger['standings']>) {
    const all = [...own];
    const later = all.slice(all.findIndex(([each]) => each === release));
    for (const [, reservation] of later) reservation.release();
    const standings = read();
    for (const [, reservation] of later) reservation.release = local.reserve(reservation.spender, reservation.expected);
    return standings;
  }

  return {
    ledger: {
      ...local,
      reserve(given, expected) {
        const spender = hashed(given);
        own.set(release, { spender, expected, release: local.reserve(spender, expected) });
        share.tell([heldIn(own)]);
        function release(): void {
          own.get(release)?.release();
          if (own.delete(release)) share.tell([heldIn(own)]);
        }
        return release;
      },
      charge(given, spent, nowMs) {
        const spender = hashed(given);
        const atMs = Math.round(share.toShared(nowMs));
        local.charge(spender, spent, nowMs);
        share.tell([['budgets', 'charge', spender, spent, atMs]], kept.charge(spender, spent, atMs));
      },
      standings: (budgets, spender, nowMs) => local.standings(budgets, spender && hashed(spender), nowMs),
      standingsBefore: (release, budgets, spender, nowMs) =>
        share.settle(() => before(release, () => local.standings(budgets, hashed(spender), nowMs))),
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

/** What a gateway has reserved now. */
function heldIn(own: ReadonlyMap<unknown, Reservation>): Call {
  const sums = new Map<string | null, Spent>();
  for (const { spender, expected } of own.values()) {
    const scope = spender.scope ?? null;
    const sum = sums.get(scope) ?? { usd: 0, tokens: 0 };
    sums.set(scope, { usd: sum.usd + expected.usd, tokens: sum.tokens + expected.tokens });
  }
  return ['budgets', 'held', ...sums];
}
