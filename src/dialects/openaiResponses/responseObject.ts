import type { FinishReason, Usage } from '../../canonical/events.ts';
import type { ChatRequest, JsonObject } from '../../canonical/request.ts';
import type { ReplyContext } from '../dialect.ts';
import { writeTextOptions } from './request.ts';
import { writeToolChoice } from './tools.ts';

/** The request is absent in errors that precede its parsing. */
export type ResponseContext = Omit<ReplyContext, 'request' | 'sealer'> & { request?: ChatRequest | undefined };

export type ResponseState = {
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  output?: JsonObject[] | undefined;
  usage?: Usage | undefined;
  incompleteReason?: string | undefined;
  error?: { code: string; message: string } | undefined;
};

/**
 * Creates the `response` object of events. It echoes the small parameters that the SDK's types require. Tools and instructions,
 * which can be 100 KB and which no client reads back, stay empty.
 */
export function createResponseObject(context: ResponseContext, id: string): (state: ResponseState) => JsonObject {
  const { request } = context;
  const echo = {
    instructions: null,
    metadata: request?.metadata ?? {},
    parallel_tool_calls: request?.parallelToolCalls ?? true,
    temperature: request?.sampling.temperature ?? null,
    top_p: request?.sampling.topP ?? null,
    max_output_tokens: request?.sampling.maxTokens ?? null,
    tool_choice: (request && writeToolChoice(request.toolChoice, request.tools)) ?? 'auto',
    tools: [],
    text: (request && writeTextOptions(request)) ?? { format: { type: 'text' } },
    reasoning: { effort: request?.reasoning?.effort ?? null, summary: request?.reasoning?.summary ?? null },
    previous_response_id: request?.continuation?.previousId ?? null,
    store: request?.continuation?.keep ?? false,
  };
  return ({ status, output = [], usage, incompleteReason, error }) => ({
    id,
    object: 'response',
    created_at: context.createdAt,
    status,
    model: context.model,
    output,
    usage: usage ? writeUsage(usage) : null,
    error: error ?? null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    ...echo,
  });
}

/** Unknown counts are written as 0, since Codex refuses a details object without its count. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens, reasoningTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: cacheReadTokens,
      ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}

/**
 * The status of a reply that ended with `reason`. For Codex it is always `completed`: Codex reports an incomplete response as an
 * error, or retries it and prints the text twice.
 */
export function finalState(
  reason: FinishReason,
  context: ResponseContext,
): Pick<ResponseState, 'status' | 'incompleteReason'> {
  if (context.client === 'codex') return { status: 'completed' };
  switch (reason) {
    case 'length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'content-filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'stop':
    case 'tool-calls':
      return { status: 'completed' };
    default:
      return reason satisfies never;
  }
}
