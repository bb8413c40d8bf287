// The official openai SDK against a running gateway. Its streaming helpers throw on events that are out of
// order or incomplete, so they check our Responses and Chat streams.
import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { always, chatScript, sequence, toolScript, turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../upstream/standIn.ts';
import type { Outcome } from '../upstream/turn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const reasoning = ' 15 * 23 = 300 + 45.\nIs 3 < 4? 漢字 🙂 ';
const answer = '15 * 23 = 345, and 1 < 2.';
const question = 'What is 15 * 23?';
const providers: { provider: ProviderName; name: string; model: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'minimax', name: 'minimax', model: 'MiniMax-M2.1' },
  { provider: 'kimi', name: 'kimi', model: 'kimi-k2' },
  { provider: 'gemini', name: 'gemini', model: 'gemini-3-pro' },
  { provider: 'ollama', name: 'ollama', model: 'gpt-oss:20b' },
  { provider: 'lmstudio', name: 'lmstudio', model: 'qwen3.5' },
  { provider: 'vllm', name: 'vllm', model: 'qwen3.5' },
  { provider: 'llamacpp', name: 'llama.cpp', model: 'qwen3.5' },
];

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const chatTools: OpenAI.ChatCompletionFunctionTool[] = [
  { type: 'function', function: { name: 'weather', description: 'The weather of a city', parameters, strict: true } },
];
const responsesTools: OpenAI.Responses.FunctionTool[] = [
  { type: 'function', name: 'weather', description: 'The weather of a city', parameters, strict: true },
];
const callArguments = { city: 'Zürich' };

/** One gateway for all providers. */
const shared = { standIns: new Map<ProviderName, StandIn>(), gateway: undefined as Gateway | undefined };
beforeAll(async () => {
  for (const { provider } of providers) {
    const script = chatScript({ reasoning, text: answer });
    shared.standIns.set(provider, await startStandIn({ provider, script, apiKey: upstreamKey }));
  }
  shared.gateway = await startGateway({
    Providers: providers.flatMap(({ provider, name, model }) => {
      const standIn = shared.standIns.get(provider);
      return standIn ? [providerEntry(name, standIn, [model])] : [];
    }),
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
  });
});
afterAll(async () => {
  await shared.gateway?.stop();
  for (const standIn of shared.standIns.values()) await standIn.close();
});

describe.each(providers)('the openai SDK through ccr to $provider', ({ provider, name, model }) => {
  let standIn: StandIn;
  let client: OpenAI;
  const target = `${name},${model}`;

  beforeAll(() => {
    const found = shared.standIns.get(provider);
    if (!found || !shared.gateway) throw new Error(`No stand-in for ${provider}`);
    standIn = found;
    client = sdk(shared.gateway);
  });

  test('responses.stream().finalResponse()', async () => {
    const response = await client.responses.stream({ model: target, input: question }).finalResponse();
    expect(response).toMatchObject({ status: 'completed', output_text: answer, model: target });
    expect(responseReasoning(response)).toBe(reasoning);
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('responses.create()', async () => {
    const response = await client.responses.create({ model: target, input: question });
    expect(response).toMatchObject({ object: 'response', status: 'completed', output_text: answer, model: target });
    expect(responseReasoning(response)).toBe(reasoning);
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('chat.completions.stream().finalChatCompletion()', async () => {
    const stream = client.chat.completions.stream({ model: target, messages: [{ role: 'user', content: question }] });
    let heard = '';
    stream.on('chunk', (chunk) => (heard += reasoningOf(chunk.choices[0]?.delta)));
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: answer } });
    expect(heard).toBe(reasoning);
  });

  test('stream_options.include_usage', async () => {
    const options = { include_usage: true };
    const body = { model: target, messages: [{ role: 'user' as const, content: question }], stream_options: options };
    const completion = await client.chat.completions.stream(body).finalChatCompletion();
    expect(completion.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('chat.completions.create()', async () => {
    const messages = [{ role: 'user' as const, content: question }];
    const completion = await client.chat.completions.create({ model: target, messages, max_tokens: 1000 });
    expect(completion).toMatchObject({ object: 'chat.completion', model: target });
    const message = completion.choices[0]?.message;
    expect(message).toMatchObject({ content: answer });
    expect(reasoningOf(message)).toBe(reasoning);
    expect(completion.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('a tool loop over responses', async () => {
    standIn.play(toolScript(callArguments, answer));
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'How is the weather?' }];
    const body = { model: target, tools: responsesTools, store: false };
    const first = await client.responses.stream({ ...body, input }).finalResponse();
    const call = first.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'weather', arguments: JSON.stringify(callArguments) });
    const output = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: 'Rain' };
    const history = [...input, ...withoutParsed(first.output), output];
    const second = await client.responses.stream({ ...body, input: history }).finalResponse();
    expect(second.output_text).toBe(answer);
    expectVerbatim(standIn, provider);
  });

  // The SDK keeps only the last piece of an unknown field, so it never sends the whole reasoning back.
  test.each([
    ['as the SDK puts it together', (message: OpenAI.ChatCompletionMessage) => message],
    [
      'without its reasoning',
      ({ role, content, tool_calls }: OpenAI.ChatCompletionMessage) => ({ role, content, tool_calls }),
    ],
  ] as const)('a tool loop over chat, passing the turn back %s', async (_how, passBack) => {
    standIn.play(toolScript(callArguments, answer));
    const user = { role: 'user' as const, content: 'How is the weather?' };
    const body = { model: target, tools: chatTools };
    const first = await client.chat.completions.stream({ ...body, messages: [user] }).finalChatCompletion();
    const message = first.choices[0]?.message;
    if (message === undefined) throw new Error('No message');
    const [call] = message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { name: 'weather', arguments: JSON.stringify(callArguments) } });
    const result = { role: 'tool' as const, tool_call_id: call?.id ?? '', content: 'Rain' };
    const history = [user, passBack(message), result] as OpenAI.ChatCompletionMessageParam[];
    const second = await client.chat.completions.stream({ ...body, messages: history }).finalChatCompletion();
    expect(second.choices[0]?.message.content).toBe(answer);
    expectVerbatim(standIn, provider);
  });
});

describe('errors in the SDK', () => {
  let standIn: StandIn;
  let gateway: Gateway;
  let client: OpenAI;
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const model = 'deepseek,deepseek-reasoner';

  beforeAll(async () => {
    standIn = await startStandIn({ provider: 'deepseek', script: chatScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
      Router: { default: model, tierRetries: quickRetries },
    });
    client = sdk(gateway);
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  async function failure(outcome: Outcome): Promise<unknown> {
    standIn.play(always(outcome));
    return client.chat.completions.create({ model, messages }).catch((error: unknown) => error);
  }

  test('an unknown provider is a 404 that lists the known ones', async () => {
    const error = await client.chat.completions
      .create({ model: 'nobody,nothing', messages })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(String(error)).toContain('deepseek');
  });

  test('an unknown bare name goes to the default route', async () => {
    standIn.play(chatScript({ text: answer }));
    const { data, response } = await client.chat.completions.create({ model: 'gpt-9', messages }).withResponse();
    expect(data.choices[0]?.message.content).toBe(answer);
    expect(response.headers.get('x-ccr-route')).toContain('reason=unknown-model');
  });

  test.each([
    [400, BadRequestError],
    [401, AuthenticationError],
    [403, PermissionDeniedError],
    [429, RateLimitError],
    [503, InternalServerError],
  ])('the provider answers %i', async (status, kind) => {
    // A refusal may put the only target on cooldown, so each test starts its own gateway.
    const own = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
      Router: { default: model, tierRetries: quickRetries },
    });
    standIn.play(
      always({ kind: 'refuse', status, message: 'The words of the provider', headers: { 'retry-after': '7' } }),
    );
    const error: unknown = await sdk(own)
      .chat.completions.create({ model, messages })
      .catch((thrown: unknown) => thrown);
    await own.stop();
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain('The words of the provider');
    if (error instanceof RateLimitError) expect(error.headers.get('retry-after')).toBe('7');
  });

  test('an attempt that fails before any content is retried', async () => {
    standIn.play(sequence(always({ kind: 'refuse', status: 500 }), chatScript({ text: answer })));
    const completion = await client.chat.completions.create({ model, messages });
    expect(completion.choices[0]?.message.content).toBe(answer);
  });

  test('an empty answer is retried, and so is an error inside a 200', async () => {
    const inside: Outcome = {
      ...turn({ text: 'x' }),
      kind: 'error-inside',
      afterContentEvents: 0,
      message: 'Overloaded',
    };
    for (const first of [{ kind: 'empty' } as const, inside]) {
      standIn.play(sequence(always(first), chatScript({ text: answer })));
      const completion = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
      expect(completion.choices[0]?.message.content).toBe(answer);
    }
  });

  test.each(['cut', 'error-inside'] as const)(
    'a stream that fails after content (%s) is not taken for an answer',
    async (kind) => {
      standIn.play(always({ ...turn({ text: 'Half an answer' }), kind, afterContentEvents: 2, message: 'Overloaded' }));
      const stream = client.chat.completions.stream({ model, messages });
      await expect(stream.finalChatCompletion()).rejects.toThrow();
      const response = client.responses.stream({ model, input: 'Hello' });
      // The SDK returns a failed response, and throws only for a stream that it can't read.
      const final = await response.finalResponse().catch((thrown: unknown) => thrown);
      expect(final instanceof Error || (final as { status: string }).status === 'failed').toBe(true);
    },
  );

  test("a 400 carries the provider's own message", async () => {
    expect(String(await failure({ kind: 'refuse', status: 400, message: 'Not like this' }))).toContain('Not like this');
  });

  test('broken JSON is a 400', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers, body: '{ broken' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
  });

  test('a client that disconnects aborts the request to the provider', async () => {
    standIn.play(always({ ...turn({ text: 'A long answer' }), kind: 'stall', afterContentEvents: 2 }));
    const before = standIn.requests.length;
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const request = await standIn.request(before);
    expect(await request.ended).toBe('client-gone');
  });
});

// Shows that failures above are the gateway's: the SDK accepts the stand-in's own stream.
test('without ccr, the SDK accepts a Responses stream with reasoning, text and a call', async () => {
  const standIn = await startStandIn({ provider: 'openai-responses', script: toolScript(callArguments) });
  const client = new OpenAI({ baseURL: standIn.url, apiKey: 'anything', maxRetries: 0 });
  const body = { model: 'a-model', input: 'How is the weather?', tools: responsesTools };
  const response = await client.responses.stream(body).finalResponse();
  await standIn.close();
  expect(response.output.map((item) => item.type)).toEqual(['reasoning', 'function_call']);
  expect(responseReasoning(response)).toBe('I need the tool.');
});

function sdk(gateway: Gateway): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'anything', maxRetries: 0 });
}

function reasoningOf(holder: unknown): string {
  const value = (holder as { reasoning_content?: unknown } | undefined)?.reasoning_content;
  return typeof value === 'string' ? value : '';
}

/** Clients send the content back; the summary is for display. */
function responseReasoning(response: OpenAI.Responses.Response): string {
  const items = response.output.filter((item) => item.type === 'reasoning');
  return items
    .flatMap((item) => item.content ?? [])
    .map((part) => part.text)
    .join('');
}

/** Removes `parsed_arguments`, which the SDK adds and the wire does not have. */
function withoutParsed(output: readonly object[]): OpenAI.Responses.ResponseInputItem[] {
  return output.map((item) => {
    const { parsed_arguments: _parsed, ...rest } = item as { parsed_arguments?: unknown };
    return rest as OpenAI.Responses.ResponseInputItem;
  });
}

function expectVerbatim(standIn: StandIn, provider: ProviderName): void {
  expect(standIn.requests.map((request) => request.refusal).filter((text) => text !== undefined)).toEqual([]);
  if (provider === 'glm' || provider === 'kimi') return;
  expect(standIn.requests.at(-1)?.replays).toMatchObject([{ sent: 'I need the tool.', received: 'I need the tool.' }]);
}
