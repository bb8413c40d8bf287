import type { BudgetLedger, Spender, Spent, Standing } from '../../routing/budgets.ts';
import type { Call } from './outbox.ts';
import type { Share } from './share.ts';

type Reservation = { spender: Spender; expected: Spent; told: number; release(): void };

/** What was charged, until all others know it. */
type Charge = { spender: Spender; spent: Spent; told: number };

/** More are not told apart from what others know. */
const maxCharges = 10_000;

/** What a gateway itself spends and reserves, with what others know of it. */
export type OwnSpending = {
  /** `told`: the number of the call that tells the others. */
  reserve(release: () => void, spender: Spender, expected: Spent, told: number): void;
  /** @returns whether it was reserved */
  release(release: () => void): boolean;
  charged(spender: Spender, spent: Spent, told: number): void;
  /**
   * As if each other gateway had done as much as this one since they last heard of each other: so together they use up no more than
   * there is, although none of them knows what the others do.
   */
  cautiously(read: () => Standing[]): Standing[];
  /** Without the reservations from `release` on. */
  before(release: () => void, read: () => Standing[]): Standing[];
  /** What is reserved now, for the others: a sum for each scope, which is null for requests without one. */
  held(): Call;
};

export function createOwnSpending(
  local: Pick<BudgetLedger, 'reserve'>,
  share: Pick<Share, 'known' | 'others'>,
): OwnSpending {
  /** In their order. */
  const reserved = new Map<() => void, Reservation>();
  const charges: Charge[] = [];
  return {
    reserve: (release, spender, expected, told) =>
      void reserved.set(release, { spender, expected, told, release: local.reserve(spender, expected) }),
    release(release) {
      reserved.get(release)?.release();
      return reserved.delete(release);
    },
    charged(spender, spent, told) {
      charges.push({ spender, spent, told });
      while (charges.length > maxCharges || (charges[0]?.told ?? Infinity) <= share.known()) charges.shift();
    },
    cautiously(read) {
      const others = share.others();
      const unheard = new Map<string | undefined, Spent>();
      const add = ({ scope }: Spender, { usd, tokens }: Spent, told: number): void => {
        if (told <= share.known()) return;
        const sum = unheard.get(scope) ?? { usd: 0, tokens: 0 };
        unheard.set(scope, { usd: sum.usd + usd * others, tokens: sum.tokens + tokens * others });
      };
      for (const { spender, spent, told } of charges) add(spender, spent, told);
      for (const { spender, expected, told } of reserved.values()) add(spender, expected, told);
      const conversation = 'of other gateways';
      const releases = [...unheard].map(([scope, spent]) => local.reserve({ conversation, scope }, spent));
      const standings = read();
      for (const release of releases) release();
      return standings;
    },
    before(release, read) {
      const all = [...reserved];
      const later = all.slice(all.findIndex(([each]) => each === release));
      for (const [key, reservation] of later) {
        reservation.release();
        reserved.delete(key);
      }
      const standings = read();
      for (const [key, { spender, expected, told }] of later)
        reserved.set(key, { spender, expected, told, release: local.reserve(spender, expected) });
      return standings;
    },
    held() {
      const sums = new Map<string | null, Spent>();
      for (const { spender, expected } of reserved.values()) {
        const scope = spender.scope ?? null;
        const sum = sums.get(scope) ?? { usd: 0, tokens: 0 };
        sums.set(scope, { usd: sum.usd + expected.usd, tokens: sum.tokens + expected.tokens });
      }
      return ['budgets', 'held', ...sums];
    },
  };
}
