import type { Reply, Usage } from '../canonical/events.ts';
import { estimateTokens } from '../routing/tokens.ts';
import type { RequestRecord } from './record.ts';

/** The tokens of an answer. `isEstimated`: not the provider's own count, or only in part. */
export type Used = { usage: Usage; isEstimated: boolean };

/** The last count that a provider sent before its answer broke off. `later`: the part of the text that came after it, from 0 to 1. */
export type Reported = { usage: Usage; later: number };

/**
 * What an answer used whose provider did not say so at its end, mostly since it broke off: what it had reported by then, and what
 * came after that as estimated. Without a report, the input is what was estimated before it was sent. Reasoning is included.
 */
export function brokenUsage(
  { blocks, usage }: Reply,
  { estimate }: Pick<RequestRecord, 'estimate'>,
  reported?: Reported,
): Used {
  if (usage) return { usage, isEstimated: false };
  const written = blocks.reduce((sum, { text }) => sum + estimateTokens(text), 0);
  if (!reported) return { usage: { inputTokens: estimate?.total ?? 0, outputTokens: written }, isEstimated: true };
  const later = Math.ceil(written * reported.later);
  const { outputTokens } = reported.usage;
  return { usage: { ...reported.usage, outputTokens: outputTokens + later }, isEstimated: later > 0 };
}
