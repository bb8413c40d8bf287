import { GatewayError } from '../../canonical/errors.ts';
import type { FinishReason } from '../../canonical/events.ts';
import type { Choice, Chunk } from './readChunk.ts';
import { isLengthReason, isModelFault, isRefusalReason, modelFault } from '../refusalReasons.ts';
import type { ContentSeen } from '../dialect.ts';

export type Finish = { reason: FinishReason } | { error: GatewayError };

/** Reads a provider's `finish_reason`. Unknown values count as `stop`. */
export function readFinish(raw: string, answered: ContentSeen): Finish {
  switch (raw.toLowerCase()) {
    case 'length':
      return { reason: 'length' };
    case 'tool_calls':
    case 'tool_use':
    case 'function_call':
      return { reason: 'tool-calls' };
    case 'model_context_window_exceeded':
      // The answer was cut off part way, or the request was refused before it began (any-llm#1200).
      if (answered.content || answered.calls) return { reason: 'length' };
      return {
        error: new GatewayError('context-length', "The request is longer than the model's context window.", {
          code: raw,
        }),
      };
    case 'error':
    case 'network_error':
    case 'insufficient_system_resource':
    case 'abort':
      return { error: new GatewayError('upstream', `The provider aborted the answer: ${raw}.`, { code: raw }) };
    case 'other':
    case 'image_other':
    case 'no_image':
      // Gemini's, mostly for its terms of use (litellm#40477). With text before it, the answer has merely ended.
      return { reason: answered.content || answered.calls ? endOf(answered) : 'content-filter' };
    default:
      if (isLengthReason(raw)) return { reason: 'length' };
      if (isRefusalReason(raw)) return { reason: 'content-filter' };
      if (isModelFault(raw)) return { error: modelFault(raw) };
      return { reason: endOf(answered) };
  }
}

function endOf({ calls }: ContentSeen): FinishReason {
  // Many providers send `stop` after tool calls (open-webui/computer#224).
  return calls ? 'tool-calls' : 'stop';
}

export function writeFinish(reason: FinishReason): string {
  switch (reason) {
    case 'stop':
    case 'length':
      return reason;
    case 'tool-calls':
      return 'tool_calls';
    case 'content-filter':
      return 'content_filter';
    default:
      return reason satisfies never;
  }
}

/**
 * The finish reason of a choice. Gateways say `stop` or `error` for some reasons that they do not know, and name the provider's
 * own beside it (go-openrouter#43).
 */
export function reasonOf({ finish_reason: reason, native_finish_reason: own }: Choice): string | undefined {
  const isVague = reason === 'stop' || reason === 'error';
  return isVague && own && (isRefusalReason(own) || isLengthReason(own) || isModelFault(own)) ? own : reason;
}

/** The refusal that a chunk states beside its choices: of the prompt, or of an answer without text. */
export function refusalIn(chunk: Chunk, answered: boolean): string | undefined {
  const { promptFeedback, prompt_feedback: snake, input_sensitive: input, output_sensitive: output } = chunk;
  const blocked =
    promptFeedback?.blockReason ?? snake?.block_reason ?? promptFeedback?.block_reason ?? snake?.blockReason;
  if (blocked) return `content_filter: ${blocked}`;
  return (input || output) && !answered ? 'sensitive' : undefined;
}
