import { check, emptyAnswer, parseInput, readEvents, unique, unknownBlock } from './answer.ts';
import type { Answer, Counts, Finish, Json, MatrixClient, Question } from './answer.ts';
import { askedModel, imageUrl, prompt, schema, toolOf } from './question.ts';

const finishes: Record<string, Finish> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
};

/** A client of Anthropic's Messages, stricter than its SDK. */
export const messagesClient: MatrixClient = {
  dialect: 'anthropic-messages',
  ask: ({ tools, image, schema: wanted }: Question, stream) => ({
    model: askedModel,
    max_tokens: 4000,
    stream,
    messages: [
      {
        role: 'user',
        content: image
          ? [
              { type: 'text', text: prompt },
              {
                type: 'image',
                source: { type: 'base64', media_type: 'image/png', data: imageUrl.split(',')[1] },
              },
            ]
          : prompt,
      },
    ],
    ...(tools && { tools: tools.map(declare) }),
    ...(wanted && { output_config: { format: { type: 'json_schema', schema } } }),
  }),
  readStream,
  readWhole(text) {
    const body = JSON.parse(text) as Json;
    checkHead(body);
    const answer = emptyAnswer();
    for (const block of body['content'] as Json[]) addBlock(answer, block);
    unique(
      answer.calls.map(({ id }) => id),
      'call ids',
    );
    const refusal = readExplanation(body);
    return { ...answer, refusal, finish: readFinish(body), usage: readUsage(body['usage']) };
  },
  readError: (text) => readErrorObject(JSON.parse(text) as Json),
  asDeclared: ({ kind, name, namespace, input }) => ({
    kind: 'function',
    name: namespace ? `${namespace}__${name}` : name,
    input: kind === 'custom' ? JSON.stringify({ input }) : input,
  }),
};

function declare(name: string): object {
  const { namespace, description, parameters } = toolOf(name);
  return { name: namespace ? `${namespace}__${name}` : name, description, input_schema: parameters };
}

/** Which deltas each block takes, and into which of its fields. */
const deltaFields: Record<string, Record<string, string>> = {
  text: { text_delta: 'text' },
  thinking: { thinking_delta: 'thinking', signature_delta: 'signature' },
  tool_use: { input_json_delta: 'partial_json' },
  // Only Anthropic's own models have these, and only its own clients see them.
  redacted_thinking: {},
  server_tool_use: { input_json_delta: 'partial_json' },
  web_search_tool_result: {},
};

function readStream(text: string): Answer {
  const answer = emptyAnswer();
  const blocks: Json[] = [];
  let open: { block: Json; json: string } | undefined;
  let state: 'before' | 'open' | 'finished' | 'over' = 'before';
  let usage: Json = {};

  function readEvent(type: string, json: Json): void {
    switch (type) {
      case 'message_start':
        check(state === 'before', 'message_start is the first event, once');
        checkHead(json['message']);
        check(json['message']['content'].length === 0, 'a message begins empty');
        usage = { ...json['message']['usage'] };
        state = 'open';
        return;
      case 'content_block_start':
        check(state === 'open' && !open, 'one block is open at a time', json);
        check(json['index'] === blocks.length, 'blocks are numbered without gaps', json);
        open = { block: { ...json['content_block'] }, json: '' };
        checkBegun(open.block);
        return;
      case 'content_block_delta':
        check(Boolean(open) && json['index'] === blocks.length, 'a delta belongs to the open block', json);
        return readDelta(json['delta']);
      case 'content_block_stop':
        check(open !== undefined && json['index'] === blocks.length, 'the open block ends', json);
        if (open.json) open.block['input'] = parseInput(open.json);
        blocks.push(open.block);
        open = undefined;
        return;
      case 'message_delta':
        check(state === 'open' && !open, 'the end comes once, after the last block', json);
        answer.finish = readFinish(json['delta']);
        answer.refusal = readExplanation(json['delta']);
        usage = { ...usage, ...json['usage'] };
        state = 'finished';
        return;
      case 'message_stop':
        check(state === 'finished', 'message_stop follows message_delta');
        state = 'over';
        return;
      default:
        check(false, 'a known event', type);
    }
  }

  function readDelta(delta: Json): void {
    if (!open) return;
    if (delta['type'] === 'citations_delta') return;
    const field = deltaFields[open.block['type']]?.[delta['type']];
    check(field !== undefined, 'the delta is of its block', [open.block, delta]);
    const value: unknown = delta[field];
    check(typeof value === 'string', 'a delta is text', delta);
    if (field === 'partial_json') {
      check(JSON.stringify(open.block['input']) === '{}', 'the input comes once', open.block);
      open.json += value;
    } else open.block[field] = (open.block[field] ?? '') + value;
  }

  for (const { event, data } of readEvents(text)) {
    check(state !== 'over', 'nothing follows the end', data);
    const json = JSON.parse(data) as Json;
    check(json['type'] === event, 'the event is named twice', json);
    if (event === 'error') {
      answer.error = readErrorObject(json);
      state = 'over';
    } else if (event !== 'ping') {
      readEvent(event ?? '', json);
    }
  }
  check(state === 'over', 'a stream ends in message_stop or an error');
  // An error leaves the last block open, but the client has seen its content.
  if (open && open.block['type'] !== 'tool_use') blocks.push(open.block);
  for (const block of blocks) addBlock(answer, block, answer.error !== undefined);
  unique(
    answer.calls.map(({ id }) => id),
    'call ids',
  );
  return answer.error === undefined ? { ...answer, usage: readUsage(usage) } : answer;
}

function checkBegun(block: Json): void {
  const { type } = block;
  if (!Object.hasOwn(deltaFields, type)) unknownBlock(block);
  // Not every provider sends a signature, and SDKs don't require one.
  if (type === 'thinking')
    check(`${block['thinking']}${block['signature'] ?? ''}` === '', 'thinking begins empty', block);
}

function addBlock(answer: Answer, block: Json, cut = false): void {
  switch (block['type']) {
    case 'text':
      check(cut || block['text'] !== '', 'no text is empty: sent back, it would be refused');
      answer.text += block['text'];
      return;
    case 'thinking':
      answer.reasoning += block['thinking'];
      return;
    case 'tool_use':
      check(Boolean(block['id'] && block['name']), 'a call has an id and a name', block);
      if (typeof block['input'] !== 'object' || block['input'] === null) unknownBlock(block);
      answer.calls.push({
        id: block['id'],
        kind: 'function',
        name: block['name'],
        input: JSON.stringify(block['input']),
      });
      return;
    default:
      if (!Object.hasOwn(deltaFields, block['type'])) unknownBlock(block);
  }
}

function checkHead(message: Json): void {
  check(
    message['type'] === 'message' && message['role'] === 'assistant' && Boolean(message['id']),
    'a message',
    message,
  );
  check(message['model'] === askedModel, 'the model is the one that was asked for', message['model']);
  check(Array.isArray(message['content']), 'a message has content', message);
}

function readFinish({ stop_reason: reason }: Json): Finish {
  const finish = finishes[reason];
  check(finish !== undefined, 'a known stop reason', reason);
  return finish;
}

/** The explanation of a refusal by Anthropic's own models, in a relay. Refusals of other models are text on this wire. */
function readExplanation({ stop_details: details }: Json): string {
  return details?.['explanation'] ?? '';
}

/** On this wire, zeros mean that the usage is unknown. */
function readUsage(usage: Json | undefined): Counts | undefined {
  const cached = usage?.['cache_read_input_tokens'] ?? 0;
  const input = (usage?.['input_tokens'] ?? 0) + cached + (usage?.['cache_creation_input_tokens'] ?? 0);
  const output = usage?.['output_tokens'] ?? 0;
  if (input + output === 0) return undefined;
  return { input, output, cached, reasoning: usage?.['output_tokens_details']?.['thinking_tokens'] ?? 0 };
}

function readErrorObject(json: Json): string {
  const { type, error } = json;
  check(type === 'error' && typeof error?.['type'] === 'string', 'an error has a type', json);
  check(typeof error['message'] === 'string' && error['message'] !== '', 'an error has a message', json);
  return error['message'];
}
