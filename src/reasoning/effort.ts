import type { Effort, ReasoningOptions } from '../canonical/request.ts';

/** From least to most. */
export const ladder = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly Effort[];

/** The thinking budget for each effort, for protocols that take a budget instead. Tokens. */
const budgets: Record<Effort, number> = {
  none: 0,
  minimal: 1024,
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};

/** The smallest thinking budget that the Messages API accepts. Tokens. */
const smallestBudget = 1024;

export function isEffort(value: unknown): value is Effort {
  return typeof value === 'string' && (ladder as readonly string[]).includes(value);
}

/**
 * The supported effort nearest to the requested one. Ties go to the one nearer to `high`, as DeepSeek documents it (medium
 * and xhigh mean high there). Only `none` maps to `none`; where thinking can't be turned off, it maps to the lowest effort.
 * `supported` must not be empty.
 */
export function nearestEffort(effort: Effort, supported: readonly Effort[]): Effort {
  if (supported.includes(effort)) return effort;
  const wanted = rank(effort);
  const high = rank('high');
  const thinking = supported.filter((each) => each !== 'none');
  const nearestFirst = (thinking.length > 0 ? thinking : supported).toSorted(
    (a, b) =>
      Math.abs(rank(a) - wanted) - Math.abs(rank(b) - wanted) || Math.abs(rank(a) - high) - Math.abs(rank(b) - high),
  );
  return nearestFirst[0] ?? effort;
}

/** Tokens. */
export function budgetOfEffort(effort: Effort): number {
  return budgets[effort];
}

/** The smallest effort whose budget is at least `tokens`. */
export function effortOfBudget(tokens: number): Effort {
  if (tokens <= 0) return 'none';
  return ladder.find((effort) => effort !== 'none' && budgets[effort] >= tokens) ?? 'max';
}

/** The requested reasoning as an effort, whether the request gave an effort or a budget. */
export function effortOf({ effort, budgetTokens }: ReasoningOptions): Effort | undefined {
  return effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens));
}

/**
 * The requested reasoning as a thinking budget in tokens, below `maxTokens`: the Messages API refuses a budget that leaves no
 * room for the answer. Undefined when nothing was requested or no allowed budget fits; 0 means no thinking.
 */
export function budgetOf({ effort, budgetTokens }: ReasoningOptions, maxTokens?: number): number | undefined {
  const wanted = budgetTokens ?? (effort === undefined ? undefined : budgets[effort]);
  if (wanted === undefined || wanted <= 0) return wanted === undefined ? undefined : 0;
  const budget = Math.max(smallestBudget, Math.min(wanted, (maxTokens ?? Number.POSITIVE_INFINITY) - 1));
  return maxTokens !== undefined && budget >= maxTokens ? undefined : budget;
}

function rank(effort: Effort): number {
  return ladder.indexOf(effort);
}
