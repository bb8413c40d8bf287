/** Token prices. USD per million tokens. */
export type TokenPrices = {
  /** Uncached input. */
  input: number;
  output: number;
  /** Input read from the prompt cache. Absent: unknown. */
  cacheRead?: number | undefined;
  /** Input written to the prompt cache (with a lifetime of five minutes, if that matters). Absent: unknown. */
  cacheWrite?: number | undefined;
  /** Input written to the prompt cache for an hour. Absent: unknown, or the same. */
  cacheWriteHour?: number | undefined;
};

/** Prices for a whole request whose input, including cached tokens, exceeds a limit. Tokens. */
export type PriceTier = TokenPrices & { aboveInputTokens: number };

/** Hours on weekdays in which all prices are multiplied by `factor`. `utcHours`: from, until. */
export type PeakRule = { factor: number; utcHours: readonly (readonly [from: number, until: number])[] };

export type Prices = TokenPrices & {
  tiers?: readonly PriceTier[] | undefined;
  peak?: PeakRule | undefined;
  /** The last day, in UTC, on which these prices apply: `2026-12-31`. */
  until?: string | undefined;
};

/** The prices multiplied by `factors`, for requests above a number of input tokens. */
export function dearerAbove(
  aboveInputTokens: number,
  prices: TokenPrices,
  factors: { input: number; output: number } = { input: 2, output: 2 },
): Prices {
  const times = (price: number | undefined): number | undefined => price && rounded(price * factors.input);
  const { input, output, cacheRead, cacheWrite, cacheWriteHour } = prices;
  const tier: PriceTier = {
    aboveInputTokens,
    input: rounded(input * factors.input),
    output: rounded(output * factors.output),
    cacheRead: times(cacheRead),
    cacheWrite: times(cacheWrite),
    ...(cacheWriteHour !== undefined && { cacheWriteHour: times(cacheWriteHour) }),
  };
  return { ...prices, tiers: [tier] };
}

/** Removes the extra digits of floating-point arithmetic. */
function rounded(price: number): number {
  return Number(price.toPrecision(12));
}
