// The official @anthropic-ai/sdk with providers of the other protocols, and Anthropic's own. Its stream helper assembles a
// message block by block and throws on events out of order; its tool runner sends thinking back unchanged.
import Anthropic, { AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { always, chatScript, toolScript } from '../upstream/scripts.ts';
import { startStandIn, type ProviderName, type StandIn } from '../upstream/standIn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const reasoning = ' 15 * 23 = 300 + 45.\nIs 3 < 4? 漢字 🙂 ';
const answer = '15 * 23 = 345, and 1 < 2.';
const toolReasoning = 'I need the tool.';
const place = { city: 'Zürich' };
const user = { role: 'user' as const, content: 'How is it there?' };

const providers: { provider: ProviderName; name: string; model: string; protocol?: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'openai-responses', name: 'azure', model: 'gpt-5', protocol: 'responses' },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', protocol: 'anthropic' },
];

describe.each(providers)('the Anthropic SDK through ccr to $provider', ({ provider, name, model, protocol }) => {
  let standIn: StandIn;
  let gateway: Gateway;
  let client: Anthropic;
  const target = `${name},${model}`;
  const body = {
    model: target,
    max_tokens: 4096,
    thinking: { type: 'enabled' as const, budget_tokens: 2048 },
    messages: [user],
  };
  beforeAll(async () => {
    standIn = await startStandIn({ provider, script: chatScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry(name, standIn, [model], protocol ? { protocol } : {})],
      Router: { default: target, tierRetries: quickRetries },
    });
    client = new Anthropic({ baseURL: gateway.url, apiKey: 'anything', maxRetries: 0 });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  describe('an answer', () => {
    beforeEach(() => standIn.play(chatScript({ reasoning, text: answer })));

    test.each([
      ['messages.create()', () => client.messages.create(body)],
      ['messages.stream().finalMessage()', () => client.messages.stream(body).finalMessage()],
    ])('%s', async (_what, ask) => {
      const message = await ask();
      expect(message).toMatchObject({ type: 'message', role: 'assistant', model: target, stop_reason: 'end_turn' });
      expect(message.content).toMatchObject([
        { type: 'thinking', thinking: reasoning, signature: expect.any(String) },
        { type: 'text', text: answer },
      ]);
      expect(message.usage.input_tokens).toBeGreaterThan(0);
      expect(message.usage.output_tokens).toBeGreaterThan(0);
      expectNoRefusal();
    });

    test('messages.stream() emits thinking and text as they arrive', async () => {
      const stream = client.messages.stream(body);
      const heard = { thinking: '', text: '' };
      stream.on('thinking', (delta) => (heard.thinking += delta)).on('text', (delta) => (heard.text += delta));
      await stream.done();
      expect(heard).toEqual({ thinking: reasoning, text: answer });
    });

    test('messages.countTokens()', async () => {
      const { input_tokens: count } = await client.messages.countTokens({ model: target, messages: [user] });
      expect(count).toBeGreaterThan(0);
    });
  });

  describe('a tool loop', () => {
    beforeEach(() => standIn.play(toolScript(place, answer)));

    const tool: Anthropic.Tool = {
      name: 'weather',
      input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    };

    test.each([
      ['messages.create()', (more: object) => client.messages.create({ ...body, ...more, stream: false })],
      ['messages.stream()', (more: object) => client.messages.stream({ ...body, ...more }).finalMessage()],
    ])('by %s', async (_what, ask) => {
      const first = await ask({ tools: [tool] });
      expect(first.stop_reason).toBe('tool_use');
      const call = first.content.find((block) => block.type === 'tool_use');
      expect(call).toMatchObject({ name: 'weather', input: place });
      const result = { type: 'tool_result', tool_use_id: call?.id, content: 'Rain' };
      const history = [user, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }];
      const second = await ask({ tools: [tool], messages: history });
      expect(second.content.at(-1)).toMatchObject({ type: 'text', text: answer });
      expectReplay();
    });

    test.each([false, true])('by the tool runner (streamed: %s)', async (stream) => {
      const asked: unknown[] = [];
      const runnable = betaZodTool({
        name: 'weather',
        description: 'The weather of a city',
        inputSchema: z.object({ city: z.string() }),
        run: (input) => {
          asked.push(input);
          return 'Rain';
        },
      });
      const message = await client.beta.messages.toolRunner({ ...body, tools: [runnable], stream }).runUntilDone();
      expect(message.content.at(-1)).toMatchObject({ type: 'text', text: answer });
      expect(asked).toEqual([place]);
      expectReplay();
    });

    function expectReplay(): void {
      expectNoRefusal();
      expect(standIn.requests.at(-1)?.replays).toMatchObject([{ sent: toolReasoning, received: toolReasoning }]);
    }
  });

  test('a zod format', async () => {
    standIn.play(chatScript());
    const format = zodOutputFormat(z.object({ verdict: z.enum(['good', 'bad']), count: z.number() }));
    const message = await client.messages.parse({
      model: target,
      max_tokens: 1000,
      messages: [user],
      output_config: { format },
    });
    expect(message.parsed_output).toEqual({ verdict: 'good', count: 1 });
    expectNoRefusal();
  });

  function expectNoRefusal(): void {
    expect(standIn.requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  }
});

describe('errors in the Anthropic SDK', () => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeEach(async () => {
    standIn = await startStandIn({ provider: 'deepseek', script: chatScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
      Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
    });
    return async () => {
      await gateway.stop();
      await standIn.close();
    };
  });
  const failure = (model: string): Promise<unknown> =>
    new Anthropic({ baseURL: gateway.url, apiKey: 'anything', maxRetries: 0 }).messages
      .create({ model, max_tokens: 100, messages: [user] })
      .catch((error: unknown) => error);

  test.each([
    [400, BadRequestError],
    [401, AuthenticationError],
    [429, RateLimitError],
  ])('the provider answers %i', async (status, kind) => {
    standIn.play(always({ kind: 'refuse', status, message: 'The words of the provider' }));
    const error = await failure('auto');
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toContain('The words of the provider');
  });

  test('an unknown provider', async () => {
    expect(await failure('nobody,nothing')).toBeInstanceOf(NotFoundError);
  });
});
