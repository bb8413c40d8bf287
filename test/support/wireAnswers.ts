import type { DialectId } from '../../src/canonical/request.ts';

type Json = Record<string, unknown>;

/** What a provider of any wire answers, in that wire's own fields. */
export type WireAnswer = {
  /** The text; absent for an answer that has none. */
  text?: string;
  /** `finish_reason`, `stop_reason`, or the reason of an incomplete response. */
  reason?: string;
  /** The usage, unless the provider sends none. */
  usage?: false;
  /** Fields of the whole reply, or of the frame that ends the stream. */
  fields?: Json;
  /** Fields of the message, or of the choice's delta (Chat Completions alone). */
  message?: Json;
  /** Fields of the choice (Chat Completions alone). */
  choice?: Json;
  /** Fields of the choice that has the finish reason (Chat Completions alone). */
  end?: Json;
  /** Content parts (Responses), blocks (Messages) or items instead of the text. */
  parts?: Json[];
};

/** One event of a stream, with its name if it has a type. */
export function frame(json: Json | string): string {
  if (typeof json === 'string') return `data: ${json}\n\n`;
  const name = typeof json['type'] === 'string' ? `event: ${json['type']}\n` : '';
  return `${name}data: ${JSON.stringify(json)}\n\n`;
}

/** The same answer whole, as JSON, or streamed, as event stream text. */
export function writeWireAnswer(wire: DialectId, stream: boolean, answer: WireAnswer): Json | string {
  switch (wire) {
    case 'openai-chat':
      return stream ? chatStream(answer) : chatReply(answer);
    case 'openai-responses':
      return stream ? responseStream(answer) : response(answer);
    case 'anthropic-messages':
      return stream ? messageStream(answer) : message(answer);
    default:
      return wire satisfies never;
  }
}

const counted = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
const tokens = { input_tokens: 5, output_tokens: 3 };

function chatReply({ text, reason = 'stop', usage, fields, message: beside, choice, end }: WireAnswer): Json {
  const said = { role: 'assistant', content: text ?? null, ...beside };
  return {
    id: 'c',
    object: 'chat.completion',
    model: 'real',
    choices: [{ index: 0, message: said, finish_reason: reason, ...choice, ...end }],
    ...(usage !== false && { usage: counted }),
    ...fields,
  };
}

function chatStream({ text, reason = 'stop', usage, fields, message: beside, choice, end }: WireAnswer): string {
  const chunk = (delta: Json, finish: string | null, more: Json = {}): Json => ({
    id: 'c',
    object: 'chat.completion.chunk',
    model: 'real',
    choices: [{ index: 0, delta, finish_reason: finish, ...more }],
  });
  return [
    chunk({ role: 'assistant', content: text ?? null }, null, choice),
    ...(beside ? [chunk({ content: text === undefined ? null : '', ...beside }, null)] : []),
    { ...chunk({}, reason, end), ...fields },
    ...(usage === false ? [] : [{ id: 'c', object: 'chat.completion.chunk', model: 'real', choices: [], usage: counted }]),
    '[DONE]',
  ].map(frame).join(''); // prettier-ignore
}

/** An item for each part that is one, and one message of the others. */
function outputOf({ text, parts }: WireAnswer): Json[] {
  const content = [
    ...(text === undefined ? [] : [{ type: 'output_text', text, annotations: [], logprobs: [] }]),
    ...(parts ?? []).filter((part) => !isItem(part)),
  ];
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content };
  return [...(parts ?? []).filter(isItem), ...(content.length > 0 ? [item] : [])];
}

function isItem({ type }: Json): boolean {
  return /_call$|^reasoning$|^message$/.test(String(type));
}

function response(answer: WireAnswer): Json {
  const { reason, usage, fields } = answer;
  return {
    id: 'resp_1',
    object: 'response',
    model: 'real',
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: outputOf(answer),
    ...(usage !== false && { usage: tokens }),
    ...fields,
  };
}

function responseStream(answer: WireAnswer): string {
  const whole = response(answer);
  const events = outputOf(answer).flatMap((item, index): Json[] => [
    { type: 'response.output_item.added', output_index: index, item: item['type'] === 'message' ? { ...item, content: [] } : item },
    ...(item['type'] !== 'message' || answer.text === undefined
      ? []
      : [{ type: 'response.output_text.delta', output_index: index, content_index: 0, item_id: 'msg_1', delta: answer.text }]),
    { type: 'response.output_item.done', output_index: index, item },
  ]); // prettier-ignore
  const end = whole['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
  const created = { type: 'response.created', response: { id: 'resp_1', object: 'response', model: 'real', status: 'in_progress', output: [] } }; // prettier-ignore
  return [created, ...events, { type: end, response: whole }].map(frame).join('');
}

function blocksOf({ text, parts = [] }: WireAnswer): Json[] {
  return [...(text === undefined ? [] : [{ type: 'text', text }]), ...parts];
}

function message(answer: WireAnswer): Json {
  const { reason = 'end_turn', usage, fields } = answer;
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'real',
    content: blocksOf(answer),
    stop_reason: reason,
    stop_sequence: null,
    ...(usage !== false && { usage: tokens }),
    ...fields,
  };
}

function messageStream(answer: WireAnswer): string {
  const { reason = 'end_turn', usage, fields } = answer;
  const counts = usage === false ? {} : { usage: { input_tokens: 5, output_tokens: 0 } };
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'real', content: [], stop_reason: null, ...counts };
  const blocks = blocksOf(answer).flatMap((block, index): Json[] => [
    { type: 'content_block_start', index, content_block: block['type'] === 'text' ? { type: 'text', text: '' } : block },
    ...(block['type'] === 'text' ? [{ type: 'content_block_delta', index, delta: { type: 'text_delta', text: block['text'] } }] : []),
    ...((block['citations'] as Json[] | undefined) ?? []).map((citation) => ({ type: 'content_block_delta', index, delta: { type: 'citations_delta', citation } })),
    { type: 'content_block_stop', index },
  ]);
  const end = { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null, ...fields }, ...(usage !== false && { usage: { output_tokens: 3 } }) };
  return [{ type: 'message_start', message: head }, ...blocks, end, { type: 'message_stop' }].map(frame).join('');
} // prettier-ignore
