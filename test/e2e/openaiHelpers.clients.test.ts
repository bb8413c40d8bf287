// The helpers of the official openai SDK: zod formats and tool runners. They are strict:
// an answer that does not match its schema throws, and so does a stream that is out of order.
import OpenAI from 'openai';
import { ResponsesToolRunner, runnerFunction } from 'openai/helpers/responses-tool-runner';
import { zodFunction, zodResponseFormat, zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { chatScript, toolScript } from '../upstream/scripts.ts';
import { startStandIn, type ProviderName, type StandIn } from '../upstream/standIn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey, type Gateway } from './gateway.ts';

const verdict = z.object({ verdict: z.enum(['good', 'bad']), count: z.number(), notes: z.array(z.string()) });
const fitting = { verdict: 'good', count: 1, notes: [] };
const weather = z.object({ city: z.string() });
const answer = 'It rains in Zürich.';

/** `formats`: the form of a JSON schema on that provider's wire. */
const providers: { provider: ProviderName; name: string; model: string; protocol?: string; formats: string }[] = [
  { provider: 'deepseek', name: 'deepseek', model: 'deepseek-reasoner', formats: 'json_object' },
  { provider: 'glm', name: 'zai', model: 'glm-5', formats: 'json_object' },
  { provider: 'openai-chat', name: 'plain', model: 'gpt-4o', formats: 'json_schema' },
  { provider: 'openai-responses', name: 'azure', model: 'gpt-5', protocol: 'responses', formats: 'json_schema' },
];

describe.each(providers)(
  "openai's helpers through ccr to $provider",
  ({ provider, name, model, protocol, formats }) => {
    let standIn: StandIn;
    let gateway: Gateway;
    let client: OpenAI;
    const target = `${name},${model}`;
    beforeAll(async () => {
      standIn = await startStandIn({ provider, script: chatScript(), apiKey: upstreamKey });
      gateway = await startGateway({
        Providers: [providerEntry(name, standIn, [model], protocol ? { protocol } : {})],
        Router: { default: target, tierRetries: quickRetries },
      });
      client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'anything', maxRetries: 0 });
    });
    afterAll(async () => {
      await gateway?.stop();
      await standIn?.close();
    });

    describe('a zod format', () => {
      beforeEach(() => standIn.play(chatScript()));

      const messages = [{ role: 'user' as const, content: 'Judge this.' }];
      const chatBody = { model: target, messages, response_format: zodResponseFormat(verdict, 'verdict') };
      const responsesBody = {
        model: target,
        input: 'Judge this.',
        text: { format: zodTextFormat(verdict, 'verdict') },
      };

      test('chat.completions.parse()', async () => {
        const completion = await client.chat.completions.parse(chatBody);
        expect(completion.choices[0]?.message.parsed).toEqual(fitting);
        expectFormat();
      });

      test('chat.completions.stream()', async () => {
        const completion = await client.chat.completions.stream(chatBody).finalChatCompletion();
        expect(completion.choices[0]?.message.parsed).toEqual(fitting);
        expectFormat();
      });

      test('responses.parse()', async () => {
        const response = await client.responses.parse(responsesBody);
        expect(response.output_parsed).toEqual(fitting);
        expectFormat();
      });

      test('responses.stream()', async () => {
        const response = await client.responses.stream(responsesBody).finalResponse();
        expect(response.output_parsed).toEqual(fitting);
        expectFormat();
      });
    });

    describe('tool runners', () => {
      const asked: unknown[] = [];
      beforeEach(() => {
        asked.length = 0;
        standIn.play(toolScript({ city: 'Zürich' }, answer));
      });
      const look = (place: unknown): string => {
        asked.push(place);
        return 'Rain';
      };
      const tool = zodFunction({ name: 'weather', parameters: weather, function: look });
      const body = { model: target, messages: [{ role: 'user' as const, content: 'How is it?' }], tools: [tool] };

      test('chat.completions.runTools()', async () => {
        const runner = client.chat.completions.runTools(body);
        expect(await runner.finalContent()).toBe(answer);
        expectLoop();
      });

      test('chat.completions.runTools(), streamed', async () => {
        const runner = client.chat.completions.runTools({ ...body, stream: true });
        expect(await runner.finalContent()).toBe(answer);
        expectLoop();
      });

      test.each([false, true])('a ResponsesToolRunner (streamed: %s)', async (stream) => {
        const declared = zodResponsesFunction({ name: 'weather', parameters: weather, function: look });
        const runner = new ResponsesToolRunner({ functions: [runnerFunction(declared)] });
        const response = await runner.run(client, { model: target, input: 'How is it?' }, { stream });
        expect(response.output_text).toBe(answer);
        expectLoop();
      });

      function expectLoop(): void {
        expect(asked).toEqual([{ city: 'Zürich' }]);
        expect(standIn.requests.at(-1)?.refusal).toBeUndefined();
        expect(JSON.stringify(standIn.requests.at(-1)?.body)).toContain('Rain');
        if (provider !== 'deepseek') return;
        expect(standIn.requests.at(-1)?.replays).toMatchObject([{ received: 'I need the tool.' }]);
      }
    });

    function expectFormat(): void {
      const request = standIn.requests.at(-1);
      expect(request?.refusal).toBeUndefined();
      const { response_format: chat, text } = request?.body ?? {};
      expect(chat ?? (text as { format?: unknown })?.format).toMatchObject({ type: formats });
    }
  },
);
