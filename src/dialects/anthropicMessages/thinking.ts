import type { ChatRequest, Effort, JsonObject, ReasoningOptions } from '../../canonical/request.ts';
import { budgetOf, effortOf, isEffort } from '../../reasoning/effort.ts';
import * as wire from './wire.ts';

/**
 * The limit of a request that names none, which this wire refuses: what Claude Code asks of models that it does not know,
 * so every surface that serves it takes as much. A model with a lower limit needs the transformer `maxtoken`. Tokens.
 */
const defaultMaxTokens = 32_000;

/** What is kept for the answer where CCR chooses how much to think. Tokens. */
const answerRoom = 8192;

/** The effort of adaptive thinking that names none: the API's own default. */
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
 * `max_tokens`, `thinking` and the effort, in the form that the oldest models and surfaces take, with the effort beside
 * it, which others prefer: a provider's quirk keeps what its model wants. Thinking counts towards `max_tokens`.
 */
export function writeThinking({ reasoning, sampling }: Pick<ChatRequest, 'reasoning' | 'sampling'>): JsonObject {
  const maxTokens = sampling.maxTokens ?? defaultMaxTokens;
  if (!reasoning) return { max_tokens: maxTokens };
  const budget = budgetOf(reasoning, thinkingLimit(reasoning, sampling.maxTokens));
  const effort = wireEffort(reasoning);
  return wire.defined({
    max_tokens: maxTokens,
    thinking:
      budget === 0 ? { type: 'disabled' } : budget && { type: 'enabled', budget_tokens: budget, ...display(reasoning) },
    output_config: effort && { effort },
  });
}

/** What thinking must stay below. Who names a budget has reckoned with it; an effort may take half of what there is. */
function thinkingLimit({ budgetTokens }: ReasoningOptions, maxTokens: number | undefined): number {
  if (maxTokens === undefined) return defaultMaxTokens - answerRoom;
  return budgetTokens === undefined ? Math.ceil(maxTokens / 2) : maxTokens;
}

/** Newer models keep their thinking to themselves unless asked to show it. */
function display({ summary }: ReasoningOptions): JsonObject {
  return summary === undefined || summary === 'none' ? {} : { display: 'summarized' };
}

function wireEffort(reasoning: ReasoningOptions): Effort | undefined {
  const effort = effortOf(reasoning);
  if (effort === 'none') return undefined;
  return effort === 'minimal' ? 'low' : effort;
}
