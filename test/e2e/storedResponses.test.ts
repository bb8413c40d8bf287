// The official openai SDK has the gateway store its conversation (previous_response_id) and compact it, while the provider
// is a chat one that stores nothing and requires its reasoning back.
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toolScript } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { StandIn } from '../upstream/standIn.ts';
import { providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: OpenAI.Responses.FunctionTool[] = [{ type: 'function', name: 'weather', parameters, strict: false }];
const model = 'auto';

let standIn: StandIn;
let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  const script = toolScript({ city: 'Zürich' }, 'It rains.');
  standIn = await startStandIn({ provider: 'deepseek', script, apiKey: upstreamKey });
  gateway = await startGateway({
    Providers: [providerEntry('deepseek', standIn, ['deepseek-reasoner'])],
    Router: { default: 'deepseek,deepseek-reasoner', tierRetries: quickRetries },
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(async () => {
  await gateway?.stop();
  await standIn?.close();
});

test.each([false, true])('continues with only the new input (streamed: %s)', async (streamed) => {
  const ask = (body: { input: string | OpenAI.Responses.ResponseInput; previous_response_id?: string }) =>
    streamed
      ? client.responses.stream({ ...body, model, tools }).finalResponse()
      : client.responses.create({ ...body, model, tools });
  const first = await ask({ input: 'What is the weather?' });
  const [call] = first.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
  const second = await ask({
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'rain' }],
  });
  expect(second.output_text).toBe('It rains.');
  const sent = standIn.requests.at(-1);
  expect(sent?.replays).toMatchObject([{ sent: 'I need the tool.', verbatim: true }]);
  expect(standIn.requests.map(({ refusal }) => refusal).filter(Boolean)).toEqual([]);
});

test('returns a stored response until it is deleted', async () => {
  const { id } = await client.responses.create({ model, input: 'Hello' });
  expect(await client.responses.retrieve(id)).toMatchObject({ id, object: 'response', output_text: 'It rains.' });
  await client.responses.delete(id);
  await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError);
  const gone = client.responses.create({ model, input: 'And?', previous_response_id: id });
  await expect(gone).rejects.toThrow(BadRequestError);
  await expect(gone).rejects.toMatchObject({ code: 'previous_response_not_found', param: 'previous_response_id' });
});

test('compacts a conversation, and continues from the result', async () => {
  const compacted = await client.responses.compact({
    model,
    input: [
      { role: 'user', content: 'What is the weather?' },
      { role: 'assistant', content: 'Where?' },
    ],
  });
  expect(compacted.object).toBe('response.compaction');
  expect(compacted.output.map(({ type }) => type)).toEqual(['message', 'compaction']);
  expect(compacted.usage.total_tokens).toBeGreaterThan(0);
  const input = [
    ...(compacted.output as OpenAI.Responses.ResponseInputItem[]),
    { role: 'user', content: 'Zürich.' } as const,
  ];
  await client.responses.create({ model, input });
  expect(JSON.stringify(standIn.requests.at(-1)?.body)).toMatch(/What is the weather\?.*It rains\..*Zürich\./);
});
