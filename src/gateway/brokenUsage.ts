import type { Reply, Usage } from '../canonical/events.ts';
import { estimateTokens } from '../routing/tokens.ts';
import type { RequestRecord } from './record.ts';

/** The tokens of an answer. `isEstimated`: not the provider's own count. */
export type Used = { usage: Usage; isEstimated: boolean };

/**
 * Estimates the usage of an answer that the provider reported none for, usually because it broke off: the input as estimated
 * before it was sent, and the output received by then, reasoning included.
 */
export function brokenUsage({ blocks, usage }: Reply, { estimate }: Pick<RequestRecord, 'estimate'>): Used {
  if (usage) return { usage, isEstimated: false };
  const outputTokens = blocks.reduce((sum, { text }) => sum + estimateTokens(text), 0);
  return { usage: { inputTokens: estimate?.total ?? 0, outputTokens }, isEstimated: true };
}
