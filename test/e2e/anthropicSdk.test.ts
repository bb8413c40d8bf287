// The official Anthropic SDK against the real gateway, with a chat provider behind it.
import Anthropic, { BadRequestError, NotFoundError, PermissionDeniedError, RateLimitError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { always, chatScript, toolScript } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import type { Outcome } from '../upstream/turn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const model = 'deepseek,deepseek-reasoner';
const hello = { role: 'user' as const, content: 'Hello' };
const reasoning = '15 * 23 = 15 * 20 + 15 * 3 = 300 + 45.';
const answer = '15 * 23 = 345';

let standIn: StandIn;
let gateway: Gateway;
let client: Anthropic;

beforeAll(async () => {
  standIn = await startStandIn({ provider: 'deepseek', script: chatScript(), apiKey: upstreamKey });
  gateway = await startGateway({
    Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
    Router: { default: model, tierRetries: quickRetries },
    Presets: { cool: { route: model, temperature: 0.1 } },
  });
  client = new Anthropic({ baseURL: gateway.url, apiKey: 'anything', maxRetries: 0 });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

describe('messages', () => {
  test('stream(), text and thinking', async () => {
    standIn.play(chatScript());
    const message = await client.messages.stream({ model, max_tokens: 1000, messages: [hello] }).finalMessage();
    expect(message).toMatchObject({ model, stop_reason: 'end_turn', role: 'assistant' });
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: reasoning, signature: '' },
      { type: 'text', text: answer },
    ]);
    expect(message.usage.input_tokens + (message.usage.cache_read_input_tokens ?? 0)).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
  });

  test('create(), under a preset', async () => {
    const preset = new Anthropic({ baseURL: `${gateway.url}/preset/cool`, apiKey: 'anything', maxRetries: 0 });
    const message = await preset.messages.create({ model: 'x', max_tokens: 1000, messages: [hello] });
    expect(message).toMatchObject({ type: 'message', model: 'x', content: [{}, { type: 'text', text: answer }] });
    expect(standIn.requests.at(-1)?.body).toMatchObject({ max_tokens: 1000 });
  });

  test('beta.messages, with a query in the URL', async () => {
    const message = await client.beta.messages.create({ model, max_tokens: 1000, messages: [hello], betas: ['x-1'] });
    expect(message.content.at(-1)).toMatchObject({ type: 'text', text: answer });
  });

  test('a tool loop sends thinking back', async () => {
    standIn.play(toolScript({ city: 'Paris' }, answer));
    const tools = [
      { name: 'weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } },
    ];
    const messages: Anthropic.MessageParam[] = [hello];
    const first = await client.messages.stream({ model, max_tokens: 1000, messages, tools }).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'weather', input: { city: 'Paris' } });
    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'Rain' };
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: [result] });
    const second = await client.messages.stream({ model, max_tokens: 1000, messages, tools }).finalMessage();
    expect(second.content.at(-1)).toMatchObject({ text: answer });
    expect(standIn.requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
    expect(standIn.requests.at(-1)?.replays).toMatchObject([{ received: 'I need the tool.', verbatim: true }]);
  });

  test('a client that disconnects aborts the request to the provider', async () => {
    standIn.play(
      always({ kind: 'stall', turn: { reasoning: '', text: 'A long answer', calls: [] }, afterContentEvents: 2 }),
    );
    const before = standIn.requests.length;
    const stream = client.messages.stream({ model, max_tokens: 1000, messages: [hello] });
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toThrow();
    expect(await (await standIn.request(before)).ended).toBe('client-gone');
  });
});

describe('other endpoints', () => {
  test('count_tokens is an estimate without a provider request', async () => {
    const before = standIn.requests.length;
    const short = await client.messages.countTokens({ model, messages: [hello] });
    const long = await client.messages.countTokens({ model, messages: [hello], system: 'word '.repeat(1000) });
    expect(long.input_tokens - short.input_tokens).toBeGreaterThan(900);
    expect(long.input_tokens - short.input_tokens).toBeLessThan(1100);
    expect(standIn.requests).toHaveLength(before);
    await expect(client.messages.countTokens({ model, messages: [] })).rejects.toThrow(BadRequestError);
  });

  test('models in Anthropic’s form', async () => {
    const ids: string[] = [];
    for await (const { id, type } of client.models.list({ limit: 1000 })) {
      expect(type).toBe('model');
      ids.push(id);
    }
    expect(ids).toEqual(expect.arrayContaining(['auto', 'cool', model, 'deepseek-reasoner']));
  });

  test.each(['/', '/api/hello'])('HEAD %s', async (path) => {
    expect((await fetch(gateway.url + path, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('errors in the SDK', () => {
  const failure = async (outcome: Outcome, headers: Record<string, string> = {}): Promise<unknown> => {
    // A refusal may put the only target on cooldown, so each test starts its own gateway.
    const own = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
      Router: { default: model, tierRetries: quickRetries },
    });
    standIn.play(always(outcome));
    const sdk = new Anthropic({ baseURL: own.url, apiKey: 'anything', maxRetries: 0, defaultHeaders: headers });
    const error: unknown = await sdk.messages
      .create({ model, max_tokens: 9, messages: [hello] })
      .catch((thrown: unknown) => thrown);
    await own.stop();
    return error;
  };

  test('an unknown provider is a 404 that lists the known ones', async () => {
    const error = await client.messages
      .create({ model: 'nobody,nothing', max_tokens: 9, messages: [hello] })
      .catch(String);
    expect(error).toContain('deepseek');
    await expect(client.messages.create({ model: 'nobody,nothing', max_tokens: 9, messages: [hello] })).rejects.toThrow(
      NotFoundError,
    );
  });

  test.each([
    [400, BadRequestError],
    [429, RateLimitError],
  ])('the provider answers %i', async (status, kind) => {
    const error = await failure({ kind: 'refuse', status, message: 'Its own words', headers: { 'retry-after': '7' } });
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain('Its own words');
    if (error instanceof RateLimitError) expect(error.headers?.get('retry-after')).toBe('7');
  });

  test('Claude Code does not retry with a dead key', async () => {
    const agent = { 'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)' };
    expect(await failure({ kind: 'refuse', status: 401, message: 'Dead' }, agent)).toBeInstanceOf(
      PermissionDeniedError,
    );
  });

  test('broken JSON is a 400 in this dialect', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/messages`, { method: 'POST', headers, body: '{ broken' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});
