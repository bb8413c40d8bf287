// The Vercel AI SDK with each of its providers that speak one of our dialects. It validates every reply and event with a
// schema of its own and runs tools by itself. `npm run test:clients` installs it on demand.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { chatScript, toolScript, turn } from '../upstream/scripts.ts';
import { startStandIn, type ProviderName, type StandIn } from '../upstream/standIn.ts';
import type { Script } from '../upstream/turn.ts';
import { loadAiSdk, streamWhole, type AiSdk, type Answer, type Ask } from './aiSdk.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const reasoning = ' 15 * 23 = 300 + 45.\nIs 3 < 4? 漢字 🙂 ';
const answer = '15 * 23 = 345, and 1 < 2.';
const toolReasoning = ['I need the tool.', 'I have what I need.'];
const place = { city: 'Zürich' };

let sdk: AiSdk;
beforeAll(async () => {
  sdk = await loadAiSdk();
  sdk.onWarning((text) => warnings.push(text));
});
/** The SDK's warnings, about its requests and about our replies. */
const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
});

type Options = { baseURL: string; apiKey: string };
/** `reasons`: whether the SDK's provider supports reasoning. Its Chat Completions provider for OpenAI does not. */
type Surface = {
  name: string;
  model: (options: Options) => Ask['model'];
  options?: object;
  reasons: boolean;
  stateless?: boolean;
};
const surfaces: Surface[] = [
  {
    name: 'openai, Responses',
    model: (options) => sdk.createOpenAI(options).responses('auto'),
    reasons: true,
  },
  {
    name: 'openai, Responses, nothing stored',
    model: (options) => sdk.createOpenAI(options).responses('auto'),
    options: { openai: { store: false, include: ['reasoning.encrypted_content'] } },
    reasons: true,
    stateless: true,
  },
  { name: 'openai, Chat', model: (options) => sdk.createOpenAI(options).chat('auto'), reasons: false },
  {
    name: 'openai-compatible',
    model: (options) =>
      sdk.createOpenAICompatible({ ...options, name: 'ccr', includeUsage: true, supportsStructuredOutputs: true })(
        'auto',
      ),
    reasons: true,
  },
  {
    name: 'anthropic',
    model: (options) => sdk.createAnthropic(options)('auto'),
    options: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2048 } } },
    reasons: true,
  },
];

const upstreams: { provider: ProviderName; name: string; model: string; protocol?: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner' },
  { provider: 'glm', name: 'zai', model: 'glm-5' },
  { provider: 'openai-responses', name: 'azure', model: 'gpt-5', protocol: 'responses' },
  { provider: 'anthropic', name: 'anthropic', model: 'claude-sonnet-4-5', protocol: 'anthropic' },
];

/** Answers with JSON, or with the one tool that the SDK's Anthropic provider declares instead for models that it does not know. */
const objectScript: Script = (conversation) => {
  const [tool] = conversation.tools;
  if (tool) return turn({ calls: [{ tool, input: JSON.stringify({ verdict: 'good', count: 1 }) }] });
  return chatScript()(conversation);
};

describe.each(upstreams)('the AI SDK through ccr to $provider', ({ provider, name, model, protocol }) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider, script: chatScript(), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry(name, standIn, [model], protocol ? { protocol } : {})],
      Router: { default: `${name},${model}`, tierRetries: quickRetries },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  describe.each(surfaces)('by $name', ({ name: surface, model: modelOf, options, reasons, stateless = false }) => {
    const ask = (): Ask => ({
      model: modelOf({ baseURL: `${gateway.url}/v1`, apiKey: 'anything' }),
      prompt: 'How is it there?',
      maxRetries: 0,
      ...(options && { providerOptions: options as Record<string, object> }),
    });
    /** Anthropic thinks only on request, which only some of these surfaces send. */
    const thinks = provider !== 'anthropic' || (options !== undefined && 'anthropic' in options);
    const ways: [string, (more?: object) => Promise<Answer>][] = [
      ['generateText()', (more) => sdk.generateText({ ...ask(), ...more })],
      ['streamText()', (more) => streamWhole(sdk, { ...ask(), ...more })],
    ];

    test.each(ways)('%s', async (_what, way) => {
      standIn.play(chatScript({ reasoning, text: answer }));
      const result = await way();
      expect(result).toMatchObject({ text: answer, finishReason: 'stop' });
      if (reasons && thinks) expect(result.reasoningText).toBe(reasoning);
      expect(result.totalUsage.inputTokens).toBeGreaterThan(0);
      expect(result.totalUsage.outputTokens).toBeGreaterThan(0);
      expect(standIn.requests.at(-1)?.refusal).toBeUndefined();
    });

    test.each(ways)('%s with a tool', async (_what, way) => {
      standIn.play(toolScript(place, answer));
      const asked: unknown[] = [];
      const weather = sdk.tool({
        inputSchema: z.object({ city: z.string() }),
        execute: async (input) => {
          asked.push(input);
          return 'Rain';
        },
      });
      const result = await way({ tools: { weather }, stopWhen: sdk.stepCountIs(4) });
      expect(result.text).toBe(answer);
      expect(asked).toEqual([place]);
      expect(result.steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
      if (reasons && thinks) expect(result.steps.map((step) => step.reasoningText)).toEqual(toolReasoning);
      const request = standIn.requests.at(-1);
      expect(request?.refusal).toBeUndefined();
      expect(JSON.stringify(request?.body)).toContain('Rain');
      expect(warnings.filter((text) => /reasoning/i.test(text))).toEqual([]);
      // OpenAI stores its own reasoning; the SDK sends only its id.
      const kept = provider === 'openai-responses' && JSON.stringify(request?.body).includes('"item_reference"');
      if (!kept && thinks && (reasons || provider === 'deepseek'))
        expect(request?.replays).toMatchObject([{ sent: toolReasoning[0], received: toolReasoning[0] }]);
    });

    // With Responses, by default, it sends an id in place of an earlier answer.
    test('a second question', async () => {
      standIn.play(chatScript({ reasoning, text: answer }));
      const { prompt, ...more } = ask();
      const first = [{ role: 'user', content: `${prompt} ${surface}` }];
      const { response } = await sdk.generateText({ ...more, messages: first });
      const messages = [...first, ...response.messages, { role: 'user', content: 'And there?' }];
      expect((await sdk.generateText({ ...more, messages })).text).toBe(answer);
      const request = standIn.requests.at(-1);
      expect(request?.refusal).toBeUndefined();
      // OpenAI stores its own answers.
      const kept = /"item_reference","id":"msg_/.test(JSON.stringify(request?.body));
      if (!kept || provider !== 'openai-responses')
        expect(JSON.stringify(request?.body)).toContain(JSON.stringify(answer).slice(1, -1));
    });

    // Reasoning that is not stored comes back only if it is encrypted; the gateway that remembered it is restarted.
    test.runIf(stateless && provider === 'deepseek')('a tool that outlives the gateway', async () => {
      standIn.play(toolScript(place, answer));
      const weather = sdk.tool({
        inputSchema: z.object({ city: z.string() }),
        execute: async () => {
          await gateway.restart();
          return 'Rain';
        },
      });
      const result = await sdk.generateText({ ...ask(), tools: { weather }, stopWhen: sdk.stepCountIs(4) });
      expect(result.text).toBe(answer);
      const request = standIn.requests.at(-1);
      expect(request?.refusal).toBeUndefined();
      expect(request?.replays).toMatchObject([{ sent: toolReasoning[0], received: toolReasoning[0] }]);
      expect(JSON.stringify(request?.body)).not.toMatch(/ccr\d+:/);
    });

    test('generateObject()', async () => {
      standIn.play(objectScript);
      const schema = z.object({ verdict: z.enum(['good', 'bad']), count: z.number() });
      const { object } = await sdk.generateObject({ ...ask(), schema });
      expect(object).toEqual({ verdict: 'good', count: 1 });
      expect(standIn.requests.at(-1)?.refusal).toBeUndefined();
    });
  });
});
