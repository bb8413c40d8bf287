import type { Usage } from '../../canonical/events.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { withoutUndefined } from '../../canonical/json.ts';
import type { WireUsage } from './readEvent.ts';

/**
 * Collects the usage of a stream. Counts are cumulative and arrive in parts: `message_start` has the input, `message_delta`
 * the output and sometimes all counts. Some providers send zeros first.
 */
export function createUsageReader(): { push(usage: WireUsage): void; usage(): Usage | undefined } {
  const counts = { input: 0, output: 0 };
  const details: { cacheRead?: number; cacheWrite?: number; hour?: number; reasoning?: number; cost?: number } = {};

  return {
    push(usage) {
      counts.input = most(counts.input, usage?.input_tokens) ?? 0;
      counts.output = most(counts.output, usage?.output_tokens) ?? 0;
      Object.assign(
        details,
        withoutUndefined({
          cacheRead: most(details.cacheRead, usage?.cache_read_input_tokens),
          cacheWrite: most(details.cacheWrite, usage?.cache_creation_input_tokens),
          hour: most(details.hour, usage?.cache_creation?.ephemeral_1h_input_tokens),
          cost: usage?.costUsd,
          reasoning: most(details.reasoning, usage?.output_tokens_details?.thinking_tokens),
        }),
      );
    },
    usage() {
      const { cacheRead, cacheWrite, hour, reasoning, cost } = details;
      // The API's `input_tokens` does not include cached tokens.
      const inputTokens = counts.input + (cacheRead ?? 0) + (cacheWrite ?? 0);
      if (inputTokens === 0 && counts.output === 0) return undefined;
      return {
        inputTokens,
        outputTokens: counts.output,
        ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
        ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
        ...(hour !== undefined && hour > 0 && { cacheWriteHourTokens: hour }),
        ...(reasoning !== undefined && { reasoningTokens: reasoning }),
        ...(cost !== undefined && { costUsd: cost }),
      };
    },
  };
}

function most(before: number | undefined, now: number | null | undefined): number | undefined {
  if (typeof now !== 'number' || !(now >= 0)) return before;
  return Math.max(before ?? 0, now);
}

/** Unknown counts are 0, since clients add them up. */
export function writeUsage(usage: Usage | undefined): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens } = usage ?? {};
  return {
    input_tokens: Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: outputTokens,
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}
