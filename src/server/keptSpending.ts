import * as z from 'zod';
import { spendingSnapshotSchema, type BudgetLedger } from '../routing/budgets.ts';
import type { Kept } from './keptFigures.ts';

const chargeSchema = z.tuple([
  z.object({ conversation: z.string(), scope: z.string().optional() }),
  z.object({ usd: z.number().min(0), tokens: z.number().min(0) }),
]);

/** How what was spent is kept: in snapshots, and between them each charge, so that a process that is killed loses at most a moment. */
export function keptSpending(ledger: BudgetLedger): Kept {
  return {
    snapshot: ledger.snapshot,
    restore: (snapshot) => ledger.restore(spendingSnapshotSchema.parse(snapshot)),
    repeat(values, atMs) {
      const [spender, spent] = chargeSchema.parse(values);
      ledger.charge(spender, spent, atMs);
    },
  };
}

/** The same ledger; `note` gets each charge, for `repeat`. */
export function notedSpending(ledger: BudgetLedger, note: (...values: unknown[]) => void): BudgetLedger {
  return {
    ...ledger,
    charge(spender, spent, nowMs) {
      note(spender, spent);
      ledger.charge(spender, spent, nowMs);
    },
  };
}
