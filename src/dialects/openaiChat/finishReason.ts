import { GatewayError } from '../../canonical/errors.ts';
import type { FinishReason } from '../../canonical/events.ts';

export type Ending = { reason: FinishReason } | { error: GatewayError };

/** Whether anything came before the finish. */
export type Answered = { content: boolean; calls: boolean };

/** Reads a provider's `finish_reason`. Unknown values count as `stop`. */
export function readFinish(raw: string, answered: Answered): Ending {
  switch (raw.toLowerCase()) {
    case 'length':
    case 'max_tokens':
    case 'max_output_tokens':
      return { reason: 'length' };
    case 'tool_calls':
    case 'tool_use':
    case 'function_call':
      return { reason: 'tool-calls' };
    case 'content_filter':
    case 'sensitive':
    case 'safety':
      return { reason: 'content-filter' };
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
    default:
      // Many providers send `stop` after tool calls (open-webui/computer#224).
      return { reason: answered.calls ? 'tool-calls' : 'stop' };
  }
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
