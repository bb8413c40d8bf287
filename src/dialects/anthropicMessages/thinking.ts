import { withoutUndefined } from '../../canonical/json.ts';
import type { ChatRequest, Effort, JsonObject, ReasoningOptions } from '../../canonical/request.ts';
import { budgetOf, effortOf, isEffort } from '../../reasoning/effort.ts';
import * as wire from './wire.ts';

/**
 * `max_tokens` if the client sets none, as the API requires it. Claude Code uses this value for models that it does not know,
 * so every API that serves Claude Code accepts it. A model with a lower limit needs the transformer `maxtoken`. Tokens.
 */
const defaultMaxTokens = 32_000;

/** Tokens reserved for the answer if CCR chooses the thinking budget. */
const answerRoom = 8192;

/** The API's default effort for adaptive thinking. */
const adaptiveEffort: Effort = 'high';

export function readReasoning(request: wire.RequestBody): ReasoningOptions | undefined {
  const { thinking } = request;
  if (thinking?.type === 'disabled') return { effort: 'none' };
  const named = request.output_config?.effort;
  const effort = isEffort(named) ? named : undefined;
  const summary = thinking?.display === 'summarized' ? { summary: 'auto' } : {};
  if (typeof thinking?.budget_tokens === 'number') return { effort, budgetTokens: thinking.budget_tokens, ...summary };
  if (thinking) return { effort: effort ?? adaptiveEffort, ...summary };
  return effort && { effort };
}

/**
 * Writes `max_tokens`, `thinking` with a budget, which the oldest models and APIs need, and the effort, which newer ones
 * prefer. A provider's quirk keeps the one that its model accepts. Thinking counts towards `max_tokens`.
 */
export function writeThinking({ reasoning, sampling }: Pick<ChatRequest, 'reasoning' | 'sampling'>): JsonObject {
  const maxTokens = sampling.maxTokens ?? defaultMaxTokens;
  if (!reasoning) return { max_tokens: maxTokens };
  const budget = budgetOf(reasoning, thinkingLimit(reasoning, sampling.maxTokens));
  const effort = wireEffort(reasoning);
  return withoutUndefined({
    max_tokens: maxTokens,
    thinking:
      budget === 0 ? { type: 'disabled' } : budget && { type: 'enabled', budget_tokens: budget, ...display(reasoning) },
    output_config: effort && { effort },
  });
}

/** The upper limit of the thinking budget. A budget set by the client may use all of `max_tokens`, an effort half of it. */
function thinkingLimit({ budgetTokens }: ReasoningOptions, maxTokens: number | undefined): number {
  if (maxTokens === undefined) return defaultMaxTokens - answerRoom;
  return budgetTokens === undefined ? Math.ceil(maxTokens / 2) : maxTokens;
}

/** Newer models hide their thinking unless `display` is set. */
function display({ summary }: ReasoningOptions): JsonObject {
  return summary === undefined || summary === 'none' ? {} : { display: 'summarized' };
}

function wireEffort(reasoning: ReasoningOptions): Effort | undefined {
  const effort = effortOf(reasoning);
  if (effort === 'none') return undefined;
  return effort === 'minimal' ? 'low' : effort;
}
