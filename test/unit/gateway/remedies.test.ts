// Requests that a provider refuses for a field or a limit, and takes once that is changed.

import { describe, expect, it } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { chatChunk, createGatewayBench, replyWith } from '../../support/gatewayBench.ts';

const urls = {
  chat: 'http://chat.test/v1',
  messages: 'http://messages.test/v1',
  responses: 'http://responses.test/v1',
};
const protocols = { chat: 'openai', messages: 'anthropic', responses: 'responses' } as const;
type Wire = keyof typeof urls;
const wires = ['chat', 'messages', 'responses'] as const;

const config = {
  Providers: wires.map((wire) => ({
    name: wire,
    api_base_url: urls[wire],
    protocol: protocols[wire],
    api_key: 'k',
    models: [`${wire}-model`],
  })),
  Router: { default: 'chat,chat-model', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

const answers: Record<Wire, object> = {
  chat: { object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'OK' }, finish_reason: 'stop' }] }, // prettier-ignore
  messages: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'OK' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } }, // prettier-ignore
  responses: { object: 'response', status: 'completed', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'OK' }] }] }, // prettier-ignore
};

function errorOf(wire: Wire, message: string): object {
  const error = { type: 'invalid_request_error', message };
  return wire === 'messages' ? { type: 'error', error } : { error };
}

/** `refuse` gives the words of a refusal; undefined to answer. */
function play(refuse: (body: JsonObject, wire: Wire) => string | undefined, more: object = {}) {
  const sent: JsonObject[] = [];
  const bench = createGatewayBench({ ...config, ...more }, ({ url, body }) => {
    const wire = wires.find((each) => url.startsWith(urls[each])) ?? 'chat';
    const json = JSON.parse(body) as JsonObject;
    sent.push(json);
    const words = refuse(json, wire);
    if (words !== undefined) return Promise.resolve(replyWith(400, errorOf(wire, words)));
    if (json['stream'] !== true || wire !== 'chat') return Promise.resolve(replyWith(200, answers[wire]));
    return Promise.resolve(replyWith(200, chatChunk({ content: 'OK' }, 'stop')));
  });
  return { bench, sent };
}

const messages = [{ role: 'user', content: 'hi' }];
const bodies: Record<DialectId, JsonObject> = {
  'openai-chat': { messages },
  'openai-responses': { input: 'hi', store: false },
  'anthropic-messages': { messages },
};
const limitNames: Record<DialectId, string> = {
  'openai-chat': 'max_tokens',
  'openai-responses': 'max_output_tokens',
  'anthropic-messages': 'max_tokens',
};
const clients = Object.keys(bodies) as DialectId[];
const pairs = clients.flatMap((dialect) => wires.flatMap((wire) => [false, true].map((stream) => ({ dialect, wire, stream })))); // prettier-ignore

const asked = (body: JsonObject): number =>
  Number(body['max_tokens'] ?? body['max_completion_tokens'] ?? body['max_output_tokens'] ?? 0);

describe.each(pairs)('$dialect to $wire, streamed: $stream', ({ dialect, wire, stream }) => {
  const request = (more: JsonObject = {}) => ({
    dialect,
    body: { ...bodies[dialect], model: `${wire}-model`, stream, [limitNames[dialect]]: 32_000, ...more },
  });

  it('retries with as many tokens as there is room, which does not count as a failure', async () => {
    const { bench, sent } = play((body) =>
      asked(body) + 12_000 > 40_960
        ? `This model's maximum context length is 40960 tokens and your request has 12000 input tokens (${asked(body)} > 40960 - 12000).`
        : undefined,
    );
    const { received, done } = bench.ask(request());
    await done;
    expect(received).toMatchObject({ status: 200 });
    expect(received.text).toContain('OK');
    expect(sent.map(asked)).toEqual([32_000, 28_960]);
    expect(bench.records[0]?.warnings.join()).toContain('can write 28960 tokens to this request');
  });

  it('learns the most that the model writes', async () => {
    const { bench, sent } = play((body) =>
      asked(body) > 8192 ? 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]' : undefined,
    );
    for (const _ of [1, 2]) await bench.ask(request()).done;
    expect(sent.map(asked)).toEqual([32_000, 8192, 8192]);
  });

  it('says by how much a prompt is too long, with the kind that makes the client compact it', async () => {
    const { bench } = play(() => 'maximum context length is 40960 tokens and your request has 41000 input tokens');
    const { received, done } = bench.ask(request());
    await done;
    expect(received.text).toContain('296 tokens too many for a window of 40960');
    expect(bench.records[0]?.attempts.map(({ error }) => error?.kind)).toEqual(['context-length']);
  });
});

it.each([
  [200, 'data: {"error":{"message":"Unknown parameter: \'top_k\'.","type":"invalid_request_error"}}\n\n'],
  [200, { error: { message: "Unknown parameter: 'top_k'.", code: 'unknown_parameter', param: 'top_k' } }],
  [422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'top_k'], msg: 'Extra inputs are not permitted' }] }],
  [500, { error: { message: "litellm.BadRequestError: property 'top_k' is unsupported" } }],
])('a refusal counts in any shape, as a %i too: %j', async (status, refusal) => {
  const sent: JsonObject[] = [];
  const bench = createGatewayBench(config, ({ body }) => {
    const json = JSON.parse(body) as JsonObject;
    sent.push(json);
    return Promise.resolve('top_k' in json ? replyWith(status, refusal) : replyWith(200, answers.chat));
  });
  const body = { model: 'chat-model', messages: [{ role: 'user', content: 'hi' }], top_k: 5 };
  const { received, done } = bench.ask({ dialect: 'openai-chat', body });
  await done;
  expect(received.status).toBe(200);
  expect(sent.map((each) => 'top_k' in each)).toEqual([true, false]);
});

it('a refusal of another key, or of credit, teaches nothing', async () => {
  const sent: JsonObject[] = [];
  const bench = createGatewayBench(config, ({ body }) => {
    sent.push(JSON.parse(body) as JsonObject);
    return Promise.resolve(replyWith(402, { error: { message: "Unknown parameter: 'top_k'." } }));
  });
  const body = { model: 'chat-model', messages: [{ role: 'user', content: 'hi' }], top_k: 5 };
  await bench.ask({ dialect: 'openai-chat', body }).done;
  expect(sent).toHaveLength(1);
});

describe('a field that is refused', () => {
  const tools = [{ name: 'Read', input_schema: { type: 'object', properties: {} } }];

  it('is left out at once and from then on, with a warning', async () => {
    const { bench, sent } = play(({ top_k }) => (top_k === undefined ? undefined : "Unknown parameter: 'top_k'."));
    const ask = { dialect: 'openai-chat' as const, body: { model: 'chat-model', messages, top_k: 5 } };
    for (const _ of [1, 2]) {
      const { received, done } = bench.ask(ask);
      await done;
      expect(received.status).toBe(200);
    }
    expect(sent.map((body) => 'top_k' in body)).toEqual([true, false, false]);
    expect(bench.records.map(({ warnings }) => warnings)).toEqual([
      ['chat,chat-model does not accept top_k: left out of the request.'],
      ['chat,chat-model does not accept top_k: left out of the request.'],
    ]);
  });

  it('may be one of many, refused one after the other', async () => {
    const names = ['a1', 'b2', 'c3', 'd4', 'e5'];
    const { bench, sent } = play((body) => {
      const name = names.find((each) => each in body);
      return name && `Unrecognized request argument supplied: ${name}`;
    });
    const more = Object.fromEntries(names.map((name) => [name, 1]));
    const { received, done } = bench.ask({ dialect: 'openai-chat', body: { model: 'chat-model', messages, ...more } });
    await done;
    expect(received.status).toBe(200);
    expect(sent).toHaveLength(6);
  });

  it('that did not help to leave out is not remembered', async () => {
    const { bench, sent } = play(({ top_k }) => (top_k === undefined ? 'No.' : "Unknown parameter: 'top_k'."));
    const ask = { dialect: 'openai-chat' as const, body: { model: 'chat-model', messages, top_k: 5 } };
    for (const _ of [1, 2]) await bench.ask(ask).done;
    expect(sent.map((body) => 'top_k' in body)).toEqual([true, false, true, false]);
  });

  it.each(['messages', 'tools', 'model'])('is never %s', async (name) => {
    const { bench, sent } = play(() => `Unknown parameter: '${name}'.`);
    const { received, done } = bench.ask({
      dialect: 'anthropic-messages',
      body: { model: 'messages-model', max_tokens: 99, messages, tools },
    });
    await done;
    expect(received.status).toBe(400);
    expect(sent).toHaveLength(1);
  });

  it('is asked for in words where it is the form of the answer', async () => {
    const { bench, sent } = play((body) => 'response_format' in body ? "Unknown parameter: 'response_format'." : undefined); // prettier-ignore
    const format = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } };
    await bench.ask({ dialect: 'openai-chat', body: { model: 'chat-model', messages, response_format: format } }).done;
    expect(JSON.stringify(sent[1]?.['messages'])).toContain('JSON schema');
  });

  it('may be a limit that has another name there', async () => {
    const { bench, sent } = play(({ max_tokens }) =>
      max_tokens === undefined
        ? undefined
        : "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    );
    const body = { model: 'chat-model', messages, max_tokens: 100 };
    for (const _ of [1, 2]) await bench.ask({ dialect: 'openai-chat', body }).done;
    expect(sent.map(({ max_completion_tokens: tokens }) => tokens)).toEqual([undefined, 100, 100]);
  });
});

describe('what else a model refuses', () => {
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Read', input: {} }] };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'text' }] };
  const tools = [{ name: 'Read', input_schema: { type: 'object', properties: {} } }];
  const base = { model: 'messages-model', max_tokens: 8000, tools };
  const thinking = { type: 'enabled', budget_tokens: 4000 };

  it.each([
    [
      'Messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
      { ...base, thinking, messages: [...messages, call, result] },
    ],
    [
      'Thinking may not be enabled when tool_choice forces tool use.',
      { ...base, thinking, messages, tool_choice: { type: 'any' } },
    ],
  ])('thinking: %s', async (words, body) => {
    const { bench, sent } = play(({ thinking: sentThinking }) => (sentThinking ? words : undefined));
    const { received, done } = bench.ask({ dialect: 'anthropic-messages', body });
    await done;
    expect(received.status).toBe(200);
    expect(sent[1]).not.toHaveProperty('thinking');
    expect(bench.records[0]?.warnings.join()).toContain('without thinking');
    // Of this turn alone.
    await bench.ask({ dialect: 'anthropic-messages', body: { ...base, thinking, messages } }).done;
    expect(sent[2]).toHaveProperty('thinking');
  });

  it.each([
    ['chat', 'openai-chat', 'Expected last role User or Tool (or Assistant with prefix True) for serving'],
    [
      'messages',
      'anthropic-messages',
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    ],
    ['messages', 'openai-chat', 'The last message must be a user message'],
  ] as const)('a begun answer at %s from %s', async (wire, dialect, words) => {
    const last = (body: JsonObject): JsonObject => (body['messages'] as JsonObject[]).at(-1) ?? {};
    const { bench, sent } = play((body) => (last(body)['role'] === 'assistant' ? words : undefined));
    const begun = [...messages, { role: 'assistant', content: 'Well' }];
    const ask = { dialect, body: { model: `${wire}-model`, max_tokens: 99, messages: begun } };
    for (const _ of [1, 2]) await bench.ask(ask).done;
    expect(sent.map((body) => last(body)['role'])).toEqual(['assistant', 'user', 'user']);
  });

  it('a forced tool beside thinking that is not in the request', async () => {
    const { bench, sent } = play(({ tool_choice: choice }) =>
      choice === 'required' ? 'Thinking mode does not support this tool_choice' : undefined,
    );
    const chatTools = [
      { type: 'function', function: { name: 'Read', parameters: { type: 'object', properties: {} } } },
    ];
    const body = { model: 'chat-model', messages, tools: chatTools, tool_choice: 'required' };
    await bench.ask({ dialect: 'openai-chat', body }).done;
    expect(sent.map(({ tool_choice: choice }) => choice)).toEqual(['required', 'auto']);
  });

  it.each([
    [
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      'temperature',
    ],
    ['`temperature` and `top_p` cannot both be specified for this model. Please use only one.', 'top_p'],
    ['temperature must be in (0, 1]', 'temperature'],
    ['temperature: Input should be less than or equal to 1', 'temperature'],
  ])('sampling: %s', async (words, name) => {
    const { bench, sent } = play((body) => (name in body ? words : undefined));
    const body = { model: 'chat-model', messages, temperature: 0.2, top_p: 0.9 };
    const { received, done } = bench.ask({ dialect: 'openai-chat', body });
    await done;
    expect(received.status).toBe(200);
    expect(sent[1]).not.toHaveProperty(name);
  });
});

it('the output limit of the config counts before anything is sent, and is no new limit', async () => {
  const [chat, ...others] = config.Providers;
  const limited = { ...chat, model_info: { 'chat-model': { max_output_tokens: 8192 } } };
  const { bench, sent } = play(() => undefined, { Providers: [limited, ...others] });
  for (const dialect of clients)
    await bench.ask({ dialect, body: { ...bodies[dialect], model: 'chat-model', [limitNames[dialect]]: 32_000 } }).done;
  await bench.ask({ dialect: 'openai-chat', body: { ...bodies['openai-chat'], model: 'chat-model' } }).done;
  expect(sent.map((body) => body['max_tokens'])).toEqual([8192, 8192, 8192, undefined]);
});
