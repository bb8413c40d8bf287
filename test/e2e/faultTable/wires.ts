import type { DialectId } from '../../../src/canonical/request.ts';

type Json = Record<string, unknown>;

/** What a fault needs to know of a wire format: the events of a short answer, and the answer as a whole. */
export type Wire = {
  protocol: 'openai' | 'responses' | 'anthropic';
  start: string;
  /** A piece of the answer; an empty one is no content. */
  text(text: string): string;
  /** Everything that ends the answer. */
  finish: string;
  whole: Json;
};

export const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const satisfies DialectId[];

const event = (json: Json): string => `event: ${String(json['type'])}\ndata: ${JSON.stringify(json)}\n\n`;
const chunk = (delta: Json, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usage = { input_tokens: 1, output_tokens: 2 };
const item = { type: 'message', id: 'msg_1', role: 'assistant' };
const output = [{ ...item, status: 'completed', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] }];
const response = (more: Json): Json => ({ id: 'resp_1', object: 'response', model: 'm', ...more });
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null };

export const wires: Record<DialectId, Wire> = {
  'openai-chat': {
    protocol: 'openai',
    start: chunk({ role: 'assistant', content: '' }),
    text: (content) => chunk({ content }),
    finish: `${chunk({}, 'stop')}data: [DONE]\n\n`,
    whole: { id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }] },
  },
  'openai-responses': {
    protocol: 'responses',
    start:
      event({ type: 'response.created', response: response({ status: 'in_progress', output: [] }) }) +
      event({ type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } }),
    text: (delta) => event({ type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta }),
    finish: event({
      type: 'response.completed',
      response: response({ status: 'completed', output: [], usage: { ...usage, total_tokens: 3 } }),
    }),
    whole: response({ status: 'completed', output, usage: { ...usage, total_tokens: 3 } }),
  },
  'anthropic-messages': {
    protocol: 'anthropic',
    start:
      event({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } }) +
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    text: (text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    finish:
      event({ type: 'content_block_stop', index: 0 }) +
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }) +
      event({ type: 'message_stop' }),
    whole: { ...message, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn', usage },
  },
}; // prettier-ignore

/** The end of an answer, as each client must get it exactly once. */
export const endMarks: Record<DialectId, RegExp> = {
  'openai-chat': /"finish_reason":"\w+"/g,
  'openai-responses': /^event: response\.(?:completed|failed|incomplete)$/gm,
  'anthropic-messages': /^event: (?:message_stop|error)$/gm,
};
