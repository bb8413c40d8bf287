import { check, emptyAnswer, parseInput, readEvents, unique, unknownBlock } from './answer.ts';
import type { Answer, Call, Counts, Json, MatrixClient, Question } from './answer.ts';
import { askedModel, imageUrl, prompt, schema, toolOf } from './question.ts';
import { createItemRules } from './responsesItems.ts';

/** A client of OpenAI Responses that requires what its SDK and Codex require. */
export const responsesClient: MatrixClient = {
  dialect: 'openai-responses',
  ask: ({ tools, image, schema: wanted }: Question, stream) => ({
    model: askedModel,
    stream,
    store: false,
    input: [
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: prompt },
          ...(image ? [{ type: 'input_image', image_url: imageUrl, detail: 'auto' }] : []),
        ],
      },
    ],
    ...(tools && { tools: tools.map(declare) }),
    ...(wanted && { text: { format: { type: 'json_schema', name: 'result', strict: true, schema } } }),
  }),
  readStream,
  readWhole: (text) => readResponse(JSON.parse(text) as Json),
  readError(text) {
    const { error } = JSON.parse(text) as Json;
    check(typeof error?.['message'] === 'string' && error['message'] !== '', 'an error has a message', error);
    check('type' in error && 'code' in error && 'param' in error, 'type, code, param', error);
    return error['message'];
  },
  asDeclared: (call) => call,
};

function declare(name: string): object {
  const { kind, namespace, description, parameters } = toolOf(name);
  if (kind === 'custom') return { type: 'custom', name, description };
  const tool = { type: 'function', name, description, parameters, strict: true };
  return namespace ? { type: 'namespace', name: namespace, description: 'Agents.', tools: [tool] } : tool;
}

const endings = ['response.completed', 'response.incomplete', 'response.failed'];

function readStream(text: string): Answer {
  const items = createItemRules();
  let id: unknown;
  let last: Json | undefined;
  const events = readEvents(text);
  for (const [number, { event, data }] of events.entries()) {
    const json = JSON.parse(data) as Json;
    const type = String(json['type']);
    check(event === type, 'the event is named twice', json);
    check(last === undefined, 'nothing follows the end', json);
    check(json['sequence_number'] === number, 'events are numbered without gaps', json);
    if (type === 'error') {
      check(typeof json['message'] === 'string' && json['message'] !== '', 'an error has a message', json);
      return { ...emptyAnswer(), text: items.text(), error: json['message'] };
    }
    if (number < 2)
      check(type === ['response.created', 'response.in_progress'][number], 'created, then in_progress', type);
    const { response } = json;
    if (!response) {
      items.read(type, json);
      continue;
    }
    id ??= response['id'];
    check(Boolean(id) && response['id'] === id, 'a response keeps its id', response['id']);
    check(response['model'] === askedModel, 'the model is the one that was asked for', response['model']);
    if (endings.includes(type)) {
      check(type === `response.${response['status']}`, 'the event says the status', response['status']);
      last = response;
    } else check(type === 'response.in_progress' || number === 0, 'a known event of the response', type);
  }
  check(last !== undefined, 'a stream ends in completed, incomplete or failed');
  if (last['status'] === 'failed') {
    check(
      Boolean(last['error']?.['code'] && last['error']['message']),
      'a failure has code and message',
      last['error'],
    );
    return { ...emptyAnswer(), text: items.text(), error: last['error']['message'] };
  }
  items.checkEnd(last['output']);
  return readResponse(last);
}

function readResponse(response: Json): Answer {
  check(response['object'] === 'response' && Boolean(response['id']), 'a response has an id', response);
  check(response['model'] === askedModel, 'the model is the one that was asked for', response['model']);
  check(Number.isInteger(response['created_at']), 'created_at is a Unix time');
  const answer = emptyAnswer();
  const output = response['output'] as Json[];
  for (const item of output) addItem(answer, item);
  unique(
    output.map((item) => item['id']),
    'item ids',
  );
  unique(
    answer.calls.map((call) => call.id),
    'call ids',
  );
  const { status, incomplete_details: details, error } = response;
  check(error === null && (status === 'completed') === (details === null), 'status and details agree', response);
  if (status === 'incomplete') answer.finish = details['reason'] === 'content_filter' ? 'content-filter' : 'length';
  else answer.finish = answer.calls.length > 0 ? 'tool-calls' : 'stop';
  return { ...answer, usage: response['usage'] ? readUsage(response['usage']) : undefined };
}

function addItem(answer: Answer, item: Json): void {
  checkPrefix(item);
  switch (item['type']) {
    case 'message':
      for (const part of item['content'] as Json[]) {
        if (part['type'] === 'output_text') answer.text += part['text'];
        else if (part['type'] === 'refusal') answer.refusal += part['refusal'];
        else check(false, 'a known part', part);
      }
      return;
    case 'reasoning': {
      const texts = (parts: Json[] = []): string => parts.map((part) => part['text']).join('');
      answer.reasoning += texts(item['content']) || texts(item['summary']);
      return;
    }
    case 'function_call':
    case 'custom_tool_call':
      answer.calls.push(readCall(item));
      return;
    default:
      check(false, 'a known item', item);
  }
}

/** Codex drops ids of other shapes when it sends an item back. */
const prefixes: Record<string, string> = {
  message: 'msg_',
  reasoning: 'rs_',
  function_call: 'fc_',
  custom_tool_call: 'ctc_',
};

function checkPrefix(item: Json): void {
  const prefix = prefixes[item['type']] ?? unknownBlock(item);
  check(String(item['id']).startsWith(prefix), 'an item id has the prefix of its kind', item);
}

function readCall(item: Json): Call {
  const { type, call_id: id, name, namespace, arguments: given, input } = item;
  check(Boolean(id && name), 'a call has an id and a name', item);
  if (type === 'custom_tool_call') return { id, kind: 'custom', name, ...(namespace && { namespace }), input };
  parseInput(given);
  return { id, kind: 'function', name, ...(namespace && { namespace }), input: given };
}

function readUsage(usage: Json): Counts {
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  check(total === input + output, 'the total is the sum', usage);
  const cached: unknown = usage['input_tokens_details']?.['cached_tokens'];
  const reasoning: unknown = usage['output_tokens_details']?.['reasoning_tokens'];
  // Codex rejects a details object without its count.
  check(typeof cached === 'number' && typeof reasoning === 'number', 'details have their count', usage);
  return { input, output, cached, reasoning };
}
