// The answers that the stand-in provider streams, in each dialect, and the requests that clients send.

export const paths = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
};

/** Prose and code as models write them: quotes, line breaks and angle brackets have to be escaped and looked at. */
const prose =
  'The function returns early when `count < limit`, so the loop never sees an empty list.\n' +
  'const names = items.map((item) => item.name ?? "unnamed");\nRun the tests again, then compare both outputs. ';

/** The part of the prose that starts at `start`, repeated as often as needed. */
export function textOf(length, start = 0) {
  const from = start % prose.length;
  return prose.repeat(Math.ceil((from + length) / prose.length)).slice(from, from + length);
}

/**
 * What a target's model name says about the answer: `s200x35x16` is 200 events, 35 KB and writes of 16 events, `s200x35x1p100`
 * writes of one event with pauses of 100 µs. A gateway passes the name on, so each request chooses its answer, whichever gateway
 * it passes. Without pauses, a gateway that is busy finds several writes in its socket, and has less to do for each than one that
 * waits for every event.
 */
export function shapeName({ events, kilobytes, chunk, pauseMs }) {
  return `s${events}x${kilobytes}x${chunk}${pauseMs > 0 ? `p${Math.round(pauseMs * 1000)}` : ''}`;
}

export function readShape(model) {
  const match = /s(\d+)x(\d+)x(\d+)(?:p(\d+))?$/.exec(model);
  if (!match) throw new Error(`Not a shape: ${model}`);
  const [events, kilobytes, chunk, pauseUs = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  return { events, kilobytes, chunk, pauseMs: pauseUs / 1000 };
}

/** The least length of a delta, in characters. */
export const leastPiece = 6;

/** The events of an answer as frames of text. Its size is met by the length of each delta. */
export function answerFrames(dialect, { events, kilobytes }, model) {
  const make = (length) => {
    const deltas = Array.from({ length: events }, (_, index) => textOf(length, index * length));
    return frames[dialect](deltas, model);
  };
  const sizeOf = (length) => make(length).reduce((total, frame) => total + frame.length, 0);
  const [small, large] = [sizeOf(leastPiece), sizeOf(leastPiece + 100)];
  const length = Math.max(leastPiece, Math.round(leastPiece + ((kilobytes * 1000 - small) / (large - small)) * 100));
  return make(length);
}

const usage = { prompt_tokens: 900, completion_tokens: 200, total_tokens: 1100 };

const frames = {
  chat(deltas, model) {
    const chunk = (choices, more) =>
      data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices, ...more });
    const choice = (delta, finish_reason = null) => chunk([{ index: 0, delta, finish_reason }]);
    return [
      choice({ role: 'assistant', content: '' }),
      ...deltas.map((content) => choice({ content })),
      choice({}, 'stop'),
      chunk([], { usage }),
      'data: [DONE]\n\n',
    ];
  },

  responses(deltas, model) {
    let number = 0;
    const event = (type, more) => named(type, { type, sequence_number: number++, ...more });
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const part = (text) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
    const item = (status, content) => ({ id: 'msg_1', type: 'message', role: 'assistant', status, content });
    const response = (status, output, more) => ({
      response: { id: 'resp_1', object: 'response', created_at: 1, model, status, output, ...more },
    });
    const text = deltas.join('');
    const counted = { input_tokens: 900, output_tokens: 200, total_tokens: 1100 };
    return [
      event('response.created', response('in_progress', [])),
      event('response.in_progress', response('in_progress', [])),
      event('response.output_item.added', { output_index: 0, item: item('in_progress', []) }),
      event('response.content_part.added', { ...place, part: part('') }),
      ...deltas.map((delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] })),
      event('response.output_text.done', { ...place, text, logprobs: [] }),
      event('response.content_part.done', { ...place, part: part(text) }),
      event('response.output_item.done', { output_index: 0, item: item('completed', [part(text)]) }),
      event('response.completed', response('completed', [item('completed', [part(text)])], { usage: counted })),
    ];
  },

  messages(deltas, model) {
    const event = (type, more) => named(type, { type, ...more });
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [] };
    const counted = { input_tokens: 900, output_tokens: 1 };
    return [
      event('message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage: counted } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...deltas.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 200 },
      }),
      event('message_stop', {}),
    ];
  },
};

function data(json) {
  return `data: ${JSON.stringify(json)}\n\n`;
}

function named(name, json) {
  return `event: ${name}\n${data(json)}`;
}

/** Frames joined to the writes of the provider. */
export function joinFrames(all, chunk) {
  return Array.from({ length: Math.ceil(all.length / chunk) }, (_, index) =>
    Buffer.from(all.slice(index * chunk, (index + 1) * chunk).join('')),
  );
}
