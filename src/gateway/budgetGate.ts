import { createBoundedMap } from '../canonical/boundedMap.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Usage } from '../canonical/events.ts';
import { costOf } from '../observe/prices.ts';
import { createBudgetLedger, describeBudget, type Standing } from '../routing/budgets.ts';
import type { RouteDecision } from '../routing/route.ts';
import type { GatewayParts } from './gatewayParts.ts';
import type { RequestRecord } from './record.ts';
import { waitText } from './waitText.ts';

/** Keeps requests within the budgets of the config. */
export type BudgetGate = {
  /**
   * The preset that a budget asks for, if one is used to its `softAt`. Warns once for each budget and period.
   * @throws GatewayError `quota` if a budget is used up
   */
  check(conversation: string, record: RequestRecord): string | undefined;
  /** Counts what a request is expected to cost, until the result is called. */
  reserve(conversation: string, decision: RouteDecision, record: RequestRecord): () => void;
  /**
   * Checks again what was reserved, with what other gateways reserved before. Undefined if there are none to ask.
   * @throws GatewayError `quota` if a budget is used up
   */
  confirm(conversation: string, release: () => void): Promise<void> | undefined;
  charge(conversation: string, usage: Usage | undefined, usd: number | undefined): void;
  standings(): Standing[];
};

export function createBudgetGate(
  parts: Pick<GatewayParts, 'settings' | 'clock' | 'pricesOf' | 'common'>,
  warn: (record: RequestRecord, message: string) => void,
): BudgetGate {
  const ledger = parts.common?.ledger ?? createBudgetLedger();
  const budgets = () => parts.settings().config.Budgets;
  /** Of the warnings about a budget, by its text and the end of its period. */
  const warned = createBoundedMap<string, true>(1000);

  function warnOnce(standing: Standing, conversation: string, record: RequestRecord): void {
    const { budget, resetsAtMs } = standing;
    const period = budget.per === 'conversation' ? conversation : budget.per === 'day' ? resetsAtMs : '';
    const key = `${describeBudget(budget)} ${period}`;
    if (warned.has(key)) return;
    warned.set(key, true);
    const then = budget.preset === undefined ? '' : ` Requests go to the preset ${budget.preset}.`;
    warn(record, `${used(standing)}.${then}`);
  }

  return {
    check(conversation, record) {
      if (budgets().length === 0) return undefined;
      const now = parts.clock.now();
      const standings = ledger.standings(budgets(), conversation, now);
      const empty = standings.find(({ budget, share }) => budget.hard && share >= 1);
      if (empty) throw usedUp(empty, now);
      const soft = standings.filter(({ budget, share }) => share >= budget.softAt);
      for (const standing of soft) warnOnce(standing, conversation, record);
      const chosen = soft.find(({ budget }) => budget.preset !== undefined);
      if (chosen) record.budget = used(chosen);
      return chosen?.budget.preset;
    },
    reserve(conversation, { matched }, { estimate, startedAt }) {
      if (budgets().length === 0) return () => undefined;
      const usage = { inputTokens: estimate?.total ?? 0, outputTokens: 0 };
      const usd = costOf(usage, parts.pricesOf(matched), startedAt) ?? 0;
      const typical = ledger.typical() ?? { usd: 0, tokens: 0 };
      const expected = { usd: Math.max(usd, typical.usd), tokens: Math.max(usage.inputTokens, typical.tokens) };
      return ledger.reserve(conversation, expected);
    },
    confirm(conversation, release) {
      if (!ledger.standingsBefore || !budgets().some(({ hard }) => hard)) return undefined;
      const now = parts.clock.now();
      return ledger.standingsBefore(release, budgets(), conversation, now).then((standings) => {
        const empty = standings?.find(({ budget, share }) => budget.hard && share >= 1);
        if (empty) throw usedUp(empty, now);
      });
    },
    charge(conversation, usage, usd = 0) {
      if (!usage) return;
      ledger.charge(conversation, { usd, tokens: usage.inputTokens + usage.outputTokens }, parts.clock.now());
    },
    standings: () => ledger.standings(budgets(), undefined, parts.clock.now()),
  };
}

/** @example 'Budget 1 (5 USD per day) is used to 84 %' */
function used({ budget, place, share }: Standing): string {
  return `Budget ${place} (${describeBudget(budget)}) is used to ${Math.floor(share * 100)} %`;
}

function usedUp({ budget, place, resetsAtMs }: Standing, nowMs: number): GatewayError {
  const until =
    resetsAtMs === undefined ? 'Start a new conversation' : `Requests are refused ${waitText(resetsAtMs, nowMs)}. Wait`;
  const message = `CCR's budget ${place} (${describeBudget(budget)}) is used up. ${until}, or raise it in Budgets in the config.`;
  return new GatewayError('quota', message, { isOwn: true });
}
