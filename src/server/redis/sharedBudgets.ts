import { digest } from '../../reasoning/turnHash.ts';
import type { BudgetLedger, Spender, Spent, Standing } from '../../routing/budgets.ts';
import type { Call } from './outbox.ts';
import type { Share, SharedPart } from './share.ts';
import { createSpentWrites } from './spentWrites.ts';

type Reservation = { spender: Spender; expected: Spent; told: number; release(): void };

/** What was charged, until all others know it. */
type Charge = { spender: Spender; spent: Spent; told: number };

/** Below this part of a budget a request does not ask, even if every other gateway spends as much as this one in the same moment. */
const askedFrom = 0.5;

/** More are not told apart from what others know. */
const maxCharges = 10_000;

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

  const charges: Charge[] = [];

  function repeat([, name, ...values]: Call, sender: string): void {
    if (name === 'held') holdFor(sender, values as Held[]);
    if (name !== 'charge') return;
    const [spender, spent, atMs] = values as [Spender, Spent, number];
    local.charge(spender, spent, share.fromShared(atMs));
  }

  /**
   * As if each other gateway had done as much as this one since they last heard of each other: so together they use up no more than there
   * is, although none of them knows what the others do.
   */
  function cautiously(read: () => Standing[]): Standing[] {
    const others = share.others();
    const unheard = new Map<string | undefined, Spent>();
    const add = ({ scope }: Spender, { usd, tokens }: Spent, told: number): void => {
      if (told <= share.known()) return;
      const sum = unheard.get(scope) ?? { usd: 0, tokens: 0 };
      unheard.set(scope, { usd: sum.usd + usd * others, tokens: sum.tokens + tokens * others });
    };
    for (const { spender, spent, told } of charges) add(spender, spent, told);
    for (const { spender, expected, told } of own.values()) add(spender, expected, told);
    const conversation = 'of other gateways';
    const releases = [...unheard].map(([scope, spent]) => local.reserve({ conversation, scope }, spent));
    const standings = read();
    for (const release of releases) release();
    return standings;
  }

  /** Without the reservations of this gateway from `release` on. */
  function before(release: () => void, read: () => Standing[]): Standing[] {
    const all = [...own];
    const later = all.slice(all.findIndex(([each]) => each === release));
    for (const [key, reservation] of later) {
      reservation.release();
      own.delete(key);
    }
    const standings = read();
    for (const [key, { spender, expected, told }] of later)
      own.set(key, { spender, expected, told, release: local.reserve(spender, expected) });
    return standings;
  }

  return {
    ledger: {
      ...local,
      reserve(given, expected) {
        const spender = hashed(given);
        own.set(release, { spender, expected, told: share.told() + 1, release: local.reserve(spender, expected) });
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
        charges.push({ spender, spent, told: share.told() });
        while (charges.length > maxCharges || (charges[0]?.told ?? Infinity) <= share.known()) charges.shift();
      },
      standings: (budgets, spender, nowMs) => local.standings(budgets, spender && hashed(spender), nowMs),
      async standingsBefore(release, budgets, spender, nowMs) {
        const read = (): Standing[] => local.standings(budgets, hashed(spender), nowMs);
        const most = cautiously(read);
        if (most.every(({ budget, share }) => !budget.hard || share < askedFrom)) return most;
        const exact = await share.settle(() => before(release, read));
        return exact ?? before(release, () => cautiously(read));
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
