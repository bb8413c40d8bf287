import { check, emptyAnswer, parseInput, readEvents, unique } from './answer.ts';
import type { Answer, Counts, Finish, Json, MatrixClient, Question } from './answer.ts';
import { askedModel, imageUrl, prompt, schema, toolOf } from './question.ts';

const finishes: Record<string, Finish> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'content-filter',
};

/** A client of Chat Completions, as strict as OpenAI's own SDK. */
export const chatClient: MatrixClient = {
  dialect: 'openai-chat',
  ask: ({ tools, image, schema: wanted }: Question, stream) => ({
    model: askedModel,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    messages: [
      {
        role: 'user',
        content: image
          ? [
              { type: 'text', text: prompt },
              { type: 'image_url', image_url: { url: imageUrl } },
            ]
          : prompt,
      },
    ],
    ...(tools && { tools: tools.map(declare) }),
    ...(wanted && {
      response_format: { type: 'json_schema', json_schema: { name: 'result', strict: true, schema } },
    }),
  }),
  readStream,
  readWhole(text) {
    const body = JSON.parse(text) as Json;
    checkHead(body, 'chat.completion');
    check(body['choices'].length === 1, 'one choice');
    const [{ message, finish_reason: finish }] = body['choices'] as [Json];
    check(message['role'] === 'assistant' && 'content' in message, 'a message has role and content', message);
    const calls = ((message['tool_calls'] ?? []) as Json[]).map(readCall);
    unique(
      calls.map(({ id }) => id),
      'call ids',
    );
    check(!('tool_calls' in message) || calls.length > 0, 'no empty list of calls');
    return {
      text: message['content'] ?? '',
      reasoning: message['reasoning_content'] ?? '',
      refusal: message['refusal'] ?? '',
      calls,
      finish: readFinish(finish),
      usage: body['usage'] && readUsage(body['usage']),
    };
  },
  readError(text) {
    const { error } = JSON.parse(text) as Json;
    return readErrorObject(error);
  },
  asDeclared: ({ kind, name, namespace, input }) =>
    kind === 'custom' ? { kind, name, input } : { kind, name: namespace ? `${namespace}__${name}` : name, input },
};

function declare(name: string): object {
  const { kind, namespace, description, parameters } = toolOf(name);
  if (kind === 'custom') return { type: 'custom', custom: { name, description } };
  return { type: 'function', function: { name: namespace ? `${namespace}__${name}` : name, description, parameters } };
}

function readStream(text: string): Answer {
  const answer = emptyAnswer();
  const events = readEvents(text);
  const heads = new Set<string>();
  const calls: Json[] = [];
  let state = 'before' as 'before' | 'open' | 'finished' | 'counted' | 'over';

  function readChunk(chunk: Json): void {
    checkHead(chunk, 'chat.completion.chunk');
    heads.add(JSON.stringify([chunk['id'], chunk['created'], chunk['model']]));
    check(heads.size === 1, 'all chunks have the same head', [...heads]);
    if (chunk['choices'].length === 0) {
      check(state === 'finished' && Boolean(chunk['usage']), 'a chunk without choices is the usage, after the finish');
      answer.usage = readUsage(chunk['usage']);
      state = 'counted';
      return;
    }
    check(chunk['choices'].length === 1 && chunk['choices'][0]['index'] === 0, 'one choice');
    readChoice(chunk['choices'][0]);
    // Some providers send the usage in the last chunk that has a choice, and the relay keeps it there.
    if (chunk['usage']) answer.usage = readUsage(chunk['usage']);
  }

  function readChoice({ delta, finish_reason: finish }: Json): void {
    check(state === 'before' ? delta['role'] === 'assistant' : !delta['role'], 'the role comes first, once', delta);
    check(state === 'before' || state === 'open', 'nothing follows the finish', delta);
    state = 'open';
    answer.text += delta['content'] ?? '';
    answer.reasoning += delta['reasoning_content'] ?? '';
    answer.refusal += delta['refusal'] ?? '';
    for (const fragment of (delta['tool_calls'] ?? []) as Json[]) extend(calls, fragment);
    if (finish === null) return;
    answer.finish = readFinish(finish);
    state = 'finished';
  }

  for (const { event, data } of events) {
    check(event === undefined, 'events have no name', event);
    check(state !== 'over', 'nothing follows the end', data);
    if (data === '[DONE]') {
      check(state === 'finished' || state === 'counted', '[DONE] follows the finish');
      state = 'over';
      continue;
    }
    const json = JSON.parse(data) as Json;
    if ('error' in json) {
      answer.error = readErrorObject(json['error']);
      state = 'over';
    } else {
      readChunk(json);
    }
  }
  check(state === 'over', 'a stream ends in [DONE] or an error');
  // After an error, calls may be incomplete and must not run.
  if (answer.error === undefined) answer.calls = calls.map(readCall);
  unique(
    answer.calls.map(({ id }) => id),
    'call ids',
  );
  return answer;
}

/** Merges call fragments as OpenAI's SDK does. */
function extend(calls: Json[], fragment: Json): void {
  const { index } = fragment;
  const called = fragment['function'] ?? fragment['custom'];
  if (index === calls.length) {
    check(Boolean(fragment['id'] && fragment['type'] && called?.['name']), 'a call begins with id and name', fragment);
    calls.push({ ...structuredClone(fragment) });
    return;
  }
  check(Number.isInteger(index) && index < calls.length, 'calls are numbered without gaps', fragment);
  check(!fragment['id'] && !called?.['name'], 'id and name come once', fragment);
  const before = calls[index]?.['function'] ?? calls[index]?.['custom'];
  for (const key of ['arguments', 'input']) if (key in called) before[key] = (before[key] ?? '') + called[key];
}

function readCall(call: Json): Answer['calls'][number] {
  check(call['type'] === 'function' || call['type'] === 'custom', 'a call is a function or custom', call);
  check(Boolean(call['id'] && call[call['type']]?.['name']), 'a call has id and name', call);
  if (call['type'] === 'custom')
    return { id: call['id'], kind: 'custom', name: call['custom']['name'], input: call['custom']['input'] };
  const { name, arguments: input } = call['function'];
  parseInput(input);
  return { id: call['id'], kind: 'function', name, input };
}

function checkHead(body: Json, object: string): void {
  check(body['object'] === object && typeof body['id'] === 'string' && body['id'] !== '', 'object and id', body);
  check(Number.isInteger(body['created']), 'created is a Unix time', body['created']);
  check(body['model'] === askedModel, 'the model is the one that was asked for', body['model']);
}

function readFinish(reason: string): Finish {
  const finish = finishes[reason];
  check(finish !== undefined, 'a known finish reason', reason);
  return finish;
}

function readUsage(usage: Json): Counts {
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage;
  check(total === input + output, 'the total is the sum', usage);
  return {
    input,
    output,
    cached: usage['prompt_tokens_details']?.['cached_tokens'] ?? 0,
    reasoning: usage['completion_tokens_details']?.['reasoning_tokens'] ?? 0,
  };
}

function readErrorObject(error: Json): string {
  check(typeof error['message'] === 'string' && error['message'] !== '', 'an error has a message', error);
  check(typeof error['type'] === 'string' && 'code' in error && 'param' in error, 'type, code, param', error);
  return error['message'];
}
