import { createBoundedMap } from '../canonical/boundedMap.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Usage } from '../canonical/events.ts';
import { findNamed } from '../canonical/lists.ts';
import { formatTarget, resolveTarget, type ModelRef } from '../config/routes.ts';
import { costOf } from '../observe/prices.ts';
import { describeBudget, type Spender, type Standing } from '../routing/budgets.ts';
import type { RouteDecision } from '../routing/route.ts';
import type { GatewayParts, Settings } from './gatewayParts.ts';
import type { RequestRecord } from './record.ts';
import type { ReadRequest } from './requestRouter.ts';
import { createUsualUsage } from './usualUsage.ts';
import { waitText } from './waitText.ts';

/** Keeps requests within the budgets of the config. */
export type BudgetGate = {
  /**
   * The preset that a budget asks for, if one is used to its `softAt`. Warns once for each budget and period; a preview (`isPreview`) leaves
   * that one warning to the request.
   * @throws GatewayError `quota` if a budget is used up
   */
  check(read: ReadRequest, record: RequestRecord, isPreview: boolean): string | undefined;
  /** Counts what a request will probably cost, until the result is called. */
  reserve(read: ReadRequest, decision: RouteDecision, record: RequestRecord): () => void;
  /**
   * Checks again what was reserved, with what other gateways reserved before. Undefined if there are none to ask.
   * @throws GatewayError `quota` if a budget is used up
   */
  confirm(read: ReadRequest, record: RequestRecord, release: () => void): Promise<void> | undefined;
  charge(read: ReadRequest, record: RequestRecord, target: ModelRef, usage: Usage | undefined): void;
  standings(): Standing[];
};

export function createBudgetGate(
  parts: Pick<GatewayParts, 'settings' | 'clock' | 'pricesOf' | 'spending'>,
  warn: (record: RequestRecord, message: string) => void,
): BudgetGate {
  const { spending } = parts;
  const budgets = () => parts.settings().config.Budgets;
  /** Of the warnings about a budget, by its text and the end of its period. */
  const warned = createBoundedMap<string, true>(1000);
  const usual = createUsualUsage();

  function warnOnce(
    standing: Standing,
    { conversation, scope }: Spender,
    record: RequestRecord,
    isPreview: boolean,
  ): void {
    const { budget, resetsAtMs } = standing;
    const message = `${used(standing)}.${consequenceOf(standing, parts.settings())}`;
    if (isPreview) {
      record.warnings.push(message);
      return;
    }
    const period = budget.per === 'conversation' ? conversation : budget.per === 'day' ? resetsAtMs : '';
    const key = `${describeBudget(budget)} ${period} ${budget.scope === '*' ? scope : ''}`;
    if (warned.has(key)) return;
    warned.set(key, true);
    warn(record, message);
  }

  return {
    check(read, record, isPreview) {
      if (budgets().length === 0) return undefined;
      const now = parts.clock.now();
      const spender = spenderOf(read, record);
      const standings = spending.standings(budgets(), spender, now);
      refuseUsedUp(standings, now);
      const soft = standings.filter(({ budget, share }) => share >= budget.softAt);
      for (const standing of soft) warnOnce(standing, spender, record, isPreview);
      const chosen = soft.find(
        ({ budget: { preset } }) => preset !== undefined && faultOfPreset(preset, parts.settings()) === undefined,
      );
      if (chosen) record.budget = used(chosen);
      return chosen?.budget.preset;
    },
    reserve(read, { matched }, record) {
      if (budgets().length === 0) return () => undefined;
      const usage = usual.expect(formatTarget(matched), read.estimate.total, read.request.sampling.maxTokens);
      const usd = costOf(usage, parts.pricesOf(matched), record.startedAt) ?? 0;
      return spending.reserve(spenderOf(read, record), { usd, tokens: usage.inputTokens + usage.outputTokens });
    },
    confirm(read, record, release) {
      if (!spending.standingsBefore || !budgets().some(({ hard }) => hard)) return undefined;
      const now = parts.clock.now();
      const asked = spending.standingsBefore(release, budgets(), spenderOf(read, record), now);
      return asked.then((standings) => refuseUsedUp(standings, now));
    },
    charge(read, record, target, usage) {
      if (!usage) return;
      usual.learn(formatTarget(target), read.estimate.total, usage);
      const spent = { usd: record.costUsd ?? 0, tokens: usage.inputTokens + usage.outputTokens };
      spending.charge(spenderOf(read, record), spent, parts.clock.now());
    },
    standings: () => spending.standings(budgets(), undefined, parts.clock.now()),
  };
}

/** What happens to requests when a budget is used so far. */
function consequenceOf({ budget: { preset } }: Standing, settings: Settings): string {
  if (preset === undefined) return '';
  const fault = faultOfPreset(preset, settings);
  return fault === undefined
    ? ` Requests go to the preset ${preset}.`
    : ` Its preset ${preset} can't be used, since ${fault}: requests stay on their routes.`;
}

/** Why requests can't go to a preset now; undefined if they can. */
function faultOfPreset(name: string, { config, providers }: Settings): string | undefined {
  const preset = Object.hasOwn(config.Presets, name) ? config.Presets[name] : undefined;
  const target = preset && resolveTarget(config.Router, preset.route);
  if (!target) return 'its route leads nowhere';
  const provider = findNamed(providers, target.provider);
  return provider?.enabled ? undefined : `its provider ${target.provider} is off`;
}

function spenderOf({ conversationHash }: ReadRequest, { scope }: RequestRecord): Spender {
  return { conversation: conversationHash, scope };
}

/** @example 'Budget 1 (5 USD per day) is used to 84 %' */
function used({ budget, place, share }: Standing): string {
  return `Budget ${place} (${describeBudget(budget)}) is used to ${Math.floor(share * 100)} %`;
}

/** @throws GatewayError `quota` if one of the budgets is used up */
function refuseUsedUp(standings: readonly Standing[] | undefined, nowMs: number): void {
  const empty = standings?.find(({ budget, share }) => budget.hard && share >= 1);
  if (empty) throw usedUp(empty, nowMs);
}

function usedUp({ budget, place, resetsAtMs }: Standing, nowMs: number): GatewayError {
  const until =
    resetsAtMs === undefined ? 'Start a new conversation' : `Requests are refused ${waitText(resetsAtMs, nowMs)}. Wait`;
  const message = `CCR's budget ${place} (${describeBudget(budget)}) is used up. ${until}, or raise it in Budgets in the config.`;
  return new GatewayError('quota', message, { isOwn: true });
}
