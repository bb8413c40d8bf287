import { GatewayError } from '../../canonical/errors.ts';
import type { FinishReason } from '../../canonical/events.ts';
import type { Chunk } from './readChunk.ts';
import { isLengthReason, isModelFault, isRefusalReason } from '../refusalReasons.ts';
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
      // Gemini's, mostly for its terms of use. With text before it, the answer has merely ended.
      return { reason: answered.content || answered.calls ? endOf(answered) : 'content-filter' };
    default:
      if (isLengthReason(raw)) return { reason: 'length' };
      if (isRefusalReason(raw)) return { reason: 'content-filter' };
      if (isModelFault(raw)) return { error: modelFault(raw) };
      return { reason: endOf(answered) };
  }
}

/** Whether clients of this dialect know the reason, or it has to be replaced by `writeFinish`. */
export function isKnownFinish(raw: string): boolean {
  return (
    ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'].includes(raw) ||
    !(isRefusalReason(raw) || isLengthReason(raw))
  );
}

function modelFault(raw: string): GatewayError {
  return new GatewayError('upstream', `The model wrote a tool call that cannot be used: ${raw}.`, { code: raw });
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

/** The refusal that a chunk states beside its choices: of the prompt, or of an answer without text. */
export function refusalIn(chunk: Chunk, answered: boolean): string | undefined {
  const { promptFeedback, prompt_feedback: snake, input_sensitive: input, output_sensitive: output } = chunk;
  const blocked =
    promptFeedback?.blockReason ?? snake?.block_reason ?? promptFeedback?.block_reason ?? snake?.blockReason;
  if (blocked) return `content_filter: ${blocked}`;
  return (input || output) && !answered ? 'sensitive' : undefined;
}
