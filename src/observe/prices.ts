import type { Usage } from '../canonical/events.ts';
import type { PeakRule, Prices, TokenPrices } from '../providers/prices.ts';

const million = 1_000_000;
const hourMs = 3_600_000;

/** USD. `isEstimated`: some of the tokens or prices are guessed. */
export type Cost = { usd: number; isEstimated: boolean };

/**
 * The cost of an answer: what the provider says, else by its prices. `isEstimated`: the usage is estimated.
 * Undefined if a price that applies is unknown.
 */
export function answerCost(
  usage: Usage,
  prices: Prices | undefined,
  { atMs, isEstimated }: { atMs: number; isEstimated: boolean },
): Cost | undefined {
  if (usage.costUsd !== undefined && !isEstimated) return { usd: usage.costUsd, isEstimated: false };
  const usd = costOf(usage, prices, atMs);
  if (usd === undefined || !prices) return undefined;
  const isHourGuessed =
    (usage.cacheWriteHourTokens ?? 0) > 0 && pricesFor(usage.inputTokens, prices).cacheWriteHour === undefined;
  return { usd, isEstimated: isEstimated || isHourGuessed };
}

/**
 * The cost of an answer in USD: uncached input, cache reads, cache writes and output, each at its own price. `atMs` is the
 * time of the request, in Unix time. Undefined if a price that applies is unknown.
 */
export function costOf(usage: Usage, prices: Prices | undefined, atMs: number): number | undefined {
  if (!prices) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0, cacheWriteHourTokens = 0 } = usage;
  const { input, output, cacheRead, cacheWrite, cacheWriteHour = cacheWrite } = pricesFor(inputTokens, prices);
  const read = partCost(cacheReadTokens, cacheRead);
  const hour = Math.min(cacheWriteHourTokens, cacheWriteTokens);
  const written = partCost(cacheWriteTokens - hour, cacheWrite);
  const writtenForAnHour = partCost(hour, cacheWriteHour);
  if (read === undefined || written === undefined || writtenForAnHour === undefined) return undefined;
  const fresh = Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens) * input;
  return (
    ((fresh + read + written + writtenForAnHour + outputTokens * output) / million) * peakFactor(prices.peak, atMs)
  );
}

function partCost(tokens: number, price: number | undefined): number | undefined {
  return tokens === 0 ? 0 : price === undefined ? undefined : tokens * price;
}

/** The prices of the highest tier whose threshold the input exceeds. */
function pricesFor(inputTokens: number, prices: Prices): TokenPrices {
  const { tiers } = prices;
  if (!tiers) return prices;
  const reached = tiers.filter(({ aboveInputTokens }) => inputTokens > aboveInputTokens);
  return reached.toSorted((a, b) => b.aboveInputTokens - a.aboveInputTokens)[0] ?? prices;
}

function peakFactor(peak: PeakRule | undefined, atMs: number): number {
  if (!peak) return 1;
  const at = new Date(atMs);
  const isWeekday = at.getUTCDay() >= 1 && at.getUTCDay() <= 5;
  const hour = (atMs % (24 * hourMs)) / hourMs;
  return isWeekday && peak.utcHours.some(([from, until]) => hour >= from && hour < until) ? peak.factor : 1;
}
