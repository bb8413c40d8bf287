import type { DialectId, JsonObject } from '../../src/canonical/request.ts';

/** A whole reply as the maker of the wire writes it, that is nothing but `text`. */
export function wholeTextReply(wire: DialectId, text: string): JsonObject {
  switch (wire) {
    case 'openai-chat':
      return {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'real-model',
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      };
    case 'openai-responses':
      return {
        id: 'resp_1',
        object: 'response',
        created_at: 1,
        model: 'real-model',
        status: 'completed',
        output: [{ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text }] }],
        usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      };
    case 'anthropic-messages':
      return {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'real-model',
        content: [{ type: 'text', text }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 2 },
      };
    default:
      return wire satisfies never;
  }
}
